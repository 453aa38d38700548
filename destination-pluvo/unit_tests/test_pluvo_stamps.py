"""Content is found again, and never doubled, whatever Pluvo does with the ref that it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import OfferRef
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_course, a_user, an_assignment
from lms_shared.dev.testing.syncs import Run, Stream

Open = Callable[..., PluvoOrganization]
OFFERS: dict[str, Any] = {"content_object": "offer"}
MAKE_OFFER = "mutation($offer: CreateOfferInput!) { createOffer(offer: $offer) { offer { id } } }"
COURSES = [a_course("c-1"), a_course("c-2", "Writing Python"), {"external_reference": "c-3", "title": "Go"}]
whatever_is_done_with_it = pytest.mark.parametrize("way", list(OfferRef))


def refs_of_events(organization: PluvoOrganization) -> list[str]:
    return sorted(event["ref"] for offer in organization.held("offers") for event in offer["events"])


def write_until_done(organization: PluvoOrganization) -> Run:
    """Syncs the courses until a sync ends well, as a platform would; then once more, which has nothing to write."""
    for _ in range(3):
        run = organization.try_to_write("content", *COURSES, **OFFERS)
        if run.error is None:
            break
    organization.server.faults = FaultPlan()
    organization.write("content", *COURSES, **OFFERS)
    return organization.write("content", *COURSES, **OFFERS)


@whatever_is_done_with_it
def test_an_offer_is_found_again_by_its_ref_or_by_that_of_its_event(open_organization: Open, way: OfferRef) -> None:
    organization = open_organization(offer_ref=way)
    organization.write("content", *COURSES, **OFFERS)
    assert refs_of_events(organization) == ["c-1", "c-2", "c-3"]
    writes = organization.writes
    assert organization.write("content", *COURSES, **OFFERS).total("unchanged") == 3
    assert organization.writes == writes


@pytest.mark.sweep(kept=16)
@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE, FaultKind.ERROR_AFTER])
@pytest.mark.parametrize("skip", range(9))
@whatever_is_done_with_it
def test_no_lost_answer_doubles_an_offer(open_organization: Open, way: OfferRef, skip: int, kind: FaultKind) -> None:
    organization = open_organization(offer_ref=way)
    organization.server.faults = FaultPlan([FaultRule(kind, path="/graphql/", times=1, skip=skip)])
    again = write_until_done(organization)
    assert len(organization.held("offers")) == 3
    assert refs_of_events(organization) == ["c-1", "c-2", "c-3"]
    assert again.total("unchanged") == 3


@pytest.mark.parametrize("description", [a_course()["content_url"], None], ids=["with link", "without link"])
@whatever_is_done_with_it
def test_an_offer_that_was_left_without_reference_and_event_is_completed(
    open_organization: Open, way: OfferRef, description: str | None
) -> None:
    organization = open_organization(offer_ref=way)
    link = f'<p><a href="{description}">Open the content</a></p>' if description else ""
    organization.admin(MAKE_OFFER, offer={"title": "Reading Python", "isActive": True, "description": link})
    course = a_course() if description else {"external_reference": "c-1", "title": "Reading Python"}
    assert organization.write("content", course, **OFFERS).total("updated") == 1
    assert refs_of_events(organization) == ["c-1"]
    assert organization.write("content", course, **OFFERS).total("unchanged") == 1
    assert len(organization.held("offers")) == 1


@whatever_is_done_with_it
def test_the_offer_of_another_record_with_the_same_title_is_never_taken(open_organization: Open, way: OfferRef) -> None:
    organization = open_organization(offer_ref=way)
    courses = [a_course(), a_course("c-2"), a_course(str(uuid4()))]
    for course in courses:
        organization.write("content", course, **OFFERS)
    assert len(organization.held("offers")) == 3
    assert organization.write("content", *courses, **OFFERS).total("unchanged") == 3


@whatever_is_done_with_it
def test_learners_are_enrolled_in_an_offer_by_the_reference_of_its_content(
    open_organization: Open, way: OfferRef
) -> None:
    organization = open_organization(offer_ref=way)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), **OFFERS)
    assert organization.write("assignments", an_assignment(), **OFFERS).total("created") == 1
    assert organization.write("assignments", an_assignment(), **OFFERS).total("unchanged") == 1


@whatever_is_done_with_it
def test_a_retired_offer_that_pluvo_shows_no_more_is_never_made_again(open_organization: Open, way: OfferRef) -> None:
    organization = open_organization(offer_ref=way)
    organization.write("content", a_course(), **OFFERS)
    organization.write("content", a_course(active=False), **OFFERS)
    for active in (False, True):
        organization.try_to_write("content", a_course(active=active), **OFFERS)
    assert len(organization.held("offers")) == 1


@pytest.mark.parametrize("dropped", ["UpdateTrainingInput.ref", "CreateTrainingInput.ref"])
def test_a_training_whose_ref_is_not_taken_is_adopted_once(open_organization: Open, dropped: str) -> None:
    organization = open_organization(dropped_fields=frozenset({dropped}))
    organization.add_training("Reading Python")
    assert organization.write("content", a_course(), a_course("c-2", "Other")).total("updated") == 1
    writes = organization.writes
    assert organization.write("content", a_course(), a_course("c-2", "Other")).total("unchanged") == 2
    assert organization.writes == writes
    assert len(organization.held("trainings")) == 2


def test_a_training_that_cannot_be_stamped_is_known_by_its_link_to_records_of_the_same_sync(
    open_organization: Open,
) -> None:
    organization = open_organization(dropped_fields=frozenset({"UpdateTrainingInput.ref"}))
    organization.add_training("Reading Python")
    organization.write("users", a_user(name="Ada"))
    streams = [Stream("content", [a_course()]), Stream("assignments", [an_assignment()])]
    for expected in (0, 2):
        run = organization.sync(streams)
        assert run.rejects == []
        assert run.total("unchanged") == expected


def test_a_title_is_searched_for_once(organization: PluvoOrganization, patient: None) -> None:
    organization.write("content", a_course())
    assert organization.documents("paginatedTrainings") == 1


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
@pytest.mark.parametrize("skip", range(7))
def test_no_lost_answer_doubles_a_training_that_is_made_without_its_ref(
    open_organization: Open, skip: int, kind: FaultKind
) -> None:
    organization = open_organization(dropped_fields=frozenset({"CreateTrainingInput.ref"}))
    organization.server.faults = FaultPlan([FaultRule(kind, path="/graphql/", times=1, skip=skip)])
    organization.write("content", *COURSES)
    assert len(organization.held("trainings")) == 3
    assert organization.write("content", *COURSES).total("unchanged") == 3
