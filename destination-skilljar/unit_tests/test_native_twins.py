"""Rows that two objects write, such as learners: what refers to them waits for either, and sees what either wrote."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.records import ADA, a_course, a_user
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.syncs import Stream

pytestmark = pytest.mark.parametrize("batch_size", [1, 100])


def created(academy: Academy, streams: list[Stream], batch_size: int) -> int:
    run = academy.sync(streams, batch_size=batch_size)
    assert (run.error, run.rejects) == (None, [])
    return run.total("created")


def test_a_learner_is_found_whom_a_later_stream_makes_as_member_of_the_domain(
    academy: Academy, batch_size: int
) -> None:
    member = Stream("group_members", [{"group_name": "Engineers", "user_email": ADA}])
    streams = [member, Stream("groups", [{"name": "Engineers"}]), Stream("domain_users", [{"user_email": ADA}])]
    assert created(academy, streams, batch_size) == 3
    assert created(academy, streams, batch_size) == 0


@pytest.mark.parametrize("order", [1, -1])
def test_a_learner_and_the_membership_are_one_row(academy: Academy, batch_size: int, order: int) -> None:
    membership = {"user_email": ADA, "expires_at": "2035-01-01T00:00:00Z"}
    streams = [Stream("users", [a_user()]), Stream("domain_users", [membership])][::order]
    assert created(academy, streams, batch_size) == 1
    (row,) = academy.rows("domain_users")
    assert row["expires_at"] == membership["expires_at"]
    counted = academy.counting()
    assert created(academy, streams, batch_size) == counted.writes == 0


@pytest.mark.parametrize("name", ["assignments", "completions"])
@pytest.mark.parametrize("by", ["learning_object_id", "learning_object_external_reference"])
def test_a_course_is_published_by_a_later_stream(academy: Academy, batch_size: int, name: str, by: str) -> None:
    academy.write("content", a_course("c-1"))
    academy.write("users", a_user())
    (publication,), (course,) = academy.rows("published_courses"), academy.rows("courses")
    academy.admin("DELETE", f"domains/{DOMAIN}/published-courses/{publication['id']}")
    content = course["id"] if by == "learning_object_id" else "c-1"
    link: dict[str, Any] = {"user_email": ADA, by: content}
    if name == "completions":
        link["completed_at"] = "2026-01-01T00:00:00Z"
    streams = [Stream(name, [link]), Stream("published_courses", [{"course_external_reference": "c-1"}])]
    assert created(academy, streams, batch_size) == 2
    assert created(academy, streams, batch_size) == 0
