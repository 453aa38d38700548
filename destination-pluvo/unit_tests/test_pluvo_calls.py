"""How many calls learners cost: look-ups by the hundred, writes by fifty, and a list where it is shorter."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_user

pytestmark = pytest.mark.usefixtures("patient")


def learners(*numbers: int) -> list[dict[str, Any]]:
    return [a_user(f"learner{one}@example.com", name="A Learner", external_reference=f"e-{one}") for one in numbers]


def calls(organization: PluvoOrganization, *records: dict[str, Any], **config: Any) -> float:
    """Requests for each record, beside that for the token."""
    organization.server.requests.reset()
    run = organization.write("users", *records, **config)
    assert run.total("created") + run.total("unchanged") == len(records)
    tokens = organization.server.requests.count("POST /oauth/token/")
    return (organization.server.requests.total - tokens) / len(records)


def test_a_new_learner_of_a_small_organization_costs_little_more_than_the_write(
    organization: PluvoOrganization,
) -> None:
    assert calls(organization, *learners(*range(500))) <= 0.03
    assert organization.documents("user") == 0
    assert organization.documents("paginatedUsers") == 1


def test_a_new_learner_of_a_large_organization_is_looked_up_with_fifty_others(organization: PluvoOrganization) -> None:
    calls(organization, *learners(*range(600)))
    assert calls(organization, *learners(*range(1000, 1500))) <= 0.05
    assert organization.documents("user") == 10
    # The list is sized, and longer than the look-ups.
    assert organization.documents("paginatedUsers") == 1


def test_a_learner_who_is_there_already_costs_a_look_up_of_the_reference_alone(organization: PluvoOrganization) -> None:
    calls(organization, *learners(*range(600)))
    assert calls(organization, *learners(*range(100, 600))) <= 0.022
    assert organization.documents("user") == 5
    assert organization.writes == 0


def test_a_list_shows_archived_learners_and_those_of_other_spelling(organization: PluvoOrganization) -> None:
    organization.write("users", *learners(*range(60)))
    organization.write("users", *({**one, "active": False} for one in learners(3, 4)))
    kept = organization.add_user("Learner99@Example.com", "A Learner")
    again = [{**one, "active": False} if number in (3, 4) else one for number, one in enumerate(learners(*range(60)))]
    organization.server.requests.reset()
    run = organization.write("users", *again, *learners(99, *range(200, 300)))
    assert (run.total("unchanged"), run.total("updated"), run.total("created")) == (60, 1, 100)
    assert organization.documents("user") == 0
    assert next(one for one in organization.rows("users") if one["id"] == kept)["ref"] == "e-99"


def test_a_sync_goes_on_from_a_list_that_was_not_answered_at_first(organization: PluvoOrganization) -> None:
    rule = FaultRule(FaultKind.SERVER_ERROR, path="/graphql/", times=1)
    organization.server.faults = FaultPlan([rule])
    assert organization.write("users", *learners(*range(250))).total("created") == 250


@pytest.mark.parametrize("limit", [7, 50])
def test_documents_that_are_refused_as_too_large_are_halved_and_no_learner_is_doubled(
    open_organization: Any, limit: int
) -> None:
    organization = open_organization(max_queries_per_document=limit, max_mutations_per_document=limit)
    for outcome in ("created", "unchanged"):
        assert organization.write("users", *learners(*range(120))).total(outcome) == 120
    assert len(organization.rows("users")) == 120
