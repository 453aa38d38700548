"""Learners in number: made by calls for many, verified, and mended one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from destination_skilljar.api import SkilljarApi
from destination_skilljar.users import bulk_users
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.testing.skilljar_academy import OTHER_DOMAIN, Academy
from lms_shared.dev.testing.syncs import Stream, last_states, messages
from lms_shared.http.client import JsonClient, Limits

OpenAcademy = Callable[..., Academy]

BULK = "POST /v1/domains/{domain_name}/users/bulk-create"
SINGLE = "POST /v1/domains/{domain_name}/users"


def learners(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"email": f"learner{n}@example.com", "first_name": f"L{n}", **fields} for n in range(number)]


def test_many_new_learners_take_one_call_and_none_on_the_second_run(academy: Academy) -> None:
    counted = academy.counting()
    assert academy.write("users", *learners(120)).total("created") == 120
    assert (counted.of(BULK), counted.of(SINGLE), counted.writes) == (1, 0, 1)
    assert {row["first_name"] for row in academy.held("users")} == {f"L{n}" for n in range(120)}
    again = academy.counting()
    assert academy.write("users", *learners(120)).total("unchanged") == 120
    assert again.writes == 0


def test_more_learners_than_a_call_takes_are_made_in_several(academy: Academy) -> None:
    counted = academy.counting()
    run = academy.write("users", *learners(1500), batch_size=2000)
    assert run.total("created") == len(academy.held("users")) == 1500
    assert counted.of(BULK) == 2


def test_few_new_learners_among_many_known_ones_are_made_one_by_one(academy: Academy) -> None:
    academy.write("users", *learners(100))
    counted = academy.counting()
    assert academy.write("users", *learners(110)).total("created") == 10
    assert (counted.of(BULK), counted.of(SINGLE)) == (0, 10)


def test_learners_that_the_call_did_not_bring_are_made_one_by_one(open_academy: OpenAcademy) -> None:
    academy = open_academy(bulk_create_lag_requests=100_000)
    run = academy.write("users", *learners(60))
    assert run.total("created") == len(academy.held("users")) == 60


def test_where_the_organisation_lacks_the_call_learners_are_made_one_by_one(open_academy: OpenAcademy) -> None:
    academy = open_academy(refused_features=frozenset({"bulk-create"}))
    assert academy.write("users", *learners(60)).total("created") == 60
    assert len(academy.held("users")) == 60


def test_a_person_of_another_domain_becomes_a_member_with_the_names_of_the_record(academy: Academy) -> None:
    academy.add_member("learner7@example.com", domain=OTHER_DOMAIN, first_name="Old")
    academy.write("users", *learners(60, active=False))
    assert academy.user("learner7@example.com")["first_name"] == "L7"
    held = [row["active"] for row in academy.held("users") if row["domain"] != OTHER_DOMAIN]
    assert held == [False] * 60


def test_an_external_reference_is_written_after_the_call(academy: Academy) -> None:
    records = [{**one, "external_reference": one["first_name"]} for one in learners(60)]
    config = {"user_reference_signup_field": "Employee ID"}
    assert academy.write("users", *records, **config).total("created") == 60
    assert {row["value"] for row in academy.rows("signup_values")} == {one["first_name"] for one in learners(60)}
    counted = academy.counting()
    assert academy.write("users", *records, **config).total("unchanged") == 60
    assert counted.writes == 0


def test_one_record_that_is_refused_takes_no_other_with_it(academy: Academy) -> None:
    run = academy.try_to_write("users", *learners(60), {"email": "no-dot@example"})
    assert run.error is None
    assert (run.total("created"), run.total("rejected")) == (60, 1)
    assert [one["code"] for one in run.rejects] == ["REMOTE.400"]


def test_a_lost_answer_doubles_nothing(academy: Academy) -> None:
    academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_AFTER, method="POST", times=1)])
    assert academy.write("users", *learners(60)).total("created") == 60
    assert len(academy.rows("users")) == 60


def test_a_sync_that_dies_after_the_call_is_healed_by_the_next_one(academy: Academy) -> None:
    streams = [Stream("users", learners(60))]
    # The list is read and the call is made; from then on no learner is shown or made any more.
    academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE, path=r"/users$", skip=1)])
    counted = academy.counting()
    first = academy.sync(streams)
    assert first.error is not None
    assert counted.of(BULK) == 1
    academy.server.faults = FaultPlan()
    second = academy.sync(streams, messages(streams, since=last_states(first)))
    assert second.error is None
    assert len(academy.held("users")) == 60
    assert {row["first_name"] for row in academy.held("users")} == {f"L{n}" for n in range(60)}


def test_a_dry_run_makes_no_call_for_many(academy: Academy) -> None:
    counted = academy.counting()
    assert academy.write("users", *learners(60), dry_run=True).total("created") == 60
    assert counted.writes == 0


@pytest.mark.parametrize(("notifications", "mails"), [(True, 60), (False, 0)])
def test_each_new_learner_gets_a_mail_only_where_notifications_are_on(
    academy: Academy, notifications: bool, mails: int
) -> None:
    academy.write("users", *learners(60), send_notifications=notifications)
    assert len(academy.mails) == mails


def test_the_first_look_comes_soon_and_the_others_at_growing_distances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(bulk_users, "FIRST_WAIT", 0.3)
    monkeypatch.setattr(bulk_users, "sleep", waits.append)
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    api = SkilljarApi(JsonClient("Skilljar", "https://api.example.com/v1", None, Limits()))
    monkeypatch.setattr(api, "post", lambda *_, **__: {})
    bulk_users.bulk_create(api, "members", [{"email": "ada@example.com"}], lambda _: False)
    assert waits[:4] == pytest.approx([0.3, 0.6, 1.2, 2.4])
    assert sum(waits) > 110
