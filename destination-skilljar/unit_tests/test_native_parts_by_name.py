"""What the API gives no name of its own is named by what it belongs to: parts of a page, seats, registrations."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lms_shared.dev.testing.records import a_course
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream

Row = dict[str, Any]
ADA = "ada@example.com"
PAGE = {"catalog_page_slug": "start"}
TILES = {"content_block_order": 2, "content_block_type": "TILE_SECTION"}
SESSION = {"display_name": "Live", "starts_at": "2035-01-01T09:00:00Z"}
WHOLE: dict[str, tuple[str, list[Row]]] = {
    "catalog_pages": ("append", [{"slug": "start", "page_title": "Start", "is_classic": False}]),
    "catalog_page_content_blocks": (
        "append",
        [{**PAGE, "order": number, "type": kind} for number, kind in ((1, "HTML"), (2, "TILE_SECTION"), (3, "HTML"))],
    ),
    "catalog_page_html_blocks": (
        "update",
        [
            {**PAGE, "content_block_order": number, "content_block_type": "HTML", "html": f"<p>No. {number}</p>"}
            for number in (1, 3)
        ],
    ),
    "catalog_page_tile_containers": (
        "update",
        [{**PAGE, **TILES, "header_text": "Our courses"}],
    ),
    "catalog_page_tiles": ("append", [{**PAGE, **TILES, "published_course_title": "Python"}]),
    "courses": (
        "append",
        [{"title": "Python", "short_description": "All of it", "enforce_sequential_navigation": False}],
    ),
    "published_courses": ("append", [{"course_title": "Python"}]),
    "lessons": ("append", [{"course_title": "Python", "title": "Meet", "type": "VILT", "order": 1}]),
    "ilt_sessions": (
        "append",
        [
            {
                "course_title": "Python",
                "lesson_title": "Meet",
                "instructor_email": "tess@example.com",
                "ends_at": "2035-01-01T10:00:00Z",
                "timezone": "Europe/Amsterdam",
                **SESSION,
            }
        ],
    ),
    "domain_users": ("append", [{"user_email": ADA}]),
    "published_course_enrollments": ("append", [{"published_course_title": "Python", "user_email": ADA}]),
    "vilt_session_registrations": (
        "append",
        [
            {
                "course_title": "Python",
                "lesson_title": "Meet",
                **{f"ilt_session_{name}": value for name, value in SESSION.items()},
                "user_email": ADA,
            }
        ],
    ),
    "license_packages": ("append", [{"name": "Team", "domain_name": "academy.example.com", "license_count": 5}]),
    "license_package_seats": ("append", [{"license_package_name": "Team", "user_email": ADA}]),
}
RECORDS = sum(len(records) for _, records in WHOLE.values())


def streams(names: list[str]) -> list[Stream]:
    return [Stream(name, WHOLE[name][1], WHOLE[name][0]) for name in names]


def totals(run: Run) -> Row:
    assert (run.error, run.rejects) == (None, [])
    names = ("created", "updated", "unchanged")
    return {name: run.total(name) for name in names if run.total(name)}


@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("seed", range(4))
def test_parts_are_made_and_filled_by_one_sync_from_records_that_know_no_id_in_any_order(
    academy: Academy, seed: int, batch_size: int
) -> None:
    names = random.Random(seed).sample(list(WHOLE), len(WHOLE))
    assert totals(academy.sync(streams(names), batch_size=batch_size)) == {"created": RECORDS - 3, "updated": 3}
    assert {row["html"] for row in academy.rows("html_blocks")} == {"<p>No. 1</p>", "<p>No. 3</p>"}
    (container,) = academy.rows("tile_containers")
    (tile,) = academy.rows("tile_items")
    assert (container["header_text"], tile["tile_container_id"]) == ("Our courses", container["id"])
    user = academy.user(ADA)["id"]
    (registration,) = academy.rows("vilt_registrations")
    (seat,) = academy.rows("license_seats")
    assert (registration["user_id"], seat["student_id"]) == (user, user)
    counted = academy.counting()
    assert totals(academy.sync(streams(names), batch_size=batch_size)) == {"unchanged": RECORDS}
    assert counted.writes == 0


@pytest.mark.parametrize("seed", range(2))
def test_a_dry_run_plans_what_the_sync_does(academy: Academy, seed: int) -> None:
    names = random.Random(seed).sample(list(WHOLE), len(WHOLE))
    counted = academy.counting()
    assert totals(academy.sync(streams(names), dry_run=True)) == {"created": RECORDS - 3, "updated": 3}
    assert counted.writes == 0


@pytest.mark.parametrize(
    ("name", "record", "code", "said"),
    [
        ("catalog_page_tiles", {**PAGE, "content_block_order": 2}, "INPUT.MISSING", "content_block_type"),
        (
            "catalog_page_tiles",
            {**PAGE, "content_block_order": 1, "content_block_type": "HTML"},
            "REFERENCE.NOT_FOUND",
            "tile_container_content_block_id",
        ),
        (
            "catalog_page_tiles",
            {**PAGE, "content_block_order": 7, "content_block_type": "TILE_SECTION"},
            "REFERENCE.NOT_FOUND",
            "content block",
        ),
        (
            "catalog_page_tiles",
            {**PAGE, "content_block_order": "second", "content_block_type": "TILE_SECTION"},
            "INPUT.TYPE",
            "content_block_order",
        ),
        ("vilt_session_registrations", {"ilt_session_starts_at": "soon"}, "INPUT.FORMAT", "ilt_session_starts_at"),
        ("license_package_seats", {"license_package_name": "Team", "user_email": "no@example.com"}, None, "user"),
        ("vilt_session_registrations", {"user_email": "bob@example.com"}, None, "not enrolled in the session's course"),
        ("vilt_session_registrations", {"user_email": "no@example.com"}, None, "user"),
    ],
)
def test_a_name_that_fits_nothing_is_told_before_any_write(
    academy: Academy, name: str, record: Row, code: str | None, said: str
) -> None:
    academy.sync(streams(list(WHOLE)))
    academy.write("users", {"email": "bob@example.com"})
    whole = {**WHOLE[name][1][0], **record} if name != "catalog_page_tiles" else record
    if name == "catalog_page_tiles":
        whole = {"published_course_title": "Python", **record}
    counted = academy.counting()
    reject = academy.rejected(name, whole)
    assert reject["code"] == (code or "REFERENCE.NOT_FOUND")
    assert said in reject["reason"] + reject["remedy"]
    assert counted.writes == 0


@pytest.mark.parametrize("named", [{"published_path_slug": "all-of-it"}, {"title": "All of it"}])
def test_a_path_is_named_by_its_publication_or_title(academy: Academy, named: Row) -> None:
    texts = {**named, "short_description": "In short"}
    published = {"slug": "all-of-it", "path": {"title": "All of it"}}
    given = [Stream("paths", [texts], "update"), Stream("published_paths", [published])]
    if "title" in named:
        academy.write("published_paths", published)
    assert academy.sync(given).rejects == []
    assert [row["short_description"] for row in academy.rows("paths")] == ["In short"]
    counted = academy.counting()
    assert totals(academy.sync(given)) == {"unchanged": 2}
    assert counted.writes == 0


@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("seed", range(3))
def test_a_learner_is_named_by_a_reference_that_skilljar_does_not_keep_and_enrolled_by_the_same_sync(
    academy: Academy, seed: int, batch_size: int
) -> None:
    learner, course = {"user_external_reference": "e-1"}, {"course_external_reference": "c-1"}
    session = {**course, "lesson_title": "Meet", **{f"ilt_session_{name}": value for name, value in SESSION.items()}}
    live = {**WHOLE["ilt_sessions"][1][0], **course}
    given = [
        Stream("users", [{"email": ADA, "external_reference": "e-1"}]),
        Stream("license_packages", WHOLE["license_packages"][1]),
        Stream("license_package_seats", [{"license_package_name": "Team", **learner}]),
        Stream("content", [a_course("c-1", "Python")]),
        Stream("lessons", [{**course, "title": "Meet", "type": "VILT", "order": 7}]),
        Stream("ilt_sessions", [{name: value for name, value in live.items() if name != "course_title"}]),
        Stream("vilt_session_registrations", [{**session, **learner}]),
        Stream("assignments", [{**learner, "learning_object_external_reference": "c-1"}]),
    ]
    random.Random(seed).shuffle(given)
    assert totals(academy.sync(given, batch_size=batch_size)) == {"created": 8}
    counted = academy.counting()
    assert totals(academy.sync(given, batch_size=batch_size)) == {"unchanged": 8}
    assert counted.writes == 0
