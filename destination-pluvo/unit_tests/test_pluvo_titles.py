"""Content that was made by hand is found by its title, however that is spelled."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_course

MAKE_OFFER = "mutation($offer: CreateOfferInput!) { createOffer(offer: $offer) { offer { id } } }"
KINDS = {"training": "trainings", "offer": "offers"}


@pytest.mark.parametrize("content_object", list(KINDS))
@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ("Fish &amp; Chips", "Fish & Chips"),
        ("Fish & Chips", "Fish &amp; Chips"),
        ("Fish & Chips", "Fish   &  Chips"),
        ("R&amp;D", "R&amp;D"),
        ("R&D", "R&amp;D"),
        ("Go", "Go"),
    ],
)
def test_content_whose_title_reads_the_same_is_adopted(
    organization: PluvoOrganization, content_object: str, held: str, sent: str
) -> None:
    if content_object == "training":
        organization.add_training(held)
    else:
        organization.admin(MAKE_OFFER, offer={"title": held, "isActive": True})
    run = organization.write("content", a_course(title=sent), content_object=content_object)
    assert (run.total("created"), run.total("updated")) == (0, 1)
    assert organization.only(KINDS[content_object])["ref"] == "c-1"


def test_a_search_that_finds_more_than_the_title_adopts_nothing_else(organization: PluvoOrganization) -> None:
    organization.add_training("Chips and their makers")
    assert organization.write("content", a_course(title="Fish & Chips")).total("created") == 1


def test_an_id_of_content_that_carries_another_reference_is_a_conflict(organization: PluvoOrganization) -> None:
    held = organization.add_training("Reading Python", ref="HR-1")
    reject = organization.rejected("content", a_course(id=held))
    assert reject["code"] == "REMOTE.CONFLICT"
