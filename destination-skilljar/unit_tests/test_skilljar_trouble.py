"""Records that always fail, and keys that are revoked: the one is rejected, the other ends the sync."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream, messages

PEOPLE = [a_user(f"person{number}@example.com", name=f"Person {number}") for number in range(6)]
MORE_THAN_A_BATCH = [a_user(f"person{number}@example.com", name=f"Person {number}") for number in range(20, 29)]
FAILING = {FaultKind.SERVER_ERROR: "REMOTE.500", FaultKind.FORBIDDEN: "REMOTE.403", FaultKind.ERROR_AFTER: "REMOTE.500"}
POISON = "person3"


def write(academy: Academy, people: list[dict[str, object]], batch_size: int = 1) -> Run:
    streams = [Stream("users", people)]
    return academy.sync(streams, messages(streams, state_every=1), batch_size=batch_size)


@pytest.mark.parametrize("kind", FAILING)
@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_record_that_always_fails_is_a_reject_while_others_go_through(
    academy: Academy, kind: FaultKind, batch_size: int
) -> None:
    # A user is made before it is named, and its name is what fails.
    academy.server.faults = FaultPlan([FaultRule(kind, "POST", body=POISON)])
    # Of those in its batch, which are written at the same time, it may be the last.
    people = PEOPLE + MORE_THAN_A_BATCH
    run = write(academy, people, batch_size)
    assert run.error is None, repr(run.error)
    assert [one["code"] for one in run.rejects] == [FAILING[kind]]
    assert "vendor" in run.rejects[0]["remedy"]
    assert len(academy.held("users")) == len(people) - (kind is not FaultKind.ERROR_AFTER)
    assert run.positions[-1] == ("users", len(people))


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.FORBIDDEN])
def test_a_failing_look_up_of_one_record_is_a_reject_while_others_go_through(academy: Academy, kind: FaultKind) -> None:
    academy.sync([Stream("users", PEOPLE), Stream("content", [a_course()])])
    learner = academy.user("person3@example.com")["id"]
    academy.server.faults = FaultPlan([FaultRule(kind, "GET", path=f"users/{learner}/published-courses")])
    streams = [Stream("completions", [a_completion(email=str(one["email"])) for one in PEOPLE])]
    run = academy.sync(streams, messages(streams, state_every=1), batch_size=1)
    assert run.error is None, repr(run.error)
    assert [one["code"] for one in run.rejects] == [FAILING[kind]]
    assert len(academy.held("progress")) == len(PEOPLE) - 1


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (FaultKind.FORBIDDEN, FailureType.config_error),
        (FaultKind.UNAUTHORIZED, FailureType.config_error),
        (FaultKind.SERVER_ERROR, FailureType.transient_error),
    ],
)
def test_what_ends_in_the_middle_of_a_sync_turns_nothing_into_rejects(
    academy: Academy, kind: FaultKind, failure: FailureType
) -> None:
    academy.server.faults = FaultPlan([FaultRule(kind, "POST", skip=3)])
    run = write(academy, PEOPLE)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is failure
    assert (run.rejects, run.positions[-1]) == ([], ("users", 3))


def test_a_key_that_is_revoked_ends_a_long_sync_soon(academy: Academy) -> None:
    academy.server.faults = FaultPlan([FaultRule(FaultKind.FORBIDDEN, "POST", skip=3)])
    many = [a_user(f"person{number}@example.com") for number in range(300)]
    run = write(academy, many)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.rejects == []
    assert academy.server.requests.writes < 40


def test_a_later_record_of_the_same_object_takes_the_place_of_one_that_failed(academy: Academy) -> None:
    people = [PEOPLE[3], {**PEOPLE[3], "name": "Later Name"}, PEOPLE[4]]
    academy.server.faults = FaultPlan([FaultRule(FaultKind.FORBIDDEN, "POST", body='"Person"', times=1)])
    run = write(academy, people)
    assert (run.error, run.rejects) == (None, [])
    assert academy.user("person3@example.com")["first_name"] == "Later"
