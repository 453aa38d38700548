"""Nulls that empty a field, where the connection says so: what Skilljar documents as a clear."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.skilljar_world import World


def clearing(object_name: str, field: str) -> list[dict[str, Any]]:
    return [{"object": object_name, "field": field, "policy": "source_wins", "clear_on_null": True}]


def written_once(academy: Academy, name: str, record: dict[str, Any], field: str) -> bool:
    """Whether a record without the null changes nothing, and with it one write does, and no second one."""
    counted = academy.counting()
    academy.write(name, record, sync_mode="update")
    untouched = counted.writes == 0
    academy.write(name, record, sync_mode="update", field_policies=clearing(name, field))
    cleared = counted.writes == 1
    academy.write(name, record, sync_mode="update", field_policies=clearing(name, field))
    return untouched and cleared and counted.writes == 1


def test_the_end_of_an_enrollment_is_taken_away(academy: Academy) -> None:
    world = World(academy)
    record = {"published_course_id": world.published_course, "user": world.user, "enrolled_at": "2026-01-05"}
    academy.write("published_course_enrollments", {**record, "expires_at": "2030-01-01T00:00:00Z"})
    assert written_once(academy, "published_course_enrollments", {**record, "expires_at": None}, "expires_at")


@pytest.mark.parametrize("nested", [True, False])
def test_the_completion_of_a_lesson_is_taken_back(academy: Academy, nested: bool) -> None:
    world = World(academy)
    name = "user_lesson_progress" if nested else "lesson_progress"
    row = {"user_id": world.enrolled, "lesson": world.followed_lesson}
    key: dict[str, Any] = (
        {**row, "published_course_id": world.published_course} if nested else {"id": world.lesson_progress}
    )
    done, undone = {"completed_at": "2026-02-01T00:00:00Z"}, {"completed_at": None}
    academy.write(name, {**key, **({"lesson_progress": done} if nested else done)}, sync_mode="update")
    record = {**key, **({"lesson_progress": undone} if nested else undone)}
    assert written_once(academy, name, record, "lesson_progress" if nested else "completed_at")


def test_the_access_code_of_a_member_is_removed(academy: Academy) -> None:
    world = World(academy)
    academy.write("domain_users", {"user_id": world.user, "access_code": {"id": world.access_code}}, sync_mode="update")
    assert written_once(academy, "domain_users", {"user_id": world.user, "access_code": None}, "access_code")


def test_the_description_of_a_course_is_emptied(academy: Academy) -> None:
    course = {"external_reference": "c-1", "title": "Python", "content_url": "https://learn.example.com/1"}
    academy.write("content", {**course, "description": "<p>Old</p>"})
    assert written_once(academy, "content", {**course, "description": None}, "description")
    held = academy.row("courses", title="Python")
    assert (held["long_description_html"], held["short_description"]) == ("", "Python")
