"""Records that wait for what they refer to: they are written when it comes, and hold back their states alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lms_shared.activity import Activity
from lms_shared.destination import base
from lms_shared.dev.testing.memory_destination import MemoryDestination, sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms, failing
from lms_shared.dev.testing.syncs import (
    Stream,
    catalog,
    lines,
    messages,
    record,
    state,
)
from lms_shared.upsert.apply import apply
from lms_shared.wire.parsing import parse_lines

USER = {"email": "ada@example.com", "external_reference": "u-1"}
COURSE = {"external_reference": "c-1", "title": "Course"}
ASSIGNMENT = {"user_email": "ada@example.com", "learning_object_external_reference": "c-1"}


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "FIRST_WAIT", 0.0)


@pytest.fixture
def lms() -> MemoryLms:
    return MemoryLms()


def test_what_refers_to_something_that_comes_later_is_written_before_the_sync_ends(lms: MemoryLms) -> None:
    streams = [Stream("assignments", [ASSIGNMENT]), Stream("users", [USER]), Stream("content", [COURSE])]
    done = sync_into(lms, streams, batch_size=1)
    assert done.total("created") == 3
    assert done.positions == [("assignments", 1), ("users", 1), ("content", 1)]


def test_states_behind_a_parked_record_wait_and_those_before_it_do_not(lms: MemoryLms) -> None:
    seen: list[tuple[str, int]] = []

    def sent() -> Iterator[bytes]:
        yield from lines([record("users", USER), state("users", {"sent": 1})])
        yield from lines([record("assignments", ASSIGNMENT), state("assignments", {"sent": 1})])
        yield from lines([record("users", {"email": "b@example.com"}), state("users", {"sent": 2})])
        yield from lines([record("content", COURSE), state("content", {"sent": 1})])

    streams = [Stream("users"), Stream("assignments"), Stream("content")]
    lms.trouble = lambda call: seen.append((call.what, call.number)) if call.verb == "write" else None
    done = sync_into(lms, streams, sent(), batch_size=1)
    assert done.positions == [("users", 1), ("assignments", 1), ("users", 2), ("content", 1)]
    assert [one["destinationStats"] for one in done.states] == [{"recordCount": 1.0}] * 4


@pytest.mark.parametrize("batch_size", [1, 10])
def test_how_long_it_takes_is_told_once_no_more_records_can_come(
    lms: MemoryLms, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = Activity()  # not that of the process, which may still tell of a wait in another test
    monkeypatch.setattr(base, "ACTIVITY", activity)
    told: list[bool] = []
    lms.trouble = lambda call: told.append("eta_seconds" in activity.as_json()) if call.verb == "write" else None
    records = [record("users", USER), record("assignments", ASSIGNMENT), record("content", COURSE)]
    sync_into(lms, [Stream("users"), Stream("assignments"), Stream("content")], records, batch_size=batch_size)
    assert told[0] is False, "nothing is done yet"
    # One by one, all is written while the source may still send more.
    assert any(told) is (batch_size > 1)


def test_after_a_failure_no_state_behind_a_parked_record_has_gone_out(lms: MemoryLms) -> None:
    sent = [
        record("users", USER),
        state("users", {"sent": 1}),
        record("assignments", ASSIGNMENT),
        state("assignments", {"sent": 1}),
        record("users", {"email": "b@example.com"}),
        state("users", {"sent": 2}),
        record("content", COURSE),
    ]
    lms.trouble = failing(lambda: RuntimeError("broken"), at_write=3)
    done = sync_into(lms, [Stream("users"), Stream("assignments"), Stream("content")], sent, batch_size=1)
    assert isinstance(done.error, RuntimeError)
    assert done.positions == [("users", 1)]


def test_what_refers_to_something_that_never_comes_is_a_reject_that_says_so(lms: MemoryLms, tmp_path: Path) -> None:
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    streams = [Stream("assignments", [ASSIGNMENT]), Stream("content", [COURSE]), Stream("users", [])]
    done = sync_into(lms, streams, object_storage_config=storage)
    (reject,) = done.rejects
    assert (reject["code"], reject["stream"]) == ("REFERENCE.NOT_FOUND", "assignments")
    assert "user" in reject["reason"]
    assert reject["record"]["record"]["data"] == ASSIGNMENT


def test_a_parked_record_does_not_take_the_place_of_a_later_one_of_its_key(lms: MemoryLms) -> None:
    lms.add("users", email="ada@example.com")
    old, new = {**ASSIGNMENT, "due_date": "2026-01-01"}, {**ASSIGNMENT, "due_date": "2026-02-02"}
    other = {"external_reference": "c-2", "title": "Other"}
    sent = [record("assignments", old), record("content", other), record("assignments", new), record("content", COURSE)]
    sync_into(lms, [Stream("assignments"), Stream("content")], sent, batch_size=2)
    (row,) = lms.rows("assignments")
    assert row.fields["due_date"].startswith("2026-02-02")


def test_many_parked_records_are_written_once_each_when_their_reference_comes(lms: MemoryLms) -> None:
    people = [{"email": f"{number}@example.com"} for number in range(40)]
    assigned = [{**ASSIGNMENT, "user_email": one["email"]} for one in people]
    streams = [Stream("assignments", assigned), Stream("content", [COURSE]), Stream("users", people)]
    done = sync_into(lms, streams, batch_size=7)
    assert done.error is None
    assert len(lms.rows("assignments")) == 40
    assert done.counted("recordCount") == 81


def test_a_learner_is_found_by_a_reference_that_the_lms_cannot_hold(lms: MemoryLms) -> None:
    assigned = [{"user_external_reference": "u-1", "learning_object_external_reference": "c-1"}]
    streams = [Stream("assignments", assigned), Stream("users", [USER]), Stream("content", [COURSE])]
    for created in (3, 0):
        done = sync_into(lms, streams, user_references=False)
        assert (done.total("created"), done.total("rejected")) == (created, 0)


def test_a_sync_without_the_referred_streams_rejects_at_once_and_its_states_go_on(lms: MemoryLms) -> None:
    sent = [*messages([Stream("assignments", [ASSIGNMENT] * 3)], state_every=1)]
    done = sync_into(lms, [Stream("assignments")], sent, batch_size=1)
    assert done.positions == [("assignments", 1), ("assignments", 2), ("assignments", 3), ("assignments", 3)]
    assert done.counted("rejectedRecordCount") == 3


def test_a_record_that_waits_in_vain_holds_back_no_state_to_the_end(
    lms: MemoryLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "feed", iter)  # no reading ahead, so that what is sent when is known
    ghost = {**ASSIGNMENT, "user_email": "ghost@example.com"}
    courses = [{**COURSE, "external_reference": f"c-{number}"} for number in range(4)]
    streams = [Stream("assignments", [ghost]), Stream("users", [USER]), Stream("content", courses)]
    out: list[str] = []
    seen: list[int] = []

    def sent() -> Iterator[dict[str, Any]]:
        for message in messages(streams, state_every=1):
            seen.append(len(out))
            yield message

    config = {"api_key": "k", "batch_size": 1}
    for one in MemoryDestination(lms).sync(config, catalog(streams), parse_lines(lines(sent()))):
        out.append(one["stream"]["stream_descriptor"]["name"])
    users_end = len(list(messages(streams[:2], state_every=1)))
    assert seen[users_end - 1] == 0, "the learner could still have come"
    assert out[: seen[users_end]] == ["assignments"] * 2 + ["users"] * 2
