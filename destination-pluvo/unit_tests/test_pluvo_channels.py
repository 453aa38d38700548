"""Channels of Pluralsight as trainings, and their members as participants where that is switched on."""

from __future__ import annotations

from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.syncs import Stream

PERSON = {"psUserId": "ps-1", "email": "ada@example.com", "firstName": "Ada", "lastName": "L", "isOnAccount": True}
STREAMS = [
    Stream("channel_members", [{"channelId": "ch-1", "psUserId": "ps-1"}]),
    Stream("channels", [{"id": "ch-1", "name": "Basics", "description": "First steps.", "ownerPsUserId": "ps-1"}]),
    Stream("users", [PERSON]),
]
MAPPINGS = [{"stream": one.name, "preset": "pluralsight"} for one in STREAMS]


def test_members_of_a_channel_take_part_in_its_training(organization: PluvoOrganization) -> None:
    run = organization.sync(STREAMS, stream_mappings=MAPPINGS, assign_channel_content=True)
    assert (run.error, run.rejects, run.total("created")) == (None, [], 3)
    training = organization.only("trainings")
    assert (training["ref"], training["title"], training["participants"]) == ("ch-1", "Basics", ["ada@example.com"])
    writes = organization.writes
    run = organization.sync(STREAMS, stream_mappings=MAPPINGS, assign_channel_content=True)
    assert (run.total("unchanged"), organization.writes) == (3, writes)


def test_without_the_switch_the_members_are_refused_before_the_first_write(organization: PluvoOrganization) -> None:
    run = organization.sync(STREAMS, stream_mappings=MAPPINGS)
    assert isinstance(run.error, AirbyteTracedException)
    assert "assign_channel_content" in str(run.error.message)
    assert organization.writes == 0
