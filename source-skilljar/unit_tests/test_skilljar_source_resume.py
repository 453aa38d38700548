"""A sync that breaks goes on where it was, from any state that it wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule

STREAM = "user_groups"
USERS = 1_100
ROUTE = "users/{user_id}/groups"


def rows(*results: Any) -> set[str]:
    return {json.dumps(record, sort_keys=True) for result in results for record in result.records[STREAM]}


@pytest.mark.sweep
def test_every_intermediate_state_leads_to_the_same_rows(commands: Any, serve: Any) -> None:
    site = serve(users=USERS, courses=1)
    whole = commands.read(site.config(), [STREAM])
    states = whole.states[STREAM]
    assert site.calls()[ROUTE] == USERS
    assert len(states) > 2, "states appear while the sync runs"
    remaining = []
    for state in states:
        rest = commands.read(site.config(), [STREAM], {STREAM: state})
        remaining.append(site.calls().get(ROUTE, 0))
        written = whole.records[STREAM][: _count_before(whole, state)]
        assert {json.dumps(record, sort_keys=True) for record in written} | rows(rest) == rows(whole)
        assert rest.last_states()[STREAM] == states[-1]
    assert remaining == sorted(remaining, reverse=True)
    assert remaining[0] < USERS
    assert remaining[-1] == 0


def _count_before(result: Any, state: dict[str, Any]) -> int:
    return int(result.counts[STREAM][result.states[STREAM].index(state)])


@pytest.mark.sweep
def test_a_sync_that_breaks_in_the_middle_goes_on_where_it_was(commands: Any, serve: Any) -> None:
    site = serve(users=USERS, courses=1)
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, path="/groups$", skip=850)])
    broken = commands.read(site.config(), [STREAM])
    assert broken.ends == {STREAM: "INCOMPLETE"}
    assert broken.errors[0][1] == "transient_error"
    site.server.faults = FaultPlan()
    site.calls()
    rest = commands.read(site.config(), [STREAM], broken.last_states())
    assert 0 < site.calls()[ROUTE] <= USERS - 500
    assert rows(broken, rest) == rows(commands.read(site.config(), [STREAM]))


def test_a_hidden_change_is_not_lost_when_the_next_sync_breaks(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), ["user_course_progress"])
    member = next(row for row in site.rows("domain_users") if row["active"])
    course = next(row for row in site.rows("published_courses") if row["domain_name"] == member["domain_name"])
    path = f"domains/{member['domain_name']}/published-courses/{course['id']}/enrollments"
    site.call("POST", path, {"user": {"id": member["user_id"]}})
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, path="/published-courses$")])
    broken = commands.read(site.config(), ["user_course_progress"], first.last_states())
    assert broken.ends == {"user_course_progress": "INCOMPLETE"}
    site.server.faults = FaultPlan()
    second = commands.read(site.config(), ["user_course_progress"], broken.last_states())
    assert {row["user_id"] for row in second.records["user_course_progress"]} == {member["user_id"]}
