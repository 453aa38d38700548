"""Lists that carry no sign of a change: read in turns by an incremental sync, whole by a full refresh."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from source_skilljar.declarations import Parents, declared_streams
from source_skilljar.run_context import RunContext

TURNS = [name for name, one in declared_streams().items() if one.cursor and one.cursor.parents is Parents.ROTATING]
NIGHT = datetime(2031, 3, 1, 2, tzinfo=UTC)
INVITES = "domains/{domain_name}/users/{user_id}/invites"
TAGS = "domains/{domain_name}/published-courses/{published_course_id}/tags"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the moment at which syncs begin."""

    def set_moment(moment: datetime) -> None:
        monkeypatch.setattr(RunContext, "began", lambda self: moment)

    return set_moment


def test_each_list_is_read_once_in_a_period_and_each_night_a_share(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=100, courses=4)
    at(NIGHT)
    state = commands.read(site.config(), ["domain_user_invites"]).last_states()
    members = len(site.rows("domain_users"))
    assert site.calls()[INVITES] == members
    nightly = []
    for day in range(1, 8):
        at(NIGHT + timedelta(days=day))
        result = commands.read(site.config(), ["domain_user_invites"], state)
        state = result.last_states()
        nightly.append(site.calls().get(INVITES, 0))
    assert sum(nightly) == members
    assert max(nightly) < members / 3


def test_what_became_due_while_no_sync_ran_is_read_by_the_next(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=60, courses=4)
    at(NIGHT)
    first = commands.read(site.config(), ["domain_user_invites"])
    site.calls()
    at(NIGHT + timedelta(days=30))
    late = commands.read(site.config(), ["domain_user_invites"], first.last_states())
    assert site.calls()[INVITES] == len(site.rows("domain_users"))
    assert len(late.records["domain_user_invites"]) == len(first.records["domain_user_invites"])


@pytest.mark.parametrize("days", [0, 7])
def test_an_edit_without_a_trace_is_seen_when_its_turn_comes(commands: Any, serve: Any, at: Any, days: int) -> None:
    site = serve()
    config = site.config(max_staleness_days=days)
    at(NIGHT)
    first = commands.read(config, ["domain_user_invites"])
    invite = site.rows("invites")[0]
    site.change("invites", invite["id"], used_at="2031-03-01T00:00:00Z")
    at(NIGHT + timedelta(days=days, seconds=1))
    second = commands.read(config, ["domain_user_invites"], first.last_states())
    assert (invite["id"], "2031-03-01T00:00:00Z") in second.keys("domain_user_invites", "id", "used_at")


def test_a_sync_right_after_another_reads_no_list_in_turns(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), TURNS)
    for name in TURNS:
        assert first.records[name], name
    site.calls()
    second = commands.read(site.config(), TURNS, first.last_states())
    assert not any(second.records.values())
    assert not [route for route in site.calls() if route in {declared_streams()[name].path for name in TURNS}]


def test_a_new_parent_and_a_changed_one_are_read_at_once(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), ["published_course_tags", "domain_user_invites"])
    site.calls()
    changed = site.rows("published_courses")[0]
    site.change("published_courses", changed["id"], hidden=not changed["hidden"])
    added = site.call("POST", "domains/academy.example.com/users", {"user": {"email": "new@example.com"}})
    site.call("POST", f"domains/academy.example.com/users/{added['user']['id']}/invites", {"send_email": False})
    site.calls()
    second = commands.read(site.config(), ["published_course_tags", "domain_user_invites"], first.last_states())
    calls = site.calls()
    assert (calls[TAGS], calls[INVITES]) == (1, 1)
    assert {row["user_id"] for row in second.records["domain_user_invites"]} == {added["user"]["id"]}


@pytest.mark.sweep
def test_a_full_refresh_reads_every_row_whatever_the_state_says(commands: Any, serve: Any) -> None:
    site = serve()
    names = [name for name, declared in declared_streams().items() if declared.cursor is not None]
    first = commands.read(site.config(), names)
    again = commands.read(site.config(), names, first.last_states(), mode=SyncMode.full_refresh)
    for name in names:
        assert len(again.records[name]) == len(first.records[name]) > 0, name


def test_the_turns_of_a_sync_that_breaks_are_not_lost(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=1_000, courses=1)
    at(NIGHT)
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, path="/invites$", skip=800)])
    broken = commands.read(site.config(), ["domain_user_invites"])
    assert broken.ends == {"domain_user_invites": "INCOMPLETE"}
    site.server.faults = FaultPlan()
    site.calls()
    at(NIGHT + timedelta(minutes=5))
    rest = commands.read(site.config(), ["domain_user_invites"], broken.last_states())
    members = len(site.rows("domain_users"))
    assert 0 < site.calls()[INVITES] <= members - 500
    read = broken.keys("domain_user_invites", "id") + rest.keys("domain_user_invites", "id")
    assert set(read) == {(row["id"],) for row in site.rows("invites")}


def test_the_state_of_lists_in_turns_has_no_entry_per_parent(commands: Any, serve: Any) -> None:
    site = serve(users=700, courses=1)
    state = commands.read(site.config(), ["domain_user_invites"]).last_states()["domain_user_invites"]
    assert sorted(state) == ["fingerprints", "read_until"]
    assert len(json.dumps(state)) < 2 * len(site.rows("domain_users")) + 200


def test_the_forecast_counts_the_share_whose_turn_it_is(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=300, courses=2)
    at(NIGHT)
    first = commands.read(site.config(), ["domain_user_invites"])
    at(NIGHT + timedelta(days=1))
    second = commands.read(site.config(), ["domain_user_invites"], first.last_states())

    def expected(result: Any) -> int:
        line = next(text for _, text in result.logs if text.startswith("Expected calls"))
        return int(line.partition("about ")[2].split(",")[0].split(".")[0])

    members = len(site.rows("domain_users"))
    assert expected(first) == members + 3
    assert expected(second) == pytest.approx(members / 7 + 3, abs=2)
