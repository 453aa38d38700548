"""What a dry run says that the writes will cost, against what they do cost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream

STREAMS = [
    Stream("users", [a_user(name="Ada"), a_user(GRACE, name="Grace")]),
    Stream("groups", [a_group()]),
    Stream("group_members", [a_member()]),
    Stream("content", [a_course(), a_course("c-2", "Writing Python")]),
    Stream("assignments", [an_assignment(course="c-2")]),
    Stream("completions", [a_completion(email=GRACE)]),
]


def page(organization: PluvoOrganization) -> str:
    """The report page of the latest sync."""
    return Path(organization.config()["object_storage_config"]["path"], "report.html").read_text("utf-8")


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_a_dry_run_announces_the_writing_calls_that_the_sync_then_makes(
    organization: PluvoOrganization, content_object: str
) -> None:
    config = {"content_object": content_object, "operations_per_document": 1}
    assert organization.sync(STREAMS, dry_run=True, **config).error is None
    found = re.search(r"Writing would take about ([\d,]+) more", page(organization))
    assert found is not None
    assert organization.writes == 0
    assert organization.sync(STREAMS, **config).error is None
    assert organization.writes == int(found[1])


def test_writes_that_share_a_call_and_the_time_at_the_quota_are_told(organization: PluvoOrganization) -> None:
    users = [Stream("users", [a_user(f"learner-{number}@example.com", name="Ada") for number in range(100)])]
    organization.sync(users, dry_run=True, requests_per_minute=120)
    assert "Writing would take about 2 more" in page(organization)
    assert "120 a minute" in page(organization)
