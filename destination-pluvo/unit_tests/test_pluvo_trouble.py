"""Trouble of the server's own, and records that always fail: neither is a refusal, and neither stops the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import MutationTrouble
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, GRACE, a_completion, a_course, a_group, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream, messages

Open = Callable[..., PluvoOrganization]
AFTER_THE_WORK = (FaultKind.ERROR_AFTER, FaultKind.DROP_AFTER, FaultKind.CUT_BODY, FaultKind.EMPTY_BODY)

PEOPLE = [a_user(f"person{number}@example.com", name=f"Person {number}") for number in range(6)]


@pytest.mark.parametrize("kind", AFTER_THE_WORK)
def test_a_user_whose_adoption_got_no_answer_is_adopted_once(organization: PluvoOrganization, kind: FaultKind) -> None:
    organization.add_user(ADA, "Ada by hand")
    rule = FaultRule(kind, body="updateOrCreateUser", times=1)
    organization.server.faults = FaultPlan([rule])
    streams = [
        Stream("users", [a_user(ADA, name="Ada", external_reference="e-1")]),
        Stream("content", [a_course("c-1")]),
        Stream("assignments", [an_assignment(ADA, "c-1")]),
        Stream("completions", [a_completion(email=ADA, course="c-1")]),
    ]
    run = organization.sync(streams)
    assert (run.error, run.rejects) == (None, [])
    assert [row["ref"] for row in organization.held("users")] == ["e-1"]
    assert len(organization.held("portfolio_items")) == 1


@pytest.mark.parametrize("kind", AFTER_THE_WORK)
@pytest.mark.parametrize("mutation", ["updateGroup", "updateTraining"])
def test_what_was_adopted_without_an_answer_is_adopted_once(
    organization: PluvoOrganization, mutation: str, kind: FaultKind
) -> None:
    organization.add_training("Python")
    query = "mutation($group: CreateGroupInput!) { createGroup(group: $group) { group { id } } }"
    organization.admin(query, group={"name": "Engineers"})
    organization.server.faults = FaultPlan([FaultRule(kind, body=mutation, times=1)])
    streams = [
        Stream("groups", [a_group("Engineers", external_reference="g-1")]),
        Stream("content", [a_course("c-1", "Python")]),
    ]
    run = organization.sync(streams)
    assert organization.server.faults.to_json()["rules"][0]["hits"] == 1
    assert (run.error, run.rejects) == (None, [])
    assert [row["ref"] for row in organization.held("groups")] == ["g-1"]
    assert [row["ref"] for row in organization.held("trainings")] == ["c-1"]
    assert organization.sync(streams).total("unchanged") == 2


def trouble(**fields: Any) -> MutationTrouble:
    return MutationTrouble(text="person3", **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "INTERNAL_SERVER_ERROR"},
        {"code": "InternalError"},
        {"code": None, "message": "Internal server error"},
        {"code": None, "message": "The request timed out"},
    ],
)
def test_trouble_of_one_field_that_passes_costs_nothing(open_organization: Open, fields: dict[str, Any]) -> None:
    organization = open_organization(mutation_trouble=trouble(times=2, **fields))
    run = organization.try_to_write("users", *PEOPLE)
    assert (run.error, run.rejects) == (None, [])
    assert len(organization.held("users")) == len(PEOPLE)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "INTERNAL_SERVER_ERROR"}, "REMOTE.ERROR"),
        ({"code": "PermissionDenied", "message": "no scope for this one"}, "REMOTE.FORBIDDEN"),
    ],
)
def test_a_record_that_always_fails_is_a_reject_while_others_go_through(
    open_organization: Open, fields: dict[str, Any], code: str
) -> None:
    organization = open_organization(mutation_trouble=trouble(**fields))
    sent = list(messages([Stream("users", PEOPLE)], state_every=1))
    run = organization.sync([Stream("users", PEOPLE)], sent, batch_size=1)
    assert run.error is None, repr(run.error)
    assert [(one["code"], one["record"]["record"]["data"]["email"]) for one in run.rejects] == [
        (code, "person3@example.com")
    ]
    assert "vendor" in run.rejects[0]["remedy"]
    assert len(organization.held("users")) == len(PEOPLE) - 1
    assert run.positions[-1] == ("users", len(PEOPLE))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"code": "INTERNAL_SERVER_ERROR"}, FailureType.transient_error),
        ({"code": "PermissionDenied"}, FailureType.config_error),
    ],
)
def test_where_nothing_goes_through_the_sync_ends_and_rejects_nothing(
    open_organization: Open, fields: dict[str, Any], kind: FailureType
) -> None:
    organization = open_organization(mutation_trouble=MutationTrouble(text="person", **fields))
    run = organization.sync([Stream("users", PEOPLE)], messages([Stream("users", PEOPLE)], state_every=1))
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is kind
    assert (run.rejects, run.positions) == ([], [])


def test_rights_that_end_in_the_middle_of_a_sync_turn_nothing_into_rejects(open_organization: Open) -> None:
    organization = open_organization(mutation_trouble=MutationTrouble(text="person", code="PermissionDenied", skip=3))
    sent = messages([Stream("users", PEOPLE)], state_every=1)
    run = organization.sync([Stream("users", PEOPLE)], sent, batch_size=1)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert (run.rejects, run.positions[-1]) == ([], ("users", 3))


def test_a_document_that_always_fails_for_one_of_its_records_is_taken_apart(organization: PluvoOrganization) -> None:
    organization.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, body="person3")])
    run = organization.try_to_write("users", *PEOPLE, GRACE_LATER, batch_size=6)
    assert run.error is None, repr(run.error)
    assert [one["code"] for one in run.rejects] == ["REMOTE.500"]
    assert len(organization.held("users")) == len(PEOPLE)


GRACE_LATER = a_user(GRACE, name="Grace")


def test_a_portfolio_item_is_made_once_where_data_is_null_beside_an_error(organization: PluvoOrganization) -> None:
    people = [a_user(ADA, name="Ada"), a_user(GRACE, name="Grace")]
    organization.sync([Stream("users", people), Stream("content", [a_course("c-1")])])
    rule = FaultRule(FaultKind.DATA_NULL, body="createPortfolioItem", times=1)
    organization.server.faults = FaultPlan([rule])
    done = [a_completion(email=one, course="c-1") for one in (ADA, GRACE)]
    run = organization.try_to_write("completions", *done)
    assert (run.error, run.rejects) == (None, [])
    assert len(organization.held("portfolio_items")) == 2


def test_a_group_that_is_gone_after_a_lost_answer_counts_as_deleted(organization: PluvoOrganization) -> None:
    group = {"name": "Engineers", "external_reference": "g-1"}
    organization.write("groups", group)
    organization.server.faults = FaultPlan([FaultRule(FaultKind.DROP_AFTER, body="deleteGroups", times=1)])
    run = organization.try_to_write("groups", group, mode="hard_delete")
    assert (run.error, run.rejects) == (None, [])
    assert run.total("deactivated") == 1
    assert organization.held("groups") == []
