"""Streams of version 2: what they hold, what incremental syncs see, what they cost, what a client may be refused."""

from __future__ import annotations

import math
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode
from requests_mock import Mocker

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarOptions
from lms_shared.dev.sandbox.skilljar.v2.tokens import ALL_SCOPES, V2Client
from source_skilljar.run_context import RunContext
from source_skilljar.v2 import windows

STREAMS = ["enrollments", "certificates"]
NIGHT = datetime(2031, 3, 1, 2, tzinfo=UTC)
NARROW = {"v2_client_id": "narrow", "v2_client_secret": "s3cret"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the moment at which syncs begin."""

    def set_moment(moment: datetime) -> None:
        monkeypatch.setattr(RunContext, "began", lambda self: moment)

    return set_moment


@pytest.fixture
def small_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "ROWS_PER_SHARE", 20)


def narrow(*lacking: str, **options: Any) -> SkilljarOptions:
    """An organization whose client `narrow` lacks some scopes."""
    return SkilljarOptions(v2_clients={"narrow": V2Client("s3cret", ALL_SCOPES - set(lacking))}, **options)


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def by_id(result: Any, name: str = "enrollments") -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in result.records[name]}


def v2_calls(site: Any) -> Counter[str]:
    return Counter({route.rpartition("/v2/")[2]: count for route, count in site.calls().items() if "/v2/" in route})


def test_enrollments_say_the_same_of_progress_as_version_one(commands: Any, serve: Any) -> None:
    site = serve(users=60, courses=6)
    result = commands.read(site.v2_config(), ["enrollments", "user_course_progress"])
    assert not result.errors
    success = {"PASSED": "passed", "FAILED": "failed"}
    new = {
        (row["student_id"], row["course_id"], row.get("completed_at"), row["success_status"])
        for row in result.records["enrollments"]
    }
    old = set()
    for row in result.records["user_course_progress"]:
        progress = row["course_progress"]
        if row.get("published_course_id") is not None:
            outcome = success.get(str(progress.get("success_status")), "pending")
            old.add((row["user_id"], row["course"]["id"], progress.get("completed_at"), outcome))
    assert len(new) > 100
    assert new == old


def test_a_row_stands_alone(commands: Any, serve: Any) -> None:
    site = serve(users=30, courses=4)
    result = commands.read(site.v2_config(), STREAMS, mode=SyncMode.full_refresh)
    emails = {row["id"]: row["email"] for row in site.rows("users")}
    courses = {row["id"]: row["course_id"] for row in site.rows("published_courses")}
    rows = result.records["enrollments"]
    assert (
        len(by_id(result)) == len(rows) == len([r for r in site.rows("course_enrollments") if r["published_course_id"]])
    )
    assert all(row["student_email"] == emails[row["student_id"]] for row in rows)
    assert all(row["course_id"] == courses[row["published_course_id"]] for row in rows)
    issued = by_id(result, "certificates")
    assert issued
    assert {row["certificate_id"] for row in rows if row.get("certificate_id")} == set(issued)


def test_records_fit_their_schemas_and_every_field_is_in_them(commands: Any, serve: Any) -> None:
    site = serve(users=30, courses=4)
    result = commands.read(site.v2_config(), STREAMS)
    catalog = commands.catalog(site.v2_config())
    for name in STREAMS:
        assert catalog[name].source_defined_primary_key == [["id"]]
        properties = catalog[name].json_schema["properties"]
        for row in result.records[name]:
            assert row.keys() <= properties.keys()


def test_the_domains_of_the_config_alone_are_read(commands: Any, serve: Any) -> None:
    site = serve(users=30, courses=4)
    domain = site.rows("domains")[-1]["name"]
    result = commands.read(site.v2_config(domains=[domain.upper()]), ["enrollments"])
    wanted = {row["id"] for row in site.rows("course_enrollments") if row["domain_name"] == domain}
    assert set(by_id(result)) == wanted


def test_a_client_that_lacks_published_courses_has_them_listed_by_version_one(commands: Any, serve: Any) -> None:
    site = serve(narrow("published-courses:read"), users=20, courses=3)
    config = site.config(**NARROW, v2_base_url=f"{site.server.url}/v2")
    status, told = commands.check(config)
    assert status == "SUCCEEDED"
    assert "published-courses:read" in told
    rows = commands.read(config, ["enrollments"]).records["enrollments"]
    courses = {row["id"]: row["course_id"] for row in site.rows("published_courses")}
    assert rows
    assert all(row["course_id"] == courses[row["published_course_id"]] for row in rows)


@pytest.mark.parametrize("status", [400, 403])
def test_a_client_that_may_not_include_students_reads_on_without_their_addresses(
    commands: Any, serve: Any, status: int
) -> None:
    site = serve(SkilljarOptions(v2_refused_includes={"student": status}), users=30, courses=4)
    result = commands.read(site.v2_config(), ["enrollments"])
    rows = result.records["enrollments"]
    assert result.ends == {"enrollments": "COMPLETE"}
    assert len(by_id(result)) == len([row for row in site.rows("course_enrollments") if row["published_course_id"]])
    assert {row.get("student_email") for row in rows} == {None}
    assert all(row["student_id"] for row in rows)
    assert any(row.get("certificate_id") for row in rows)
    assert result.text.count("students:read") == 1


def test_a_list_that_is_refused_with_and_without_students_is_told(commands: Any, serve: Any) -> None:
    site = serve(SkilljarOptions(v2_refused_includes={"student": 403, "purchase": 403}), users=10, courses=2)
    result = commands.read(site.v2_config(), ["enrollments"])
    assert result.ends == {"enrollments": "INCOMPLETE"}
    assert [kind for _, kind in result.errors] == ["config_error"]
    assert "students:read" not in result.text


def test_a_scope_that_is_missing_is_told_and_its_stream_not_offered(commands: Any, serve: Any) -> None:
    site = serve(narrow("certificates:read"), users=10, courses=2)
    config = site.config(**NARROW, v2_base_url=f"{site.server.url}/v2")
    status, told = commands.check(config)
    assert (status, told) == (
        "SUCCEEDED",
        "The client of version 2 lacks the scope certificates:read: stream certificates is left out.",
    )
    assert "enrollments" in (offered := commands.catalog(config))
    assert "certificates" not in offered
    result = commands.read(config, STREAMS)
    assert result.ends == {"enrollments": "COMPLETE", "certificates": "INCOMPLETE"}
    assert [kind for _, kind in result.errors] == ["config_error"]
    assert "certificates:read" in result.text


def test_check_with_a_whole_client_has_nothing_to_say(commands: Any, serve: Any) -> None:
    site = serve(users=5, courses=2)
    assert commands.check(site.v2_config()) == ("SUCCEEDED", "")
    assert set(STREAMS) <= set(commands.catalog(site.v2_config()))
    assert not set(STREAMS) & set(commands.catalog(site.config()))


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"v2_client_secret": "rotated"}, "v2_client_secret"),
        ({"v2_client_secret": DEMO_KEY}, "v2_client_secret holds the key of version 1"),
        ({"v2_client_id": "sk-live-other"}, "a key of version 1 does not work"),
        ({"v2_client_secret": ""}, "v2_client_secret is missing"),
    ],
    ids=["dead secret", "own key of version 1", "another key of version 1", "half a client"],
)
def test_a_client_that_is_refused_fails_check(commands: Any, serve: Any, keys: dict[str, str], says: str) -> None:
    site = serve(users=5, courses=2)
    status, told = commands.check({**site.v2_config(), **keys})
    assert status == "FAILED"
    assert says in told
    assert DEMO_KEY not in told


def test_a_client_that_is_refused_fails_its_streams_and_no_others(commands: Any, serve: Any) -> None:
    site = serve(users=5, courses=2)
    result = commands.read({**site.v2_config(), "v2_client_secret": "rotated"}, ["courses", "enrollments"])
    assert result.ends == {"courses": "COMPLETE", "enrollments": "INCOMPLETE"}
    assert {kind for _, kind in result.errors} == {"config_error"}
    assert not any("users" in route for route in site.calls())


def test_without_a_client_the_streams_say_what_they_need(commands: Any, serve: Any) -> None:
    site = serve(users=5, courses=2)
    result = commands.read(site.config(), ["courses", "enrollments"])
    assert result.ends == {"courses": "COMPLETE", "enrollments": "INCOMPLETE"}
    assert "v2_client_id" in result.text


def test_a_token_that_ends_meanwhile_and_trouble_that_passes_lose_nothing(commands: Any, serve: Any) -> None:
    site = serve(SkilljarOptions(v2_token_seconds=1), users=60, courses=4)
    calm = commands.read(site.v2_config(), STREAMS)
    kinds = (FaultKind.SERVER_ERROR, FaultKind.UNAUTHORIZED, FaultKind.TOO_MANY_REQUESTS, FaultKind.DROP_BEFORE)
    site.server.faults = FaultPlan([FaultRule(kind, path="^/v2/enrollments", times=1, skip=2) for kind in kinds])
    result = commands.read(site.v2_config(), STREAMS)
    assert not result.errors
    assert by_id(result) == by_id(calm)


# What an incremental sync sees.


def changes(site: Any, now: datetime) -> dict[str, str]:
    """Makes one change of each kind; the ids of the enrollments by the kind."""
    progress = {row["id"]: row for row in site.rows("course_progress")}
    rows = [
        row for row in site.rows("course_enrollments") if row.get("course_progress_id") and row["published_course_id"]
    ]
    done = [row for row in rows if progress[row["course_progress_id"]].get("completed_at")]
    going = [row for row in rows if row not in done and progress[row["course_progress_id"]].get("latest_activity")]

    def enroll(name: str, moment: datetime) -> str:
        site.sandbox.store.add("course_enrollments", **{**done[0], "id": name, "enrolled_at": stamp(moment)})
        return name

    def complete(row: dict[str, Any], moment: datetime) -> str:
        site.change("course_progress", row["course_progress_id"], completed_at=stamp(moment), success_status="PASSED")
        return str(row["id"])

    def score(row: dict[str, Any]) -> str:
        site.change("course_progress", row["course_progress_id"], score=1)
        return str(row["id"])

    site.change("course_progress", done[2]["course_progress_id"], completed_at=None, latest_activity=stamp(now))
    site.change("course_enrollments", done[3]["id"], expires_at=stamp(now))
    return {
        "enrolled": enroll("new", now - timedelta(hours=1)),
        "enrolled late": enroll("late", now - timedelta(days=3)),
        "completed": complete(going[0], now - timedelta(hours=1)),
        "completed late": complete(going[1], now - timedelta(days=3)),
        "scored in progress": score(going[2]),
        "taken back": str(done[2]["id"]),
        "scored": score(done[1]),
        "expiry": str(done[3]["id"]),
        "enrolled long ago": enroll("old", now - timedelta(days=400)),
        "completed long ago": complete(going[3], now - timedelta(days=60)),
    }


AT_ONCE = {"enrolled", "enrolled late", "completed", "completed late", "scored in progress", "taken back"}


@pytest.mark.usefixtures("small_shares")
def test_a_change_is_seen_when_the_table_says(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=60, courses=6)
    at(NIGHT)
    state = commands.read(site.v2_config(), ["enrollments"]).last_states()
    now = NIGHT + timedelta(days=1)
    made = changes(site, now)
    seen: dict[str, int] = {}
    held: dict[str, dict[str, Any]] = {}
    for day in range(1, 8):
        at(NIGHT + timedelta(days=day))
        result = commands.read(site.v2_config(), ["enrollments"], state)
        state = result.last_states()
        held |= by_id(result)
        for kind, enrollment in made.items():
            if enrollment in by_id(result):
                seen.setdefault(kind, day)
    assert seen.keys() == made.keys()
    assert {kind for kind in AT_ONCE if seen[kind] == 1} == AT_ONCE
    assert held == by_id(commands.read(site.v2_config(), ["enrollments"], mode=SyncMode.full_refresh))


@pytest.mark.usefixtures("small_shares")
def test_each_share_is_read_once_in_a_period(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=100, courses=6)
    at(NIGHT)
    state = commands.read(site.v2_config(), ["enrollments"]).last_states()
    assert len(state["enrollments"]["shares"]) > 5
    nightly = []
    for day in range(1, 8):
        at(NIGHT + timedelta(days=day))
        result = commands.read(site.v2_config(), ["enrollments"], state)
        state = result.last_states()
        nightly.append(len([row for row in result.records["enrollments"] if row["progress_status"] == "completed"]))
    done = [row for row in site.rows("course_progress") if row.get("completed_at")]
    assert sum(nightly) >= len(done) * 0.9
    assert max(nightly) < sum(nightly) * 0.7


def test_a_staleness_of_zero_reads_all_in_each_sync_and_each_row_once(commands: Any, serve: Any) -> None:
    site = serve(users=40, courses=4)
    config = site.v2_config(max_staleness_days=0)
    first = commands.read(config, ["enrollments"])
    second = commands.read(config, ["enrollments"], first.last_states())
    assert by_id(second) == by_id(first)
    assert len(second.records["enrollments"]) == len(by_id(second))


def test_a_state_in_the_future_is_healed_and_warned_of(commands: Any, serve: Any) -> None:
    site = serve(users=20, courses=3)
    state = {"enrollments": {"read_until": "2099-01-01T00:00:00Z", "shares": []}}
    result = commands.read(site.v2_config(), ["enrollments"], state)
    assert [text for text in result.warnings() if "lies in the future" in text]
    assert len(by_id(result)) == len([row for row in site.rows("course_enrollments") if row["published_course_id"]])
    assert result.last_states()["enrollments"]["read_until"] < "2099"


def test_a_row_from_the_future_does_not_hide_later_changes(commands: Any, serve: Any) -> None:
    site = serve(SkilljarOptions(future_rows=True), users=20, courses=3)
    first = commands.read(site.v2_config(), ["enrollments"])
    assert first.last_states()["enrollments"]["read_until"] < "2099"
    rows = [row for row in site.rows("course_enrollments") if row["published_course_id"]]
    assert len(by_id(first)) == len(rows)
    site.sandbox.store.add(
        "course_enrollments", **{**rows[0], "id": "new", "enrolled_at": stamp(datetime.now(UTC) - timedelta(hours=1))}
    )
    assert "new" in by_id(commands.read(site.v2_config(), ["enrollments"], first.last_states()))


def test_no_state_is_ahead_of_the_clock_of_the_api(commands: Any, requests_mock: Mocker) -> None:
    base = "https://skilljar.test"
    config = {"api_key": "k", "base_url": f"{base}/v1", "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    client = {"v2_client_id": "c", "v2_client_secret": "s", "v2_base_url": f"{base}/v2"}
    requests_mock.post(f"{base}/v2/auth/token", json={"access_token": "a.e30.c", "expires_in": 900})
    empty = {"data": [], "has_more": False, "next_cursor": None}
    requests_mock.get(f"{base}/v2/published-courses/", json=empty, headers={"Date": "Sat, 01 Mar 2025 02:00:00 GMT"})
    requests_mock.get(f"{base}/v2/enrollments/", json=empty)
    result = commands.read({**config, **client}, ["enrollments"])
    assert not result.errors
    assert result.last_states()["enrollments"]["read_until"].startswith("2025-03-01T01:5")


def test_one_worker_reads_both_streams_again(commands: Any, serve: Any) -> None:
    site = serve(users=20, courses=3)
    config = site.v2_config(num_workers=1, max_staleness_days=0)
    first = commands.read(config, STREAMS)
    second = commands.read(config, [*STREAMS, "courses"], first.last_states())
    assert set(second.ends.values()) == {"COMPLETE"}
    assert by_id(second) == by_id(first)


@pytest.mark.parametrize("state", [{"foreign": 1}, {"read_until": "yesterday"}, {"read_until": None, "left": "x"}])
def test_a_state_of_a_foreign_form_is_not_used(commands: Any, serve: Any, state: dict[str, Any]) -> None:
    site = serve(users=10, courses=2)
    result = commands.read(site.v2_config(), ["enrollments"], {"enrollments": state})
    assert not result.errors
    assert len(by_id(result)) == len([row for row in site.rows("course_enrollments") if row["published_course_id"]])


def test_the_start_date_leaves_out_what_was_enrolled_before(commands: Any, serve: Any) -> None:
    site = serve(users=40, courses=4)
    start = sorted(row["enrolled_at"] for row in site.rows("course_enrollments"))[40][:19] + "Z"
    config = site.v2_config(start_date=start)
    first = commands.read(config, ["enrollments"])
    second = commands.read(config, ["enrollments"], first.last_states())
    assert {
        row["enrolled_at"][:19] >= start[:19] for result in (first, second) for row in result.records["enrollments"]
    } == {True}
    assert 0 < len(by_id(first)) < len(site.rows("course_enrollments"))


@pytest.mark.usefixtures("small_shares")
def test_every_checkpoint_leads_to_the_same_rows(commands: Any, serve: Any, at: Any) -> None:
    site = serve(users=60, courses=6)
    at(NIGHT)
    whole = commands.read(site.v2_config(num_workers=1), STREAMS)
    assert len(whole.states["enrollments"]) > 3
    later = changes(site, NIGHT + timedelta(days=1))
    at(NIGHT + timedelta(days=1))
    wanted = by_id(commands.read(site.v2_config(), ["enrollments"], mode=SyncMode.full_refresh))
    unseen = {later[kind] for kind in later.keys() - AT_ONCE}
    for state, count in zip(whole.states["enrollments"], whole.counts["enrollments"], strict=True):
        held = {row["id"]: row for row in whole.records["enrollments"][:count]}
        held |= by_id(commands.read(site.v2_config(), ["enrollments"], {"enrollments": state}))
        assert held.keys() >= wanted.keys() - unseen
        assert {key: held[key] for key in held.keys() - unseen} == {key: wanted[key] for key in held.keys() - unseen}


@pytest.mark.usefixtures("small_shares")
def test_a_failure_keeps_the_checkpoints_and_the_next_sync_goes_on(commands: Any, serve: Any) -> None:
    site = serve(users=60, courses=6)
    calm = commands.read(site.v2_config(), ["enrollments"])
    old = "enrolled_lte.*2025-"
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, path="^/v2/enrollments", query=old)])
    broken = commands.read(site.v2_config(num_workers=1), ["enrollments"])
    assert [kind for _, kind in broken.errors] == ["transient_error"]
    assert broken.ends == {"enrollments": "INCOMPLETE"}
    assert broken.last_states()["enrollments"]["left"]
    site.server.faults = FaultPlan()
    rest = commands.read(site.v2_config(), ["enrollments"], broken.last_states())
    assert by_id(broken) | by_id(rest) == by_id(calm)
    assert "left" not in rest.last_states()["enrollments"]


# What it costs.


def test_reads_cost_no_more_calls_than_the_table_says(commands: Any, serve: Any) -> None:
    site = serve(users=4000, courses=6)
    rows = [row for row in site.rows("course_enrollments") if row["published_course_id"]]
    first = commands.read(site.v2_config(), ["enrollments"])
    pages = math.ceil(len(rows) / 100)
    assert pages > 100
    assert sum(v2_calls(site).values()) <= 1.05 * pages
    now = datetime.now(UTC)
    progress = {row["id"]: row for row in site.rows("course_progress")}
    done = [row for row in rows if (progress.get(row["course_progress_id"]) or {}).get("completed_at")]
    changed = done[: len(rows) // 100]
    for row in changed:
        site.change("course_progress", row["course_progress_id"], completed_at=stamp(now))
    second = commands.read(site.v2_config(), ["enrollments"], first.last_states())
    going = [row for row in second.records["enrollments"] if row["progress_status"] == "in_progress"]
    assert {row["id"] for row in changed} <= by_id(second).keys()
    assert sum(v2_calls(site).values()) <= math.ceil(len(changed) / 100) + math.ceil(len(going) / 100) + 5


@pytest.mark.parametrize("shares", [True, False])
def test_calls_of_version_two_count_in_the_quota_unless_the_config_says_not(
    commands: Any, serve: Any, monkeypatch: pytest.MonkeyPatch, shares: bool
) -> None:
    site = serve(users=60, courses=4)

    def no_wait(seconds: float) -> None:
        if seconds > 3000:
            raise OSError("the wait for the quota would begin here")

    monkeypatch.setattr(time, "sleep", no_wait)
    config = {**site.v2_config(v2_shares_quota=shares), "requests_per_hour": 3}
    result = commands.read(config, ["enrollments"])
    assert bool(result.errors) is shares
    assert (sum(v2_calls(site).values()) == 3) is shares
