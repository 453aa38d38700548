"""Assignments and completions by version 2: by the hundred, with due dates, and without a mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.sandbox.skilljar.v2 import enrolling
from lms_shared.dev.testing.records import ADA, GRACE, a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream

OpenAcademy = Callable[..., Academy]

LISTS = "GET /v2/enrollments/"
ENROLL = "POST /v2/enrollments/"
CHANGE = "PATCH /v2/enrollments/"
COMPLETE = "PATCH /v2/enrollments/completion"
SCORE = "PATCH /v1/users/{user_id}/published-courses/{published_course_id}"
ENROLL_BY_V1 = "POST /v1/domains/{domain_name}/published-courses/{published_course_id}/enrollments"
DUE, LATER = "2026-12-01T00:00:00Z", "2026-12-24T00:00:00Z"
PEOPLE = [f"learner{number}@example.com" for number in range(250)]
TITLE = "Reading Python"


def undated(email: str = ADA, course: str = "c-1", **fields: Any) -> dict[str, Any]:
    return an_assignment(email, course, assigned_at=None, **fields)


@pytest.fixture
def academy(academy: Academy) -> Academy:
    """An academy with two learners and two courses."""
    academy.add_member(ADA)
    academy.add_member(GRACE)
    academy.write("content", a_course(), a_course("c-2", "Writing Python"))
    return academy


def with_people(academy: Academy) -> None:
    academy.write("users", *(a_user(one) for one in PEOPLE))


def test_new_completions_take_two_calls_a_hundred_and_none_the_second_time(academy: Academy) -> None:
    with_people(academy)
    records = [a_completion(email=one, percentage=None) for one in PEOPLE]
    counted = academy.counting()
    assert academy.write("completions", *records, **academy.client()).total("created") == len(PEOPLE)
    assert (counted.of(ENROLL), counted.of(COMPLETE), counted.writes) == (3, 3, 6)
    assert counted.of(LISTS) <= 4
    assert {row["completed_at"] for row in academy.held("progress")} == {"2026-03-01T08:00:00Z"}
    counted = academy.counting()
    assert academy.write("completions", *records, **academy.client()).total("unchanged") == len(PEOPLE)
    assert (counted.writes, counted.of(LISTS)) == (0, 4)
    assert academy.mails == []


def test_a_score_goes_by_version_one_only_where_it_differs(academy: Academy) -> None:
    counted = academy.counting()
    academy.write("completions", a_completion(percentage=80), a_completion(email=GRACE), **academy.client())
    progress = {row["email"]: (row["score"], row["max_score"]) for row in academy.held("progress")}
    assert progress[ADA] == (80, 100)
    assert counted.of(SCORE) == sum(score is not None for score, _ in progress.values())
    counted = academy.counting()
    better = a_completion("2026-02-01T08:00:00Z", percentage=80)
    assert academy.write("completions", better, **academy.client()).total("updated") == 1
    assert (counted.of(SCORE), counted.of(COMPLETE)) == (0, 1)


def test_mails_are_sent_where_notifications_are_on_and_only_there(academy: Academy) -> None:
    academy.write("completions", a_completion(), **academy.client())
    assert academy.mails == []
    academy.write("completions", a_completion(email=GRACE), send_notifications=True, **academy.client())
    assert academy.mails == [GRACE]


def test_assignments_are_enrolled_by_the_hundred_and_their_due_dates_changed_so(academy: Academy) -> None:
    with_people(academy)
    counted = academy.counting()
    run = academy.write("assignments", *(undated(one, due_date=DUE) for one in PEOPLE), **academy.client())
    assert run.total("created") == len(PEOPLE)
    assert (counted.of(ENROLL), counted.of(CHANGE), counted.writes) == (3, 3, 6)
    counted = academy.counting()
    again = academy.write("assignments", *(undated(one, due_date=DUE) for one in PEOPLE), **academy.client())
    assert (again.total("unchanged"), counted.writes) == (len(PEOPLE), 0)
    moved = academy.write("assignments", *(undated(one, due_date=LATER) for one in PEOPLE), **academy.client())
    assert (moved.total("updated"), counted.writes) == (len(PEOPLE), 3)
    assert {row["due_at"] for row in academy.rows("course_enrollments")} == {LATER}


def test_a_due_date_has_no_place_without_a_client_and_is_cleared_with_one(academy: Academy) -> None:
    policy = {"object": "assignments", "field": "due_date", "policy": "source_wins", "clear_on_null": True}
    clear = {"field_policies": [policy]}
    academy.write("assignments", undated(due_date=DUE))
    assert academy.row("course_enrollments").get("due_at") is None
    academy.write("assignments", undated(due_date=DUE), **academy.client())
    assert academy.row("course_enrollments")["due_at"] == DUE
    academy.write("assignments", {**undated(), "due_date": None}, **academy.client(), **clear)
    assert academy.row("course_enrollments")["due_at"] is None


def test_an_assignment_with_a_date_keeps_it_through_version_one(academy: Academy) -> None:
    counted = academy.counting()
    academy.write("assignments", an_assignment(due_date=DUE), **academy.client())
    assert (counted.of(ENROLL_BY_V1), counted.of(ENROLL)) == (1, 0)
    enrollment = academy.row("course_enrollments")
    assert (enrollment["enrolled_at"], enrollment["due_at"]) == ("2026-01-05T09:00:00Z", DUE)
    never = {"field_policies": [{"object": "assignments", "field": "assigned_at", "policy": "never"}]}
    academy.write("assignments", an_assignment(GRACE), **academy.client(), **never)
    assert counted.of(ENROLL) == 1


def test_withdrawals_take_every_active_enrollment_and_are_given_back(academy: Academy) -> None:
    academy.enroll(ADA, TITLE, enrolled_at="2025-06-01T00:00:00Z")
    academy.enroll(ADA, TITLE, enrolled_at="2025-07-01T00:00:00Z")
    assert academy.write("assignments", undated(active=False), **academy.client()).total("deactivated") == 1
    assert [row["active"] for row in academy.held("enrollments")] == [False, False]
    assert academy.write("assignments", undated(), **academy.client()).total("unchanged") == 1
    assert academy.write("assignments", undated(active=True), **academy.client()).total("updated") == 1
    assert sorted(row["active"] for row in academy.held("enrollments")) == [False, True]


def test_a_completion_of_a_withdrawn_assignment_leaves_it_withdrawn(academy: Academy) -> None:
    streams = [Stream("assignments", [undated(active=False)]), Stream("completions", [a_completion()])]
    assert academy.sync(streams, **academy.client()).error is None
    assert academy.only("enrollments")["active"] is False
    assert academy.only("progress")["completed_at"] == "2026-03-01T08:00:00Z"


def test_only_a_better_completion_takes_the_place_of_the_one_that_is_there(academy: Academy) -> None:
    academy.enroll(ADA, TITLE)
    academy.set_progress(ADA, TITLE, completed_at="2026-01-01T00:00:00Z", success_status="PASSED", score=95)
    counted = academy.counting()
    assert academy.write("completions", a_completion(), **academy.client()).total("unchanged") == 1
    assert counted.writes == 0


def test_a_learner_who_is_no_member_any_more_is_the_reject_of_that_record_alone(academy: Academy) -> None:
    run = academy.try_to_write(
        "completions", a_completion(), a_completion(email="nobody@example.com"), **academy.client()
    )
    assert [one["code"] for one in run.rejects] == ["REFERENCE.NOT_FOUND"]
    assert run.total("created") == 1


@pytest.mark.sweep(kept=3)
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER, FaultKind.DROP_BEFORE])
@pytest.mark.parametrize("route", [ENROLL, COMPLETE, CHANGE])
def test_an_answer_that_got_lost_is_looked_up_and_nothing_doubles(
    academy: Academy, route: str, kind: FaultKind
) -> None:
    with_people(academy)
    method, _, path = route.partition(" ")
    academy.server.faults = FaultPlan([FaultRule(kind, method=method, path=f"{path}$", times=2)])
    streams = [
        Stream("assignments", [undated(one, due_date=DUE) for one in PEOPLE]),
        Stream("completions", [a_completion(email=one) for one in PEOPLE]),
    ]
    run = academy.sync(streams, **academy.client())
    assert run.error is None
    assert run.total("created") == 2 * len(PEOPLE)
    assert len(academy.held("enrollments")) == len(PEOPLE)
    assert {row["due_at"] for row in academy.rows("course_enrollments")} == {DUE}


def test_a_dry_run_writes_nothing_and_plans_the_due_date(academy: Academy) -> None:
    counted = academy.counting()
    run = academy.try_to_write("assignments", undated(due_date=DUE), dry_run=True, **academy.client())
    assert (run.total("created"), counted.writes) == (1, 0)


def an_academy_of(open_academy: OpenAcademy, **switches: Any) -> Academy:
    """An academy with all people and one course."""
    academy = open_academy(**switches)
    academy.write("content", a_course())
    with_people(academy)
    return academy


def test_a_refused_batch_is_halved_until_the_guilty_row_stands_alone(open_academy: OpenAcademy) -> None:
    guilty = {PEOPLE[7], PEOPLE[120]}
    academy = an_academy_of(open_academy, v2_refused_emails=frozenset(guilty))
    counted = academy.counting()
    run = academy.try_to_write("completions", *(a_completion(email=one) for one in PEOPLE), **academy.client())
    assert run.error is None
    assert [(one["code"], one["record"]["record"]["data"]["user_email"]) for one in run.rejects] == [
        ("REMOTE.422", one) for one in sorted(guilty, key=PEOPLE.index)
    ]
    assert run.total("created") == len(PEOPLE) - len(guilty)
    assert len(academy.held("enrollments")) == len(PEOPLE) - len(guilty)
    assert counted.of(ENROLL) <= 3 + 2 * 2 * 7


@pytest.mark.parametrize("code", ["not_in_domain", "not_found", "validation_error", "already_enrolled"])
def test_a_row_that_fails_is_the_reject_of_its_record_alone(open_academy: OpenAcademy, code: str) -> None:
    academy = an_academy_of(open_academy, v2_failing_emails={PEOPLE[3]: code})
    counted = academy.counting()
    run = academy.try_to_write("assignments", *(undated(one) for one in PEOPLE), **academy.client())
    (reject,) = run.rejects
    assert reject["code"] == f"REMOTE.{code.upper()}"
    assert code in reject["reason"]
    assert reject["remedy"]
    assert run.total("created") == len(PEOPLE) - 1
    assert counted.of(ENROLL) == 3


def test_somebody_who_was_enrolled_meanwhile_is_looked_up_and_completed(academy: Academy) -> None:
    def enroll_first(event: WriteEvent) -> None:
        if event.phase == "before" and not academy.rows("course_enrollments"):
            rows = [{"type": "enrollments", "attributes": {"email": ADA}}]
            enrolling.enroll(
                academy.sandbox.store, {"published_course_id": academy.publication(TITLE)["id"], "data": rows}
            )

    academy.server.on_write = enroll_first
    assert academy.write("completions", a_completion(), **academy.client()).total("created") == 1
    assert academy.only("progress")["completed_at"] == "2026-03-01T08:00:00Z"
    assert len(academy.held("enrollments")) == 1


def test_a_failure_of_the_servers_own_is_tried_again_before_it_is_a_reject(open_academy: OpenAcademy) -> None:
    academy = an_academy_of(open_academy, v2_failing_emails={PEOPLE[3]: "internal_error"})
    run = academy.try_to_write("assignments", *(undated(one) for one in PEOPLE[:6]), **academy.client())
    assert run.error is None
    assert [one["code"] for one in run.rejects] == ["REMOTE.INTERNAL_ERROR"]
    assert run.total("created") == 5
