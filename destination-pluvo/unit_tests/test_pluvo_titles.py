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


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_contents_of_one_title_and_with_references_that_look_made_up_do_not_take_each_other_over(
    organization: PluvoOrganization, content_object: str
) -> None:
    references = ("0f4b4a9e-6a55-4a8e-9d0b-0d8f2f7e1a01", "7c0e3a3d-1d5b-4c55-8a43-5f1f0a2b9c02")
    records = [{"external_reference": one, "title": "Onboarding"} for one in references]
    for record in (*records, *records):
        organization.write("content", record, content_object=content_object)
    assert sorted(row["ref"] for row in organization.rows(f"{content_object}s")) == sorted(references)
