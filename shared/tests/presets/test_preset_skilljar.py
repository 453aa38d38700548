"""Preset skilljar: what a row of source-skilljar becomes."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from lms_shared.adapter.remote import RecordRejected
from lms_shared.presets import PRESETS
from lms_shared.presets.skilljar import SKILLJAR
from lms_shared.upsert.routing.map import Mapper

Row = dict[str, Any]
user, member, course, published_course, (assignment, completion) = (
    SKILLJAR["users"][0].build,
    SKILLJAR["domain_users"][0].build,
    SKILLJAR["courses"][0].build,
    SKILLJAR["published_courses"][0].build,
    (one.build for one in SKILLJAR["user_course_progress"]),
)


def progress(**fields: Any) -> Row:
    """A learner's progress in a course."""
    return {
        "user_id": "u1",
        "published_course_id": None,
        "enrolled_at": "2026-01-05T08:00:00Z",
        "course": {"id": "c1", "title": "Reporting"},
        "course_progress": fields,
    }


def test_a_learner_is_found_again_by_the_id_of_the_user() -> None:
    row = {"user_id": "u1", "user": {"id": "u1", "email": "ada@example.com", "first_name": "Ada", "last_name": ""}}
    assert user(row) == {"external_reference": "u1", "email": "ada@example.com", "first_name": "Ada"}


@pytest.mark.parametrize("active", [True, False])
def test_a_membership_says_whether_the_learner_is_active(active: bool) -> None:
    made = member({"user": {"id": "u1"}, "active": active})
    assert made is not None
    assert made["active"] is active


def test_a_course_is_content_without_an_address() -> None:
    row = {"id": "c1", "title": "Reporting", "long_description_html": "", "short_description": "In short"}
    wanted = {"external_reference": "c1", "title": "Reporting", "description": "In short", "content_type": "COURSE"}
    assert course(row) == wanted


def test_a_draft_of_a_course_is_left_out() -> None:
    assert course({"id": "c2", "title": "Reporting", "draft_origin_id": "c1"}) is None


@pytest.mark.parametrize("hidden", [True, False])
def test_a_published_course_says_where_it_is_opened_and_whether_it_is_shown(hidden: bool) -> None:
    row = {
        "id": "p1",
        "course": {"id": "c1", "title": "Reporting"},
        "course_url": "https://academy.example.com/reporting",
        "hidden": hidden,
    }
    made = published_course(row)
    assert made is not None
    assert made["external_reference"] == "c1"
    assert made["content_url"] == "https://academy.example.com/reporting"
    assert made["active"] is not hidden


def test_a_publication_that_does_not_say_whether_it_is_hidden_is_a_reject() -> None:
    with pytest.raises(RecordRejected) as caught:
        published_course({"course": {"id": "c1", "title": "Reporting"}, "hidden": None})
    assert (caught.value.code, "hidden" in caught.value.reason) == ("INPUT.MISSING", True)


def test_a_flattened_progress_row_is_a_completion_all_the_same() -> None:
    row = {
        "USER_ID": "u1",
        "COURSE_ID": "c1",
        "COURSE_PROGRESS_COMPLETED_AT": "2026-02-01T08:00:00Z",
        "COURSE_PROGRESS_SUCCESS_STATUS": "PASSED",
        "COURSE_PROGRESS_SCORE": "45",
        "COURSE_PROGRESS_MAX_SCORE": 50,
    }
    assert completion(row) == {
        "user_external_reference": "u1",
        "learning_object_external_reference": "c1",
        "completed_at": "2026-02-01T08:00:00Z",
        "result": "Pass",
        "score": {"percentage": 90.0},
    }


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "pending"),
        ({"completed_lesson_count": 0}, "pending"),
        ({"completed_lesson_count": 2}, "in_progress"),
        ({"completed_lesson_count": 4, "completed_at": "2026-02-01T08:00:00Z"}, "completed"),
    ],
)
def test_every_progress_row_is_an_assignment(fields: Row, status: str) -> None:
    assert assignment(progress(**fields)) == {
        "user_external_reference": "u1",
        "learning_object_external_reference": "c1",
        "assigned_at": "2026-01-05T08:00:00Z",
        "status": status,
    }


def test_a_row_that_is_not_completed_is_no_completion() -> None:
    assert completion(progress(completed_lesson_count=2, score=50, max_score=100)) is None


@pytest.mark.parametrize(
    ("said", "result"), [("PASSED", "Pass"), ("failed", "Fail"), ("UNKNOWN", "UNKNOWN"), (None, None), (7, 7)]
)
def test_the_result_of_a_completion(said: Any, result: str | None) -> None:
    made = completion(progress(completed_at="2026-02-01T08:00:00Z", success_status=said))
    assert made is not None
    assert made.get("result") == result


@pytest.mark.parametrize(
    ("score", "most", "wanted"),
    [
        (85, 100, {"percentage": 85.0}),
        (2, 3, {"percentage": 66.67}),
        (0, 10, {"percentage": 0.0}),
        (12, None, {"raw_value": 12}),
        (12, 0, {"raw_value": 12}),
        (12, 10, {"raw_value": 12}),
        ("A", 10, {"raw_value": "A"}),
        (None, 100, None),
    ],
)
def test_the_score_of_a_completion_is_a_share_of_the_highest(score: Any, most: Any, wanted: Row | None) -> None:
    made = completion(progress(completed_at="2026-02-01T08:00:00Z", score=score, max_score=most))
    assert made is not None
    assert made.get("score") == wanted


@pytest.mark.parametrize("junk", [{}, {"user": None, "course": 7, "course_progress": "x"}, {"course": []}])
@pytest.mark.parametrize("stream", PRESETS["skilljar"])
def test_rows_of_any_shape_are_mapped_without_an_error(stream: str, junk: Row) -> None:
    for target in PRESETS["skilljar"][stream]:
        with contextlib.suppress(RecordRejected):
            made = target.build(junk)
            assert made is None or isinstance(made, dict)


def become(stream: str, row: Row) -> dict[str, Row]:
    return {one.object_name: dict(one.values) for one in Mapper(SKILLJAR[stream]).map(row)}


def test_groups_and_their_members_become_groups_and_members() -> None:
    assert become("groups", {"id": "g-1", "name": "Partners"}) == {
        "groups": {"external_reference": "g-1", "name": "Partners"}
    }
    below_group = {"group_id": "g-1", "user_id": "u-1", "user": {"id": "u-1", "email": "ada@example.com"}}
    assert become("group_users", below_group)["group_members"] == {
        "user_external_reference": "u-1",
        "user_email": "ada@example.com",
        "group_external_reference": "g-1",
    }
    below_user = {"user_id": "u-1", "id": "m-1", "group": {"id": "g-1", "name": "Partners"}}
    assert become("user_groups", below_user)["group_members"] == {
        "user_external_reference": "u-1",
        "group_external_reference": "g-1",
        "group_name": "Partners",
    }


def test_a_published_path_becomes_content_and_its_enrollments_assignments_and_completions() -> None:
    path = {"id": "p-1", "path": {"title": "First steps"}, "path_url": "https://a.example.com/path/p", "hidden": True}
    assert become("published_paths", path)["content"] == {
        "external_reference": "p-1",
        "title": "First steps",
        "content_url": "https://a.example.com/path/p",
        "content_type": "PATH",
        "active": False,
    }
    row = {
        "user_id": "u-1",
        "published_path_id": "p-1",
        "enrolled_at": "2026-01-01T00:00:00Z",
        "active": True,
        "published_path_progress": {"completed_at": None, "completed_course_count": 1},
    }
    started = become("user_path_enrollments", row)
    assert set(started) == {"assignments"}
    assert started["assignments"]["status"] == "in_progress"
    done = {**row, "published_path_progress": {"completed_at": "2026-02-01T00:00:00Z"}}
    assert become("user_path_enrollments", done)["completions"]["learning_object_external_reference"] == "p-1"


def test_a_course_of_a_path_is_listed_in_what_the_path_has_become() -> None:
    row = {"published_path_id": "p-1", "order": 2, "published_course": {"id": "pc-1", "course_id": "c-1"}}
    wanted = {"collectionRef": "p-1", "contentRef": "c-1", "order": 2}
    assert become("published_path_items", row) == {"collection_items": wanted}


def enrolled(**fields: Any) -> Row:
    """A row of enrollments."""
    ids = {"id": "e1", "student_id": "u1", "course_id": "c1", "published_course_id": "p1"}
    return {**ids, "enrolled_at": "2026-01-05T08:00:00Z", "progress_status": "not_started", **fields}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, "pending"),
        ({"progress_status": "In_Progress"}, "in_progress"),
        ({"progress_status": "completed", "completed_at": "2026-02-01T08:00:00Z"}, "completed"),
        ({"progress_status": "paused"}, "paused"),
    ],
)
def test_an_enrollment_is_an_assignment_with_its_deadline(fields: Row, status: str) -> None:
    made = SKILLJAR["enrollments"][0].build(enrolled(due_at="2026-03-01T00:00:00Z", active=False, **fields))
    assert made == {
        "user_external_reference": "u1",
        "learning_object_external_reference": "c1",
        "assigned_at": "2026-01-05T08:00:00Z",
        "due_date": "2026-03-01T00:00:00Z",
        "status": status,
    }


@pytest.mark.parametrize(
    ("success", "result"),
    [("passed", "Pass"), ("FAILED", "Fail"), ("pending", None), ("not_applicable", None), (None, None), ("odd", "odd")],
)
def test_a_completed_enrollment_is_a_completion(success: str | None, result: str | None) -> None:
    row = enrolled(completed_at="2026-02-01T08:00:00Z", success_status=success, score=9, max_score=10)
    made = SKILLJAR["enrollments"][1].build(row)
    assert isinstance(made, dict)
    assert (made.get("result"), made["completed_at"], made["score"]) == (
        result,
        "2026-02-01T08:00:00Z",
        {"percentage": 90.0},
    )
    assert SKILLJAR["enrollments"][1].build(enrolled()) is None


def test_an_enrollment_whose_course_nobody_knows_is_a_reject() -> None:
    with pytest.raises(RecordRejected) as caught:
        SKILLJAR["enrollments"][0].build(enrolled(course_id=None))
    assert caught.value.code == "INPUT.MISSING"
