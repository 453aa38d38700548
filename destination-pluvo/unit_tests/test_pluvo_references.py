"""Objects of the API refer to each other by ref or e-mail address, in any order, also within one sync."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from destination_pluvo.api import PluvoApi
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.syncs import Run, Stream, last_states, messages

Row = dict[str, Any]
Open = Callable[..., PluvoOrganization]

ADA, GRACE = "ada@example.com", "grace@example.com"
NOBODY = "00000000-0000-4000-8000-000000000000"
WHOLE_TREE: dict[str, list[Row]] = {
    "users": [
        {"email": ADA, "name": "Ada", "external_reference": "u-1"},
        {"email": GRACE, "name": "Grace", "external_reference": "u-2"},
    ],
    "groups": [{"name": "Engineers", "external_reference": "g-1"}],
    "group_managers": [{"groupRef": "g-1", "userEmail": GRACE}],
    "extra_categories": [
        {"ref": "x-1", "name": "Site", "categoryType": "TEXT", "forModelTypes": ["USER", "TRAINING"]},
    ],
    "extra_category_values": [
        {"contentType": "USER", "userEmail": ADA, "categoryName": "Site", "stringValue": "Gent"},
        {"contentType": "TRAINING", "modelRef": "t-1", "categoryRef": "x-1", "stringValue": "Utrecht"},
    ],
    "trainings": [
        {"ref": "t-1", "title": "Reading Python", "isActive": True},
        {"ref": "t-2", "title": "All on Python", "isActive": True},
    ],
    "collection_items": [{"collectionRef": "t-2", "contentRef": "t-1", "order": 1}],
    "training_trainers": [{"trainingRef": "t-1", "userEmail": GRACE}],
    "offers": [{"ref": "o-1", "title": "Python in spring"}],
    "offer_events": [
        {
            "ref": "e-1",
            "offerRef": "o-1",
            "type": "TRAINING",
            "accessTrainings": ["t-1"],
            "trainers": [GRACE, "u-1"],
            "maxSubscriptions": 8,
        }
    ],
    "enrollments": [{"offerEventRef": "e-1", "userRef": "u-1"}],
    "portfolio_items": [{"userEmail": ADA, "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}],
    "certificates": [
        {
            "certificateName": "Completion",
            "userRef": "u-1",
            "trainingRef": "t-1",
            "title": "Python",
            "issueDate": "2026-04-01T08:00:00Z",
        }
    ],
}
"""A training with all that belongs to it, from a source that knows no id of Pluvo's."""
RECORDS = sum(map(len, WHOLE_TREE.values()))
ORDERS = {
    "as they depend on each other": list(WHOLE_TREE),
    "the other way round": list(reversed(WHOLE_TREE)),
    **{f"shuffled {seed}": random.Random(seed).sample(list(WHOLE_TREE), len(WHOLE_TREE)) for seed in range(2)},
}


def streams(names: Iterable[str]) -> list[Stream]:
    return [Stream(name, WHOLE_TREE[name]) for name in names]


def totals(run: Run) -> Row:
    assert run.error is None, run.error
    names = ("created", "updated", "unchanged", "rejected")
    return {name: run.total(name) for name in names if run.total(name)}


@pytest.mark.sweep(kept=3)
@pytest.mark.parametrize("batch_size", [1, 500])
@pytest.mark.parametrize("order", ORDERS)
def test_a_whole_tree_is_made_by_one_sync_from_records_that_know_no_id_in_any_order(
    organization: PluvoOrganization, order: str, batch_size: int
) -> None:
    run = organization.sync(streams(ORDERS[order]), batch_size=batch_size)
    assert (totals(run), run.rejects) == ({"created": RECORDS}, [])
    (event,) = organization.rows("offer_events")
    users = {row["email"]: row["id"] for row in organization.rows("users")}
    assert set(event["trainers"]) == {users[ADA], users[GRACE]}
    (training,) = (row for row in organization.rows("trainings") if row["ref"] == "t-1")
    assert event["access_trainings"] == [training["id"]]
    held, writes = organization.sandbox.canonical(), organization.writes
    again = organization.sync(streams(ORDERS[order]), batch_size=batch_size)
    assert totals(again) == {"unchanged": RECORDS}
    assert (organization.sandbox.canonical(), organization.writes) == (held, writes)


def test_a_dry_run_plans_a_whole_tree_without_a_write(organization: PluvoOrganization) -> None:
    run = organization.sync(streams(reversed(WHOLE_TREE)), dry_run=True)
    assert (totals(run), organization.writes) == ({"created": RECORDS}, 0)


@pytest.mark.sweep
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_whole_tree_whose_sync_dies_at_any_write_is_made_once_by_the_next_sync(
    open_organization: Open, moment: str
) -> None:
    given = streams(ORDERS["shuffled 0"])
    undisturbed = open_organization()
    undisturbed.sync(given)
    wanted = {kind: len(rows) for kind, rows in undisturbed.sandbox.canonical().items()}
    for write in itertools.count(1):
        organization = open_organization()
        died = dying_at(organization, write, moment, given)
        run = organization.sync(given, messages(given, state_every=1, since=last_states(died)), batch_size=3)
        assert (run.error, run.rejects) == (None, [])
        held = {kind: len(rows) for kind, rows in organization.sandbox.canonical().items()}
        assert held == wanted, f"died {moment} write {write}"
        if died.error is None:
            assert write > len(WHOLE_TREE)
            return


def dying_at(organization: PluvoOrganization, number: int, moment: str, given: list[Stream]) -> Run:
    """A sync of which nothing comes through any more from a write on."""

    def hook(event: WriteEvent) -> None:
        if event.number >= number and event.phase == moment:
            organization.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

    organization.server.requests.reset()
    organization.server.on_write = hook
    run = organization.sync(
        given, messages(given, state_every=1), batch_size=3, num_workers=1, operations_per_document=1
    )
    organization.server.on_write = None
    organization.server.faults = FaultPlan()
    return run


WRONG: list[tuple[str, Row]] = [
    ("offer_events", {"ref": "e-1", "type": "MEETING", "offerRef": "none"}),
    ("offer_events", {"ref": "e-1", "type": "MEETING", "offerId": NOBODY}),
    ("offer_events", {"ref": "e-1", "type": "MEETING", "offerId": "no id at all"}),
    ("offer_events", {"ref": "e-1", "type": "MEETING", "offerRef": "o-1", "trainers": ["nobody"]}),
    ("offer_events", {"ref": "e-1", "type": "MEETING", "offerRef": "o-1", "accessTrainings": [NOBODY]}),
    ("portfolio_items", {"userEmail": "no@example.com", "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}),
    ("portfolio_items", {"userId": "no id at all", "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}),
    ("extra_category_values", {"contentType": "USER", "modelRef": "none", "categoryRef": "x-1", "stringValue": "a"}),
    ("extra_category_values", {"contentType": "USER", "modelRef": "u-1", "categoryRef": "none", "stringValue": "a"}),
    ("extra_category_values", {"contentType": "USER", "modelRef": "u-1", "categoryId": NOBODY, "stringValue": "a"}),
    ("group_managers", {"groupId": "no id at all", "userRef": "u-1"}),
    ("training_participants", {"trainingRef": "none", "userRef": "u-1"}),
    ("training_trainers", {"trainingRef": "t-1", "userEmail": "no@example.com"}),
    ("enrollments", {"offerEventRef": "none", "userRef": "u-1"}),
    ("collection_items", {"collectionRef": "none", "contentRef": "t-1"}),
    ("collection_items", {"collectionRef": "t-1", "contentId": NOBODY}),
    *(
        ("certificates", {"certificateId": DEMO_CERTIFICATE_ID, "title": "P", "issueDate": "2026-04-01", **wrong})
        for wrong in ({"userRef": "none"}, {"userRef": "u-1", "trainingRef": "none"})
    ),
]


@pytest.mark.sweep(kept=5)
@pytest.mark.parametrize(("name", "record"), WRONG)
def test_a_reference_that_fits_nothing_is_rejected_before_any_write(
    organization: PluvoOrganization, name: str, record: Row
) -> None:
    for there in ("users", "groups", "trainings", "offers", "extra_categories"):
        organization.write(there, *WHOLE_TREE[there])
    writes = organization.writes
    assert organization.rejected(name, record)["code"] == "REFERENCE.NOT_FOUND"
    assert organization.writes == writes


def test_an_id_wins_over_a_ref(organization: PluvoOrganization) -> None:
    organization.write("users", *WHOLE_TREE["users"])
    grace = next(row["id"] for row in organization.rows("users") if row["email"] == GRACE)
    item = {"userId": grace, "userEmail": ADA, "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}
    organization.write("portfolio_items", item)
    (row,) = organization.rows("portfolio_items")
    assert row["user_id"] == grace


def test_values_of_courses_and_videos_are_written_without_a_comparison(
    organization: PluvoOrganization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pretend Pluvo has no courses, so the mutation alone is looked at."""
    category = {"ref": "x-1", "name": "Site", "categoryType": "TEXT", "forModelTypes": ["COURSE"]}
    organization.write("extra_categories", category)
    sent: list[Row] = []
    run = PluvoApi.run

    def watched(self: PluvoApi, name: str, **variables: Any) -> Any:
        if name != "UpdateExtraCategoryValues":
            return run(self, name, **variables)
        sent.append(variables)
        return {}

    monkeypatch.setattr(PluvoApi, "run", watched)
    value = {"contentType": "COURSE", "modelId": NOBODY, "categoryRef": "x-1", "stringValue": "Gent"}
    for _ in range(2):
        organization.write("extra_category_values", value)
    assert [(one["contentType"], one["modelId"]) for one in sent] == [("COURSE", NOBODY)] * 2
    assert [value["stringValue"] for one in sent for value in one["values"]] == ["Gent"] * 2


def test_a_certificate_template_is_named_too(organization: PluvoOrganization) -> None:
    (template,) = (one for one in organization.rows("certificates") if one["id"] == DEMO_CERTIFICATE_ID)
    organization.add_user(ADA)
    issued = {"userEmail": ADA, "issueDate": "2026-04-01T08:00:00Z"}
    for name in ("name", "title"):
        key = f"certificate{name.capitalize()}"
        record = {**issued, key: template[name], "title": f"By {name}"}
        assert totals(organization.sync([Stream("certificates", [record])])) == {"created": 1}
    assert [one["certificate_id"] for one in organization.rows("issued_certificates")] == [DEMO_CERTIFICATE_ID] * 2
    run = organization.sync([Stream("certificates", [{**issued, "certificateName": "Nothing", "title": "None"}])])
    assert [one["code"] for one in run.rejects] == ["REFERENCE.NOT_FOUND"]
