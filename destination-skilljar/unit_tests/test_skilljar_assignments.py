"""Assignments: enrollments of learners in published courses."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.records import ADA, GRACE, a_course, an_assignment
from lms_shared.dev.testing.skilljar_academy import OTHER_DOMAIN, Academy

TITLE = "Reading Python"


@pytest.fixture
def academy(academy: Academy) -> Academy:
    """An academy with a learner and a course."""
    academy.add_member(ADA)
    academy.write("content", a_course())
    return academy


def test_a_new_enrollment_is_dated_like_the_assignment(academy: Academy) -> None:
    academy.write("assignments", an_assignment(assigned_at="2026-01-05T10:00:00+01:00"))
    enrollment = academy.only("enrollments")
    assert (enrollment["email"], enrollment["course"]) == (ADA, TITLE)
    assert enrollment["enrolled_at"] == "2026-01-05T09:00:00Z"
    assert enrollment["active"] is True


def test_an_existing_enrollment_is_reused_whatever_its_date(academy: Academy) -> None:
    academy.enroll(ADA, TITLE, enrolled_at="2025-06-01T00:00:00Z")
    counted = academy.counting()
    assert academy.write("assignments", an_assignment()).total("unchanged") == 1
    assert counted.writes == 0
    assert academy.only("enrollments")["enrolled_at"] == "2025-06-01T00:00:00Z"


def test_an_inactive_enrollment_is_reused_and_given_back_only_when_the_record_says_active(academy: Academy) -> None:
    academy.enroll(ADA, TITLE, enrolled_at="2025-06-01T00:00:00Z", active=False)
    assert academy.write("assignments", an_assignment()).total("unchanged") == 1
    assert academy.only("enrollments")["active"] is False
    assert academy.write("assignments", an_assignment(active=True)).total("updated") == 1
    assert academy.only("enrollments")["active"] is True


def test_an_inactive_record_withdraws_every_active_enrollment(academy: Academy) -> None:
    academy.enroll(ADA, TITLE, enrolled_at="2025-06-01T00:00:00Z")
    academy.enroll(ADA, TITLE, enrolled_at="2025-07-01T00:00:00Z")
    assert academy.write("assignments", an_assignment(active=False)).total("deactivated") == 1
    assert [row["active"] for row in academy.held("enrollments")] == [False, False]
    counted = academy.counting()
    assert academy.write("assignments", an_assignment(active=False)).total("unchanged") == 1
    assert counted.writes == 0


def test_an_inactive_record_without_enrollment_makes_none(academy: Academy) -> None:
    assert academy.write("assignments", an_assignment(active=False)).total("unchanged") == 1
    assert academy.held("enrollments") == []


def test_soft_delete_withdraws_and_keeps_the_progress(academy: Academy) -> None:
    academy.write("assignments", an_assignment())
    academy.set_progress(ADA, TITLE, completed_at="2026-02-01T00:00:00Z")
    assert academy.write("assignments", an_assignment(), sync_mode="soft_delete").total("deactivated") == 1
    assert academy.only("enrollments")["active"] is False
    assert academy.only("progress")["completed_at"] == "2026-02-01T00:00:00Z"


def test_an_assignment_without_date_is_enrolled_once(academy: Academy) -> None:
    record = an_assignment(assigned_at=None)
    assert academy.write("assignments", record).total("created") == 1
    assert academy.write("assignments", record).total("unchanged") == 1
    assert len(academy.held("enrollments")) == 1


def test_a_course_that_is_not_published_is_a_reject(academy: Academy) -> None:
    academy.add_course("Unpublished", "ext:airbyte:c-2", published=False)
    assert academy.rejected("assignments", an_assignment(course="c-2"))["code"] == "REFERENCE.NOT_PUBLISHED"


def test_a_person_who_is_no_member_of_the_domain_is_a_reject(academy: Academy) -> None:
    stranger = academy.add_member(GRACE, OTHER_DOMAIN)
    assert academy.rejected("assignments", an_assignment(GRACE))["code"] == "REFERENCE.NOT_FOUND"
    by_id = an_assignment(user_email=None, user_id=stranger)
    assert academy.rejected("assignments", by_id)["code"] == "REFERENCE.NOT_FOUND"


def test_content_that_is_not_there_is_a_reject(academy: Academy) -> None:
    assert academy.rejected("assignments", an_assignment(course="c-9"))["code"] == "REFERENCE.NOT_FOUND"


def test_learner_and_course_are_found_by_id(academy: Academy) -> None:
    record = {
        "user_id": academy.user(ADA)["id"],
        "learning_object_id": academy.row("courses", title=TITLE)["id"],
        "assigned_at": "2026-01-05",
    }
    academy.write("assignments", record)
    assert academy.only("enrollments")["enrolled_at"] == "2026-01-05T00:00:00Z"


def test_a_learner_is_found_by_the_reference_in_the_signup_field(academy: Academy) -> None:
    field = {"user_reference_signup_field": "Employee ID"}
    academy.write("users", {"email": ADA, "external_reference": "e-1"}, **field)
    record = an_assignment(user_email=None, user_external_reference="e-1")
    assert academy.write("assignments", record, **field).total("created") == 1


def test_a_reference_of_a_learner_without_a_place_is_known_from_the_same_sync_alone(academy: Academy) -> None:
    record = an_assignment(user_email=None, user_external_reference="e-1")
    assert academy.rejected("assignments", record)["code"] == "REFERENCE.NOT_FOUND"
