"""Ids in records may be any text: none of them leads a call to another place than that of one object."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.records import ADA, a_course, a_group, a_user
from lms_shared.dev.testing.skilljar_academy import OTHER_DOMAIN, Academy

NO_IDS = [".", "..", "?", "#12", "%2e%2e", "a b", "x/../../labels", "../users", f"../../{OTHER_DOMAIN}/users/1"]
MOMENT = "2026-03-01T08:00:00Z"


@pytest.fixture
def academy(academy: Academy) -> Academy:
    """An academy that has what the records mean, but for the id."""
    academy.write("users", a_user())
    academy.write("groups", a_group())
    academy.write("content", a_course())
    return academy


@pytest.mark.parametrize(
    ("object_name", "field", "record"),
    [
        ("group_members", "user_id", {"group_name": "Engineers"}),
        ("group_members", "group_id", {"user_email": ADA}),
        ("assignments", "user_id", {"learning_object_external_reference": "c-1"}),
        ("assignments", "learning_object_id", {"user_email": ADA}),
        ("completions", "user_id", {"learning_object_external_reference": "c-1", "completed_at": MOMENT}),
    ],
)
def test_a_reference_by_what_is_no_id_is_a_reject(
    academy: Academy, object_name: str, field: str, record: dict[str, Any]
) -> None:
    counted = academy.counting()
    for no_id in NO_IDS:  # a sync each: of several at once, a list would be read
        assert academy.rejected(object_name, {**record, field: no_id})["code"] == "REFERENCE.NOT_FOUND", no_id
    assert counted.writes == 0


@pytest.mark.parametrize(
    ("object_name", "record"),
    [("users", {"first_name": "Ada"}), ("groups", {"name": "Engineers"}), ("content", a_course())],
)
def test_an_object_is_not_looked_up_elsewhere(academy: Academy, object_name: str, record: dict[str, Any]) -> None:
    held = academy.sandbox.canonical()
    for no_id in NO_IDS:
        run = academy.try_to_write(object_name, {**record, "id": no_id}, mode="update")
        assert run.error is None, no_id
        assert run.total("rejected") + run.total("unchanged") == 1, no_id
    assert academy.sandbox.canonical() == held


def test_a_learner_of_another_domain_is_out_of_reach(academy: Academy) -> None:
    stranger = academy.add_member("grace.hopper@example.com", OTHER_DOMAIN, first_name="Grace")
    held = academy.sandbox.canonical()
    record = {"id": f"../../{OTHER_DOMAIN}/users/{stranger}", "first_name": "Mallory"}
    assert academy.rejected("users", record, mode="update")["code"] == "REFERENCE.NOT_FOUND"
    assert academy.sandbox.canonical() == held
