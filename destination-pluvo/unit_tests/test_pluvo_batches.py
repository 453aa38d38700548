"""Batches: few documents for many records, and each record its own answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluvo import UnknownEnrollees
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_course, a_group, a_member, a_user, an_assignment

Open = Callable[..., PluvoOrganization]
PEOPLE = [f"learner{number}@example.com" for number in range(50)]


def users(*emails: str) -> list[dict[str, Any]]:
    return [a_user(one, name="A Learner", external_reference=one.partition("@")[0]) for one in emails]


@pytest.mark.usefixtures("patient")
def test_fifty_records_take_as_many_documents_as_they_fill(organization: PluvoOrganization) -> None:
    organization.write("users", *users(*PEOPLE))
    assert len(organization.rows("users")) == 50
    assert organization.writes == 1
    # By ref, then by e-mail address.
    assert organization.documents("user") == 2


def test_the_requests_are_counted_for_the_stream_that_they_are_made_for(organization: PluvoOrganization) -> None:
    (summary,) = organization.write("users", *users(*PEOPLE)).summaries
    tokens = organization.server.requests.count("POST /oauth/token/")
    assert summary["requests"] == organization.server.requests.total - tokens


@pytest.mark.usefixtures("patient")
def test_a_list_mutation_takes_many_users_at_once(organization: PluvoOrganization) -> None:
    organization.write("users", *users(*PEOPLE[:20]))
    organization.write("groups", a_group())
    organization.write("content", a_course())
    before = organization.writes
    organization.write("group_members", *(a_member(one) for one in PEOPLE[:20]))
    organization.write("assignments", *(an_assignment(one) for one in PEOPLE[:20]))
    assert organization.writes - before == 2
    assert len(organization.only("groups")["members"]) == 20
    assert len(organization.only("trainings")["participants"]) == 20


def test_a_failing_record_fails_alone(organization: PluvoOrganization) -> None:
    good = users(*PEOPLE[:10])
    run = organization.try_to_write("users", *good[:5], a_user("nobody@example.com"), *good[5:])
    assert run.error is None
    assert (run.total("created"), run.total("rejected")) == (10, 1)


def test_what_pluvo_refuses_of_one_record_does_not_touch_the_others(open_organization: Open) -> None:
    organization = open_organization(max_ref_length=20)
    bad = a_user("long@example.com", name="Too Long", external_reference="x" * 30)
    run = organization.try_to_write("users", *users(*PEOPLE[:6]), bad)
    assert (run.total("created"), run.total("rejected")) == (6, 1)
    (reject,) = run.rejects
    assert reject["code"] == "REMOTE.REFUSED"
    assert "20 characters" in reject["reason"]


def test_a_value_that_keeps_a_document_from_being_read_is_the_reject_of_its_record(
    organization: PluvoOrganization,
) -> None:
    organization.write("users", *users(*PEOPLE[:5]))
    items = [
        {"userId": row["id"], "title": "First aid", "startDate": "2026-03-01T08:00:00Z"}
        for row in organization.rows("users")
    ]
    run = organization.try_to_write("portfolio_items", *items, {**items[0], "userId": "no-uuid"})
    assert run.error is None
    assert (run.total("created"), run.total("rejected")) == (5, 1)


def test_one_user_whom_a_full_group_does_not_take_is_the_reject_of_one_record(organization: PluvoOrganization) -> None:
    organization.write("users", *users(*PEOPLE[:5]))
    organization.write("groups", a_group(maxUsers=3))
    run = organization.try_to_write("group_members", *(a_member(one) for one in PEOPLE[:5]))
    assert (run.total("created"), run.total("rejected")) == (3, 2)
    assert {one["code"] for one in run.rejects} == {"REMOTE.FAILED"}


@pytest.mark.parametrize("unknown", list(UnknownEnrollees))
def test_a_bulk_enrollment_that_fails_for_one_is_done_for_the_others(
    open_organization: Open, unknown: UnknownEnrollees
) -> None:
    organization = open_organization(unknown_enrollees=unknown)
    organization.write("users", *users(*PEOPLE[:4]))
    organization.write("offers", {"ref": "o-1", "title": "Python"})
    organization.write("offer_events", {"ref": "e-1", "offerRef": "o-1", "type": "MEETING", "maxSubscriptions": 2})
    links = [{"offerEventRef": "e-1", "userRef": one.partition("@")[0]} for one in PEOPLE[:4]]
    run = organization.try_to_write("enrollments", *links)
    assert (run.total("created"), run.total("rejected")) == (2, 2)
    assert all("full" in one["reason"] for one in run.rejects)


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_documents_get_smaller_where_pluvo_refuses_large_ones(open_organization: Open, limit: int) -> None:
    organization = open_organization(max_mutations_per_document=limit, max_queries_per_document=limit)
    run = organization.write("users", *users(*PEOPLE))
    assert run.total("created") == 50
    said = [line for line in run.log if re.search("refuses documents of many operations", line)]
    assert 1 <= len(said) <= 2 + 2 * (limit > 1)
    assert organization.write("users", *users(*PEOPLE)).total("unchanged") == 50


def test_after_a_lost_answer_every_create_of_the_document_is_looked_up_again(organization: PluvoOrganization) -> None:
    rule = FaultRule(FaultKind.DROP_AFTER, path="/graphql/", times=1, skip=2)
    organization.server.faults = FaultPlan([rule])
    courses = [a_course(f"c-{number}", f"Course {number}") for number in range(20)]
    run = organization.write("content", *courses)
    assert run.total("created") == 20
    assert len(organization.rows("trainings")) == 20
