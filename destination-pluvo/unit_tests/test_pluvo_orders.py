"""Native and unified objects of one sync that need each other: they may come in any order."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_course, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream, record, status

Open = Callable[..., PluvoOrganization]
Row = dict[str, Any]

USER = ("users", a_user(name="Ada", external_reference="u-1"))
CONTENT = ("content", a_course("c-1"))
TRAINING = ("trainings", {"ref": "c-1", "title": "Reading Python", "subtitle": "For beginners", "isActive": True})
OFFER = ("offers", {"ref": "o-1", "title": "Python"})
EVENT = ("offer_events", {"ref": "e-1", "offerRef": "o-1", "type": "MEETING", "publish": True})
CATEGORY = (
    "extra_categories",
    {"ref": "x-1", "name": "Site", "categoryType": "TEXT", "forModelTypes": ["USER"]},
)
SITE = (
    "extra_category_values",
    {"contentType": "USER", "modelRef": "u-1", "categoryRef": "x-1", "stringValue": "Gent"},
)


@pytest.mark.sweep(kept=2)
@pytest.mark.parametrize(
    ("content_object", "records"),
    [
        ("training", [CONTENT, USER, ("training_participants", {"trainingRef": "c-1", "userRef": "u-1"})]),
        ("training", [TRAINING, USER, ("assignments", an_assignment())]),
        ("offer", [CONTENT, USER, ("enrollments", {"offerEventRef": "c-1", "userRef": "u-1"})]),
        ("training", [OFFER, EVENT, USER, ("enrollments", {"offerEventRef": "e-1", "userRef": "u-1"})]),
        ("training", [CATEGORY, USER, SITE]),
    ],
)
def test_whatever_comes_first_the_end_state_is_the_same(
    open_organization: Open, content_object: str, records: list[tuple[str, Row]]
) -> None:
    found: list[Any] = []
    for order in itertools.permutations(records):
        organization = open_organization()
        config: Row = {"content_object": content_object, "batch_size": 1}
        streams = [Stream(name) for name, _ in order]
        sent = [message for name, row in order for message in (record(name, row), status(name, "COMPLETE"))]
        run = organization.sync(streams, sent, **config)
        assert run.error is None, run.error
        assert run.rejects == [], [name for name, _ in order]
        writes = organization.writes
        planned = organization.sync(streams, sent, dry_run=True, **config)
        again = organization.sync(streams, sent, **config)
        assert planned.total("unchanged") == again.total("unchanged") == len(records), [name for name, _ in order]
        assert organization.writes == writes
        found.append(organization.sandbox.canonical())
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_a_dry_run_plans_a_native_link_to_content_that_is_not_there_yet(
    open_organization: Open, content_object: str
) -> None:
    organization = open_organization()
    link = {
        "training": ("training_participants", {"trainingRef": "c-1", "userRef": "u-1"}),
        "offer": ("enrollments", {"offerEventRef": "c-1", "userRef": "u-1"}),
    }[content_object]
    streams = [Stream(name, [row]) for name, row in (link, CONTENT, USER)]
    run = organization.sync(streams, dry_run=True, content_object=content_object)
    assert run.rejects == []
    assert run.total("created") == 3
    assert organization.writes == 0
