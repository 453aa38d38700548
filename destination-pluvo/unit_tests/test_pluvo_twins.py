"""Rows that content and the objects of the API itself both write: what refers to them waits for either."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, a_user
from lms_shared.dev.testing.syncs import Stream

pytestmark = [pytest.mark.parametrize("batch_size", [1, 100]), pytest.mark.parametrize("order", [1, -1])]


def created(organization: PluvoOrganization, streams: list[Stream], **config: Any) -> int:
    run = organization.sync(streams, **config)
    assert (run.error, run.rejects) == (None, [])
    return run.total("created")


LINKS = [
    Stream("assignments", [{"user_email": ADA, "learning_object_external_reference": "c-1"}]),
    Stream(
        "completions",
        [{"user_email": ADA, "learning_object_external_reference": "c-1", "completed_at": "2026-01-01T00:00:00Z"}],
    ),
]
PEOPLE = Stream("users", [a_user(name="Ada", external_reference="u-1")])


def test_a_training_of_the_api_is_content_for_links(
    organization: PluvoOrganization, batch_size: int, order: int
) -> None:
    training = Stream("trainings", [{"ref": "c-1", "title": "Python", "isActive": True}])
    streams = [*LINKS, training, PEOPLE][::order]
    # A completion that comes first makes the assignment.
    assert created(organization, streams, batch_size=batch_size) in (3, 4)
    writes = organization.writes
    assert created(organization, streams, batch_size=batch_size) == 0
    assert organization.writes == writes


def test_an_offer_of_the_api_with_its_event_is_content_for_links(
    organization: PluvoOrganization, batch_size: int, order: int
) -> None:
    offer = Stream("offers", [{"ref": "c-1", "title": "Python"}])
    event = Stream("offer_events", [{"ref": "c-1", "offerRef": "c-1", "type": "ELEARNING", "publish": True}])
    streams = [*LINKS, event, offer, PEOPLE][::order]
    how: dict[str, Any] = {"batch_size": batch_size, "content_object": "offer"}
    assert created(organization, streams, **how) in (4, 5)
    writes = organization.writes
    assert created(organization, streams, **how) == 0
    assert organization.writes == writes
