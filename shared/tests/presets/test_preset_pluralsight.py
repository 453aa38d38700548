"""Preset `pluralsight`: what the streams of the source become."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.adapter.remote import RecordRejected
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model.reading import read_record
from lms_shared.presets.pluralsight import PLURALSIGHT
from lms_shared.upsert.routing.map import Mapper

OBJECTS = declarations()
COURSE: dict[str, Any] = {
    "id": "guid-1",
    "idNum": 17,
    "slug": "intro",
    "title": "Intro",
    "description": "All of it.",
    "shortDescription": "Some of it.",
    "url": "/library/courses/intro",
    "courseSeconds": 8124,
    "level": "Beginner",
    "language": "en",
    "authors": ["Ada Lovelace"],
    "image": {"url": "https://img.example.com/1.png"},
    "courseStatus": {"name": "Active", "replacementCourseId": None},
    "tags": {
        "superDomain": "Software",
        "domain": None,
        "audience": "Developers",
        "primaryAtomic": {"name": "Python"},
        "topics": ["Python", "Basics"],
        "tools": [],
        "audiences": None,
    },
}
PROGRESS: dict[str, Any] = {
    "psUserId": "ps-1",
    "courseId": "guid-1",
    "user": {"email": "ada@example.com"},
    "percentComplete": 40,
    "isCourseCompleted": False,
    "firstViewedClipOn": "2026-01-01T00:00:00Z",
    "completedOn": None,
    "totalWatchedSeconds": 90,
}


def become(stream: str, data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one.object_name: dict(one.values) for one in Mapper(PLURALSIGHT[stream]).map(data)}


def test_a_course_becomes_content() -> None:
    assert become("course_catalog", COURSE) == {
        "content": {
            "external_reference": "guid-1",
            "title": "Intro",
            "description": "All of it.",
            "content_url": "https://app.pluralsight.com/library/courses/intro",
            "cover_url": "https://img.example.com/1.png",
            "content_type": "COURSE",
            "active": True,
            "duration": "PT2H15M24S",
            "languages": ["en"],
            "tags": ["Software", "Developers", "Python", "Basics"],
            "authors": ["Ada Lovelace"],
            "provider": "Pluralsight",
            "additional_data": {"level": "Beginner", "slug": "intro"},
        }
    }


@pytest.mark.parametrize(
    ("state", "active"),
    [("Active", True), ("Retired", False), ("REMOVED", False), (" retired ", False), ("Beta", True)],
)
def test_a_retired_or_removed_course_is_inactive(state: str | None, active: bool | None) -> None:
    content = become("course_catalog", {**COURSE, "courseStatus": {"name": state}})["content"]
    assert content.get("active") is active


def test_a_retired_course_names_its_replacement() -> None:
    status = {"name": "Retired", "replacementCourseId": "guid-2 <b>"}
    content = become("course_catalog", {**COURSE, "courseStatus": status})["content"]
    assert content["description"] == (
        "All of it.\n\nThis course is retired. It is replaced by course guid-2 &lt;b&gt;."
    )
    alone = become("course_catalog", {"id": "1", "courseStatus": status})["content"]
    assert alone["description"].startswith("This course is retired.")
    offered = become("course_catalog", {**COURSE, "courseStatus": {**status, "name": "Active"}})["content"]
    assert offered["description"] == "All of it."


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("/library/courses/x", "https://app.pluralsight.com/library/courses/x"),
        ("library/courses/x", "https://app.pluralsight.com/library/courses/x"),
        ("https://other.example.com/x", "https://other.example.com/x"),
        ("", None),
        (None, None),
    ],
)
def test_a_relative_address_becomes_absolute(url: str | None, address: str | None) -> None:
    assert become("course_catalog", {**COURSE, "url": url})["content"].get("content_url") == address


def test_a_short_description_stands_in_for_a_missing_one() -> None:
    assert become("course_catalog", {**COURSE, "description": None})["content"]["description"] == "Some of it."


def test_null_objects_leave_their_fields_out() -> None:
    bare = {**dict.fromkeys(COURSE), "id": "guid-1", "title": "Intro", "courseStatus": {"name": "Active"}}
    assert become("course_catalog", bare) == {
        "content": {
            "external_reference": "guid-1",
            "title": "Intro",
            "content_type": "COURSE",
            "active": True,
            "provider": "Pluralsight",
        }
    }


def test_a_path_becomes_content_and_what_is_no_path_is_left_out() -> None:
    row = {"contentType": "path", "contentId": "p-1", "title": "Path", "pathName": "/paths/p", "status": "Active"}
    content = become("content_catalog", row)["content"]
    assert content["external_reference"] == "p-1"
    assert content["content_url"] == "https://app.pluralsight.com/paths/p"
    assert "duration" not in content
    assert "content_url" not in become("content_catalog", {**row, "pathName": "Some path"})["content"]
    for other in ("COURSE", "LAB", 7):
        assert become("content_catalog", {**row, "contentType": other}) == {}


@pytest.mark.parametrize(("on_account", "active"), [(True, True), (False, False)])
def test_a_former_user_is_inactive(on_account: bool, active: bool) -> None:
    row = {"psUserId": "ps-1", "email": "ada@example.com", "firstName": "Ada", "isOnAccount": on_account}
    user = become("users", row)["users"]
    assert (user["external_reference"], user["email"], user["first_name"]) == ("ps-1", "ada@example.com", "Ada")
    assert user.get("active") is active


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"percentComplete": 0}, "pending"),
        ({"percentComplete": None}, "pending"),
        ({"percentComplete": 1}, "in_progress"),
        ({"isCourseCompleted": True, "completedOn": "2026-02-01T00:00:00Z"}, "completed"),
    ],
)
def test_progress_becomes_an_assignment_with_its_status(change: dict[str, Any], status: str | None) -> None:
    assignment = become("course_progress", {**PROGRESS, **change})["assignments"]
    assert assignment.get("status") == status
    assert assignment["user_external_reference"] == "ps-1"
    assert assignment["user_email"] == "ada@example.com"
    assert assignment["learning_object_external_reference"] == "guid-1"
    assert assignment["assigned_at"] == "2026-01-01T00:00:00Z"


def test_only_completed_progress_becomes_a_completion_without_a_result_of_our_making() -> None:
    assert "completions" not in become("course_progress", PROGRESS)
    done = {**PROGRESS, "isCourseCompleted": True, "completedOn": "2026-02-01T00:00:00Z"}
    assert become("course_progress", done)["completions"] == {
        "user_external_reference": "ps-1",
        "user_email": "ada@example.com",
        "learning_object_external_reference": "guid-1",
        "completed_at": "2026-02-01T00:00:00Z",
        "time_spent": "PT1M30S",
    }


def test_a_completion_without_its_moment_is_no_completion_of_today() -> None:
    completion = become("course_progress", {**PROGRESS, "isCourseCompleted": True})["completions"]
    problem = read_record(OBJECTS["completions"], completion, strict=True).problem
    assert problem is not None
    assert problem.code == "INPUT.MISSING"


@pytest.mark.parametrize("value", ["perhaps", 2, [], {}])
def test_whether_a_course_is_completed_is_never_read_into_another_type(value: Any) -> None:
    with pytest.raises(RecordRejected) as caught:
        become("course_progress", {**PROGRESS, "isCourseCompleted": value})
    assert caught.value.code == "INPUT.TYPE"


JUNK = [None, "", "junk", 7, -1, 1.5, float("nan"), 10**400, True, [], [None, 7], {}, {"name": 7}, {"topics": "ab"}]


@pytest.mark.parametrize("stream", PLURALSIGHT)
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_in_any_field_is_mapped_or_rejected_and_never_breaks_the_preset(stream: str, junk: Any) -> None:
    whole = {**COURSE, **PROGRESS, "contentType": "PATH", "contentId": "p", "status": "Active", "email": "a@b.c"}
    for name in (*whole, "pathName", "imageUrl", "firstName", "isOnAccount"):
        with contextlib.suppress(RecordRejected):
            for one in Mapper(PLURALSIGHT[stream]).map({**whole, name: junk}):
                read_record(OBJECTS[one.object_name], one.values, strict=True)


@pytest.mark.parametrize("seconds", ["an hour", -1, float("nan"), True])
def test_a_length_that_is_none_is_named(seconds: Any) -> None:
    content = become("course_catalog", {**COURSE, "courseSeconds": seconds})["content"]
    problem = read_record(OBJECTS["content"], content, strict=True).problem
    assert problem is not None
    assert "duration" in problem.reason


def test_tags_are_names_and_never_the_letters_of_one() -> None:
    tags = {"topics": "Python", "tools": {"a": 1}, "audiences": 7, "superDomain": ["x"]}
    assert become("course_catalog", {**COURSE, "tags": tags})["content"]["tags"] == ["Python"]


@pytest.mark.parametrize(
    ("stream", "row", "missing"),
    [
        ("course_catalog", {**COURSE, "courseStatus": None}, "courseStatus.name"),
        ("course_catalog", {**COURSE, "courseStatus": {"name": None}}, "courseStatus.name"),
        ("course_catalog", {**COURSE, "id": ""}, "id"),
        ("content_catalog", {"contentType": "PATH", "contentId": "p", "title": "P", "status": None}, "status"),
        ("content_catalog", {"contentType": None, "contentId": "p"}, "contentType"),
        ("users", {"psUserId": "ps-1", "email": "a@b.c", "isOnAccount": None}, "isOnAccount"),
        ("course_progress", {**PROGRESS, "isCourseCompleted": None}, "isCourseCompleted"),
        ("course_progress", {**PROGRESS, "courseId": None}, "courseId"),
    ],
)
def test_a_row_without_what_decides_is_a_reject_by_name(stream: str, row: dict[str, Any], missing: str) -> None:
    with pytest.raises(RecordRejected) as caught:
        become(stream, row)
    assert (caught.value.code, missing in caught.value.reason) == ("INPUT.MISSING", True)


def lower(row: dict[str, Any]) -> dict[str, Any]:
    """A row as a warehouse with lower-case columns keeps it: objects as JSON text."""
    return {name.lower(): json.dumps(one) if isinstance(one, dict | list) else one for name, one in row.items()}


def upper(row: dict[str, Any]) -> dict[str, Any]:
    return {name.upper(): one for name, one in lower(row).items()}


def flattened(row: dict[str, Any], above: str = "") -> dict[str, Any]:
    """A row whose objects are taken apart into columns."""
    flat: dict[str, Any] = {}
    for name, one in row.items():
        flat |= flattened(one, f"{above}{name}_") if isinstance(one, dict) else {f"{above}{name}".lower(): one}
    return flat


@pytest.mark.parametrize("spelled", [lower, upper, flattened])
@pytest.mark.parametrize(
    ("stream", "row"),
    [
        ("course_catalog", COURSE),
        ("course_catalog", {**COURSE, "courseStatus": {"name": "Retired", "replacementCourseId": "guid-2"}}),
        ("content_catalog", {"contentType": "PATH", "contentId": "p-1", "title": "Path", "status": "Retired"}),
        ("users", {"psUserId": "ps-1", "email": "a@b.c", "firstName": "Ada", "isOnAccount": False}),
        ("course_progress", PROGRESS),
        ("course_progress", {**PROGRESS, "isCourseCompleted": True, "completedOn": "2026-02-01T00:00:00Z"}),
    ],
)
def test_what_passed_through_a_warehouse_is_the_same(
    spelled: Callable[[dict[str, Any]], dict[str, Any]], stream: str, row: dict[str, Any]
) -> None:
    assert become(stream, spelled(row)) == become(stream, row)


PERSON: dict[str, Any] = {
    "psUserId": "ps-1",
    "email": "ada@example.com",
    "isOnAccount": True,
    "teams": {
        "edges": [
            {"isDirect": True, "node": {"id": "t-1", "name": "Engines"}},
            {"isDirect": False, "node": {"id": "t-0", "name": "All"}},
            {"isDirect": None, "node": {"id": "t-2", "name": "Notes"}},
        ]
    },
}


def test_a_team_becomes_a_group_and_its_direct_members_become_members() -> None:
    assert become("teams", {"id": "t-1", "name": "Engines", "parentTeamId": "t-0"}) == {
        "groups": {"external_reference": "t-1", "name": "Engines"}
    }
    members = [dict(one.values) for one in Mapper(PLURALSIGHT["users"]).map(PERSON) if one.object_name != "users"]
    person = {"user_external_reference": "ps-1", "user_email": "ada@example.com"}
    assert members == [
        {**person, "group_external_reference": "t-1", "group_name": "Engines"},
        {**person, "group_external_reference": "t-2", "group_name": "Notes"},
    ]


@pytest.mark.parametrize("teams", [None, {}, {"edges": None}, {"edges": [None]}, "no teams"])
def test_a_user_without_readable_teams_is_a_user_all_the_same(teams: Any) -> None:
    assert [one.object_name for one in Mapper(PLURALSIGHT["users"]).map({**PERSON, "teams": teams})] == ["users"]


def test_teams_that_passed_through_a_warehouse_as_json_text_are_the_same() -> None:
    flat = {**{name.lower(): value for name, value in PERSON.items()}, "teams": json.dumps(PERSON["teams"])}
    assert Mapper(PLURALSIGHT["users"]).map(flat) == Mapper(PLURALSIGHT["users"]).map(PERSON)


def test_a_skill_assessment_becomes_content() -> None:
    row = {"id": "a-1", "name": "Python", "state": "retired", "imageUrl": "https://img.example.com/a.png"}
    assert become("skill_assessment_catalog", row)["content"] == {
        "external_reference": "a-1",
        "title": "Python",
        "cover_url": "https://img.example.com/a.png",
        "content_type": "ASSESSMENT",
        "active": False,
        "provider": "Pluralsight",
    }


def test_only_a_current_result_becomes_a_completion_and_no_level_a_score() -> None:
    row = {
        "psUserId": "ps-1",
        "skillAssessmentId": "a-1",
        "isCurrentScore": True,
        "completedOn": "2026-05-01T00:00:00Z",
        "quintileLevel": "expert",
    }
    assert become("skill_assessment_results", row)["completions"] == {
        "user_external_reference": "ps-1",
        "learning_object_external_reference": "a-1",
        "completed_at": "2026-05-01T00:00:00Z",
    }
    assert become("skill_assessment_results", {**row, "isCurrentScore": False}) == {}


@pytest.mark.parametrize(
    ("stream", "known", "missing"),
    [
        ("channels", {"id", "description", "ownerPsUserId"}, {"name"}),
        ("skill_assessment_results", {"id", "psUserId", "isCurrentScore", "completedOn"}, {"skillAssessmentId"}),
    ],
)
def test_a_stream_whose_schema_lacks_what_its_object_needs_names_the_field(
    stream: str, known: set[str], missing: set[str]
) -> None:
    assert {name for one in PLURALSIGHT[stream] for name in one.lacks(known)} == missing
