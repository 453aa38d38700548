"""What a sync that was killed has left half made, and assignments that a record of the same sync withdraws."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream, record, status

Open = Callable[..., PluvoOrganization]


def test_what_refers_to_an_offer_without_its_event_waits_for_its_record(organization: PluvoOrganization) -> None:
    offer = {"title": "Reading Python", "ref": "c-1", "isActive": True}
    organization.admin(
        "mutation($offer: CreateOfferInput!) { createOffer(offer: $offer) { offer { id } } }", offer=offer
    )
    organization.add_user(ADA, "Ada")
    streams = [Stream("assignments", [an_assignment()]), Stream("content", [a_course()])]
    sent = [item for one in streams for item in (record(one.name, one.records[0]), status(one.name, "COMPLETE"))]
    run = organization.sync(streams, sent, batch_size=1, content_object="offer")
    assert (run.error, run.rejects) == (None, [])
    assert (len(organization.rows("offers")), len(organization.rows("enrollments"))) == (1, 1)


@pytest.mark.parametrize("order", list(itertools.permutations(("assignments", "completions"))))
@pytest.mark.parametrize("batch_size", [1, 10])
@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_a_withdrawn_assignment_stays_so_beside_a_completion_in_any_order(
    organization: PluvoOrganization, order: tuple[str, ...], batch_size: int, content_object: str
) -> None:
    how = {"batch_size": batch_size, "content_object": content_object}
    organization.sync([Stream("users", [a_user(name="Ada")]), Stream("content", [a_course()])], None, **how)
    streams = {
        "assignments": Stream("assignments", [an_assignment(active=False)]),
        "completions": Stream("completions", [a_completion()]),
    }
    chosen = [streams[name] for name in order]
    run = organization.sync(chosen, None, **how)
    assert (run.error, run.rejects) == (None, [])
    assert len(organization.held("portfolio_items")) == 1
    held, writes = organization.sandbox.canonical(), organization.writes
    assert [row for row in organization.rows("enrollments") if row["status"] == "ENROLLED"] == []
    assert [row["participants"] for row in held["trainings"] if row["participants"]] == []
    assert organization.sync(chosen, None, **how).error is None
    assert (organization.sandbox.canonical(), organization.writes) == (held, writes)
