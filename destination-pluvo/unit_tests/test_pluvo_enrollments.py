"""Enrollments in the events of offers, as assignments and with the API's own fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.pluvo import EnrollmentSelectors, Unenrollment
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_user, an_assignment

Open = Callable[..., PluvoOrganization]
OFFERS: dict[str, Any] = {"content_object": "offer"}
NATIVE = {"offerEventRef": "c-1", "userRef": "u-1"}
WAYS = [("assignments", an_assignment()), ("enrollments", NATIVE)]
either_way = pytest.mark.parametrize(("stream", "enrolled"), WAYS, ids=[name for name, _ in WAYS])
whatever_is_kept = pytest.mark.parametrize("kept", list(Unenrollment))


def with_a_learner_and_an_offer(open_organization: Open, **switches: Any) -> PluvoOrganization:
    organization = open_organization(**switches)
    organization.write("users", a_user(name="Ada", external_reference="u-1"))
    organization.write("content", a_course(), **OFFERS)
    return organization


def statuses(organization: PluvoOrganization) -> list[str]:
    return [row["status"] for row in organization.rows("enrollments")]


@whatever_is_kept
@either_way
def test_a_withdrawn_enrollment_is_made_again_by_a_record_that_says_nothing_of_its_state(
    open_organization: Open, stream: str, enrolled: dict[str, Any], kept: Unenrollment
) -> None:
    organization = with_a_learner_and_an_offer(open_organization, unenrollment=kept)
    organization.write(stream, enrolled, **OFFERS)
    organization.write(stream, {**enrolled, "active": False}, **OFFERS)
    assert "ENROLLED" not in statuses(organization)
    organization.write(stream, enrolled, **OFFERS)
    assert statuses(organization) == ["ENROLLED"]
    assert organization.write(stream, enrolled, **OFFERS).total("unchanged") == 1


@whatever_is_kept
def test_a_completion_makes_a_withdrawn_enrollment_again(open_organization: Open, kept: Unenrollment) -> None:
    organization = with_a_learner_and_an_offer(open_organization, unenrollment=kept)
    organization.write("assignments", an_assignment(), **OFFERS)
    organization.write("assignments", an_assignment(active=False), **OFFERS)
    organization.write("completions", a_completion(), **OFFERS)
    assert statuses(organization) == ["ENROLLED"]


@whatever_is_kept
@pytest.mark.parametrize("how", [{"active": False}, {"mode": "soft_delete"}], ids=str)
@either_way
def test_an_enrollment_is_withdrawn_once(
    open_organization: Open, stream: str, enrolled: dict[str, Any], how: dict[str, Any], kept: Unenrollment
) -> None:
    organization = with_a_learner_and_an_offer(open_organization, unenrollment=kept)
    organization.write(stream, enrolled, **OFFERS)
    config = {**OFFERS, **({"mode": how["mode"]} if "mode" in how else {})}
    withdrawn = {**enrolled, **({} if "mode" in how else how)}
    assert organization.write(stream, withdrawn, **config).total("deactivated") == 1
    writes = organization.writes
    assert organization.write(stream, withdrawn, **config).total("unchanged") == 1
    assert organization.writes == writes


def test_a_cancelled_enrollment_that_the_record_wants_cancelled_stays(open_organization: Open) -> None:
    organization = with_a_learner_and_an_offer(open_organization)
    organization.write("enrollments", {**NATIVE, "status": "CANCELLED"}, **OFFERS)
    writes = organization.writes
    assert organization.write("enrollments", {**NATIVE, "status": "CANCELLED"}, **OFFERS).total("unchanged") == 1
    assert organization.writes == writes


@pytest.mark.parametrize("taken", list(EnrollmentSelectors))
@either_way
def test_users_are_enrolled_by_whatever_the_api_takes(
    open_organization: Open, stream: str, enrolled: dict[str, Any], taken: EnrollmentSelectors
) -> None:
    organization = with_a_learner_and_an_offer(open_organization, enrollment_selectors=taken)
    organization.write(stream, enrolled, **OFFERS)
    assert statuses(organization) == ["ENROLLED"]


@pytest.mark.parametrize("stream", ["assignments", "enrollments"])
def test_many_users_of_an_event_are_enrolled_in_one_call(open_organization: Open, patient: None, stream: str) -> None:
    organization = with_a_learner_and_an_offer(open_organization)
    people = [a_user(f"u{number}@example.com", name="U", external_reference=f"u{number}") for number in range(6)]
    organization.write("users", *people)
    rows = {
        "assignments": [an_assignment(one["email"]) for one in people],
        "enrollments": [{**NATIVE, "userRef": one["external_reference"]} for one in people],
    }[stream]
    organization.write(stream, *rows, **OFFERS)
    assert statuses(organization) == ["ENROLLED"] * 6
    assert organization.documents("createOfferEventEnrollments") == 1
