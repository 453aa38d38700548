"""Objects of the API refer to each other by what people know them by, in any order, also within one sync."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from destination_skilljar import native
from destination_skilljar.content import web_packages
from lms_shared.destination.discovery import operations
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.testing.records import a_course, a_user
from lms_shared.dev.testing.skilljar_academy import DOMAIN, OTHER_DOMAIN, Academy
from lms_shared.dev.testing.skilljar_world import World
from lms_shared.dev.testing.syncs import Run, Stream, last_states, messages

Row = dict[str, Any]
OpenAcademy = Callable[..., Academy]

COURSE = {"title": "Python", "short_description": "All of it", "enforce_sequential_navigation": False}
WHOLE_COURSE: dict[str, list[Row]] = {
    "assets": [{"name": "Handbook", "content_url": "https://files.example.com/handbook.pdf"}],
    "quizzes": [{"name": "Final test", "html": "<p>Ready?</p>"}],
    "quiz_questions": [
        {"quiz_name": "Final test", "html": f"<p>Question {number}</p>", "type": "FREEFORM"} for number in (1, 2)
    ],
    "courses": [COURSE],
    "lessons": [
        {"course_title": "Python", "title": "Read", "type": "ASSET", "order": 1, "asset_name": "Handbook"},
        {"course_title": "Python", "title": "Parts", "type": "MODULAR", "order": 2},
        {"course_title": "Python", "title": "Test", "type": "QUIZ", "order": 3, "quiz_name": "Final test"},
    ],
    "lesson_content_items": [
        {
            "course_title": "Python",
            "lesson_title": "Parts",
            "header": "Again",
            "order": 1,
            "type": "ASSET",
            "asset_name": "Handbook",
        }
    ],
    "published_courses": [{"course_title": "Python"}],
    "tags": [{"name": "Beginners"}],
    "published_course_tags": [{"published_course_title": "Python", "tag_name": "Beginners"}],
    "published_paths": [{"slug": "all-of-python", "path": {"title": "All of Python"}}],
    "published_path_items": [
        {"published_path_slug": "all-of-python", "published_course_title": "Python", "order": 1},
    ],
    "domain_users": [{"user_email": "ada@example.com"}],
    "published_course_enrollments": [
        {"published_course_title": "Python", "user_email": "Ada@Example.com", "enrolled_at": "2026-01-01T00:00:00Z"}
    ],
}
"""A course with all that belongs to it, from a source that knows no id of Skilljar's."""
TABLES = {
    "questions": "quiz_questions",
    "content_items": "lesson_content_items",
    "path_items": "published_path_items",
    "course_enrollments": "published_course_enrollments",
    **{
        name: name for name in ("assets", "quizzes", "courses", "lessons", "published_courses", "published_course_tags")
    },
    **{name: name for name in ("tags", "published_paths", "domain_users")},
}
"""Tables of the organization, and the objects that fill them."""


@pytest.fixture(autouse=True)
def _no_polling_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_packages, "POLL_WAIT", 0.0)


def streams(names: Iterable[str]) -> list[Stream]:
    return [Stream(name, WHOLE_COURSE[name]) for name in names]


def totals(run: Run) -> Row:
    assert run.error is None, run.error
    names = ("created", "updated", "unchanged", "rejected")
    return {name: run.total(name) for name in names if run.total(name)}


def counts(academy: Academy) -> Row:
    return {name: len(academy.rows(name)) for name in TABLES}


LESSON = {"title": "Read", "type": "HTML", "order": 9}
ITEM = {"published_path_slug": "all-of-python", "order": 1}
EACH_ONCE = {table: len(WHOLE_COURSE[name]) for table, name in TABLES.items()}
RECORDS = sum(map(len, WHOLE_COURSE.values()))
ORDERS = {
    "as they depend on each other": list(WHOLE_COURSE),
    "the other way round": list(reversed(WHOLE_COURSE)),
    **{f"shuffled {seed}": random.Random(seed).sample(list(WHOLE_COURSE), len(WHOLE_COURSE)) for seed in range(3)},
}


@pytest.mark.sweep(kept=3)
@pytest.mark.parametrize("batch_size", [1, 100])
@pytest.mark.parametrize("order", ORDERS)
def test_a_whole_course_is_made_by_one_sync_from_records_that_know_no_id_in_any_order(
    academy: Academy, order: str, batch_size: int
) -> None:
    run = academy.sync(streams(ORDERS[order]), batch_size=batch_size)
    assert (totals(run), run.rejects) == ({"created": RECORDS}, [])
    assert counts(academy) == EACH_ONCE
    course, asset, quiz = (academy.rows(name)[0]["id"] for name in ("courses", "assets", "quizzes"))
    assert [row["content_asset_id"] for row in academy.rows("lessons") if row["title"] == "Read"] == [asset]
    assert [row["content_quiz_id"] for row in academy.rows("lessons") if row["title"] == "Test"] == [quiz]
    assert {row["course_id"] for row in academy.rows("lessons")} == {course}
    counted = academy.counting()
    assert totals(academy.sync(streams(ORDERS[order]), batch_size=batch_size)) == {"unchanged": RECORDS}
    assert counted.writes == 0


def test_a_dry_run_plans_a_whole_course_without_a_write(academy: Academy) -> None:
    counted = academy.counting()
    run = academy.sync(streams(reversed(WHOLE_COURSE)), dry_run=True)
    assert (totals(run), counted.writes) == ({"created": RECORDS}, 0)


@pytest.mark.sweep
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_whole_course_whose_sync_dies_at_any_write_is_made_once_by_the_next_sync(
    open_academy: OpenAcademy, moment: str
) -> None:
    given = streams(ORDERS["shuffled 0"])
    for write in itertools.count(1):
        academy = open_academy()
        died = dying_at(academy, write, moment, given)
        since = last_states(died)
        run = academy.sync(given, messages(given, state_every=1, since=since), batch_size=2)
        assert (run.error, run.rejects) == (None, [])
        assert counts(academy) == EACH_ONCE, f"died {moment} write {write}"
        if died.error is None:
            assert write > RECORDS / 2
            return


def dying_at(academy: Academy, number: int, moment: str, given: list[Stream]) -> Run:
    """A sync of which nothing comes through any more from a write on."""

    def hook(event: WriteEvent) -> None:
        if event.number >= number and event.phase == moment:
            academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

    academy.server.requests.reset()
    academy.server.on_write = hook
    run = academy.sync(given, messages(given, state_every=1), batch_size=2, num_workers=1)
    academy.server.on_write = None
    academy.server.faults = FaultPlan()
    return run


def test_an_id_wins_over_a_name(academy: Academy) -> None:
    world = World(academy)
    academy.write("courses", COURSE)
    academy.write("lessons", {"course_id": world.course, "course_title": "Python", **LESSON})
    assert [row["course_id"] for row in academy.rows("lessons")] == [world.course]


def test_a_name_that_fits_several_is_a_reject_with_the_candidates(academy: Academy) -> None:
    courses = {academy.add_course("Python", published=False) for _ in range(2)}
    line = academy.rejected("lessons", {"course_title": "Python", **LESSON})
    assert (line["code"], {one["id"] for one in line["candidates"]}) == ("REFERENCE.AMBIGUOUS", courses)


def test_content_is_named_by_its_external_reference_also_where_the_same_sync_makes_it(academy: Academy) -> None:
    given = [
        Stream("published_path_items", [{**ITEM, "published_course_external_reference": "c-1"}]),
        Stream("lessons", [{"course_external_reference": "c-1", **LESSON}]),
        Stream("published_paths", [{"slug": "all-of-python", "path_title": "All of Python"}]),
        Stream("content", [a_course("c-1", "Python")]),
    ]
    assert totals(academy.sync(given)) == {"created": 4}
    (path_item,) = academy.rows("path_items")
    assert path_item["published_course_id"] == academy.publication("Python")["id"]
    counted = academy.counting()
    assert totals(academy.sync(given)) == {"unchanged": 4}
    assert counted.writes == 0


def test_content_is_named_by_its_title_also_where_that_was_looked_for_in_vain_before(academy: Academy) -> None:
    given = [Stream("lessons", [{"course_title": "Python", **LESSON}]), Stream("content", [a_course("c-1", "Python")])]
    assert totals(academy.sync(given, batch_size=1)) == {"created": 2}


def test_people_and_groups_are_named_by_a_reference_that_the_lms_has_no_place_for(academy: Academy) -> None:
    given = [
        Stream("group_users", [{"group_external_reference": "g-1", "user_external_reference": "e-1"}]),
        Stream("groups", [{"name": "Engineers", "external_reference": "g-1"}]),
        Stream("users", [a_user("ada@example.com", external_reference="e-1")]),
    ]
    assert totals(academy.sync(given)) == {"created": 3}
    assert [row["user_id"] for row in academy.rows("group_users")] == [academy.user("ada@example.com")["id"]]


def test_a_publication_and_a_member_of_another_domain_are_found_there(academy: Academy) -> None:
    course = academy.add_course("Python", published=False)
    academy.admin("POST", f"domains/{OTHER_DOMAIN}/published-courses", {"course": {"id": course}})
    user = academy.add_member("ada@example.com", OTHER_DOMAIN)
    enrollment = {
        "domain_name": OTHER_DOMAIN,
        "published_course_title": "Python",
        "user_email": "ada@example.com",
        "enrolled_at": "2026-01-01T00:00:00Z",
    }
    academy.write("published_course_enrollments", enrollment)
    assert [row["user_id"] for row in academy.rows("course_enrollments")] == [user]
    line = academy.rejected("published_course_enrollments", {**enrollment, "domain_name": DOMAIN})
    assert line["code"] == "REFERENCE.NOT_FOUND"


def test_lists_of_ids_take_the_names_of_what_they_hold_too(academy: Academy) -> None:
    world = World(academy)
    other = academy.admin("POST", "groups", {"name": "Engineers"})["id"]
    code = {
        "training_credit_code": "T-1",
        "credits_total": 5,
        "available_to_all_students": False,
        "student_groups": [world.group, "Engineers"],
        "available_for_all_offers": False,
        "offers": ["A published course"],
    }
    assert world.course
    academy.write("training_credit_codes", code)
    (row,) = academy.rows("training_credit_codes")
    assert set(row["student_groups"]) == {world.group, other}
    counted = academy.counting()
    academy.write("training_credit_codes", {**code, "student_groups": ["Engineers", world.group]})
    assert counted.writes == 0


def test_a_lesson_moves_to_its_order_also_where_its_course_is_known_by_title(academy: Academy) -> None:
    academy.write("courses", COURSE)
    first, second = ({"course_title": "Python", **LESSON, "title": title} for title in ("One", "Two"))
    academy.write("lessons", {**first, "order": 1}, {**second, "order": 2})
    academy.write("lessons", {**first, "order": 2}, {**second, "order": 1})
    assert {row["title"]: row["order"] for row in academy.rows("lessons")} == {"One": 2, "Two": 1}


def test_what_only_the_dashboard_makes_is_named_too(academy: Academy) -> None:
    world = World(academy)
    academy.add_member("ada@example.com")
    plan = academy.row("plans", id=world.plan)
    field = academy.row("signup_fields", id=world.signup_field)
    value = {"user_email": "ada@example.com", "signup_field_label": field["label"], "value": "Gent"}
    for name in ("plan_name", "plan_slug"):
        chosen = {name: plan[name.removeprefix("plan_")], "user_email": "ada@example.com"}
        academy.write("plan_enrollments", chosen)
    academy.write("domain_user_signup_fields", value)
    assert [row["plan_id"] for row in academy.rows("plan_enrollments")] == [world.plan]
    assert [row["value"] for row in academy.rows("signup_values")] == ["Gent"]
    counted = academy.counting()
    academy.write("domain_user_signup_fields", value)
    assert counted.writes == 0
    line = academy.rejected("plan_enrollments", {"plan_name": "Nothing", "user_email": "ada@example.com"})
    assert line["code"] == "REFERENCE.NOT_FOUND"


@pytest.mark.parametrize("name", ["plans", "signup_fields"])
def test_what_only_the_dashboard_makes_is_refused_as_an_object_and_not_offered(academy: Academy, name: str) -> None:
    run = academy.try_to_write(name, {"id": "1"})
    assert "cannot be written" in str(run.error)
    assert name not in {one["object_name"] for one in operations(native.declarations().values())}
