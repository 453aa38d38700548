"""Inactive content is closed, not only hidden; active again it has the access that was before, and no more."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.records import a_course
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy, Row

TITLE = "Reading Python"
STAMP = "ext:airbyte:c-1"
MARK = f"closed:airbyte:{DOMAIN}:hidden=0,strict=0"
ACTIVE, INACTIVE = a_course(active=True), a_course(active=False)
OPEN, CLOSED = (False, False), (True, True)


def access(academy: Academy) -> tuple[bool, bool]:
    """`hidden` and the strict setting of the course's publication."""
    publication = academy.publication(TITLE)
    return bool(publication["hidden"]), bool(publication["strict_enforce_group_visibility"])


def labels(academy: Academy) -> list[str]:
    held: list[str] = academy.course(TITLE)["labels"]
    return sorted(held)


def set_access(academy: Academy, hidden: bool, strict: bool) -> None:
    publication: Row = academy.publication(TITLE)
    academy.edit("published_courses", publication["id"], hidden=hidden, strict_enforce_group_visibility=strict)


def moves_nothing(academy: Academy, record: Row) -> bool:
    counted = academy.counting()
    academy.write("content", record)
    return counted.writes == 0


def test_inactive_content_is_closed_and_active_again_it_is_as_it_was(academy: Academy) -> None:
    academy.write("content", ACTIVE)
    assert academy.write("content", INACTIVE).total("deactivated") == 1
    assert access(academy) == CLOSED
    assert labels(academy) == [MARK, STAMP]
    assert moves_nothing(academy, INACTIVE)
    assert academy.write("content", ACTIVE).total("updated") == 1
    assert access(academy) == OPEN
    assert labels(academy) == [STAMP]
    assert moves_nothing(academy, ACTIVE)


def test_content_that_is_new_and_inactive_is_closed_from_the_start(academy: Academy) -> None:
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED
    assert moves_nothing(academy, INACTIVE)
    academy.write("content", ACTIVE)
    assert access(academy) == OPEN
    assert labels(academy) == [STAMP]


def test_soft_delete_closes_too(academy: Academy) -> None:
    academy.write("content", ACTIVE)
    assert academy.write("content", ACTIVE, sync_mode="soft_delete").total("deactivated") == 1
    assert access(academy) == CLOSED
    assert academy.write("content", ACTIVE, sync_mode="soft_delete").total("unchanged") == 1


def test_a_strict_setting_of_before_is_restored(academy: Academy) -> None:
    academy.write("content", ACTIVE)
    set_access(academy, hidden=False, strict=True)
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED
    academy.write("content", ACTIVE)
    assert access(academy) == (False, True)
    assert labels(academy) == [STAMP]
    assert moves_nothing(academy, ACTIVE)


@pytest.mark.parametrize("record", [ACTIVE, INACTIVE], ids=["active", "inactive"])
def test_what_an_admin_closed_stays_closed_whatever_comes(academy: Academy, record: Row) -> None:
    academy.write("content", ACTIVE)
    set_access(academy, *CLOSED)
    assert moves_nothing(academy, record)
    assert moves_nothing(academy, ACTIVE)
    assert access(academy) == CLOSED
    assert academy.write("content", ACTIVE, sync_mode="soft_delete").total("unchanged") == 1


def test_a_course_that_an_admin_had_hidden_before_it_was_adopted_is_hidden_again_but_not_shut(academy: Academy) -> None:
    academy.add_course(TITLE, hidden=True)
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED
    academy.write("content", ACTIVE)
    assert access(academy) == (True, False)
    assert moves_nothing(academy, ACTIVE)
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED


def test_own_content_that_an_earlier_version_only_hid_is_closed_and_marked_at_its_first_inactive_record(
    academy: Academy,
) -> None:
    academy.write("content", ACTIVE)
    set_access(academy, hidden=True, strict=False)
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED
    assert labels(academy) == [MARK, STAMP]
    academy.write("content", ACTIVE)
    assert access(academy) == OPEN


def test_own_content_that_an_earlier_version_only_hid_is_shown_at_an_active_record_with_one_warning(
    academy: Academy,
) -> None:
    academy.write("content", ACTIVE)
    set_access(academy, hidden=True, strict=False)
    run = academy.write("content", ACTIVE)
    assert access(academy) == OPEN
    assert sum("shown again" in line for line in run.log) == 1
    assert moves_nothing(academy, ACTIVE)


def test_a_policy_on_active_leaves_the_access_alone(academy: Academy) -> None:
    never = [{"object": "content", "field": "active", "policy": "never"}]
    academy.write("content", ACTIVE)
    academy.write("content", INACTIVE, field_policies=never)
    assert access(academy) == OPEN
    set_access(academy, hidden=True, strict=False)
    academy.write("content", ACTIVE, field_policies=never)
    assert access(academy) == (True, False)


@pytest.mark.parametrize("record", [ACTIVE, INACTIVE], ids=["active", "inactive"])
def test_a_mark_that_was_set_before_a_crash_and_no_more_settles_at_the_next_record(
    academy: Academy, record: Row
) -> None:
    academy.write("content", ACTIVE)
    course = academy.row("courses", title=TITLE)["id"]
    academy.label(course, MARK)
    academy.write("content", record)
    assert access(academy) == (OPEN if record["active"] else CLOSED)
    assert labels(academy) == ([STAMP] if record["active"] else [MARK, STAMP])
    assert moves_nothing(academy, record)


def test_a_door_that_an_admin_opened_by_hand_is_closed_again_only_by_an_inactive_record(academy: Academy) -> None:
    academy.write("content", INACTIVE)
    set_access(academy, *OPEN)
    academy.write("content", INACTIVE)
    assert access(academy) == CLOSED
    set_access(academy, *OPEN)
    academy.write("content", ACTIVE)
    assert access(academy) == OPEN
    assert labels(academy) == [STAMP]


def test_the_mark_of_another_connection_or_domain_is_not_taken_for_the_own_one(academy: Academy) -> None:
    academy.write("content", ACTIVE)
    set_access(academy, *CLOSED)
    course = academy.row("courses", title=TITLE)["id"]
    foreign = [f"closed:other:{DOMAIN}:hidden=0,strict=0", "closed:airbyte:other.example.com:hidden=0,strict=0"]
    for one in foreign:
        academy.label(course, one)
    assert moves_nothing(academy, ACTIVE)
    assert access(academy) == CLOSED
    assert labels(academy) == sorted([*foreign, STAMP])


def test_an_override_that_still_lets_a_group_in_is_named_in_a_warning_and_left_alone(academy: Academy) -> None:
    academy.write("content", ACTIVE)
    group = academy.admin("POST", "groups", {"name": "Partners"})["id"]
    publication = academy.publication(TITLE)["id"]
    path = f"domains/{DOMAIN}/published-courses/{publication}/visibility-overrides"
    academy.admin("POST", path, {"student_group": {"id": group}, "is_visible": True})
    run = academy.write("content", INACTIVE)
    assert any("Partners" in line and TITLE in line for line in run.log)
    assert len(academy.admin("GET", path)["results"]) == 1
