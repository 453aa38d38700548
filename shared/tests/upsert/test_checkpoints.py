"""States go out in order, only behind settled records, and their counts add up."""

from __future__ import annotations

from typing import Any

from lms_shared.upsert.account.checkpoints import CheckpointTracker
from lms_shared.wire.messages import StreamId

USERS, CONTENT = StreamId("users"), StreamId("content", "ns")


def due(checkpoints: CheckpointTracker) -> list[tuple[str, dict[str, float]]]:
    return [(one["name"], one["destinationStats"]) for one in checkpoints.due()]


def hold(checkpoints: CheckpointTracker, name: str, stream: StreamId | None) -> None:
    checkpoints.hold({"name": name}, stream)


def test_a_state_waits_for_every_record_before_it_and_for_none_behind_it() -> None:
    checkpoints = CheckpointTracker()
    first, second = checkpoints.take(USERS), checkpoints.take(USERS)
    hold(checkpoints, "a", USERS)
    checkpoints.take(USERS)
    checkpoints.settle(first, rejected=False)
    assert due(checkpoints) == []
    checkpoints.settle(second, rejected=False)
    assert due(checkpoints) == [("a", {"recordCount": 2.0})]


def test_states_keep_their_order_whatever_is_settled_first() -> None:
    checkpoints = CheckpointTracker()
    early = checkpoints.take(USERS)
    hold(checkpoints, "a", USERS)
    late = checkpoints.take(CONTENT)
    hold(checkpoints, "b", CONTENT)
    checkpoints.settle(late, rejected=False)
    assert due(checkpoints) == []
    checkpoints.settle(early, rejected=False)
    assert [name for name, _ in due(checkpoints)] == ["a", "b"]


def test_rejected_records_are_counted_apart_and_only_if_there_are_any() -> None:
    checkpoints = CheckpointTracker()
    for rejected in (True, False, True):
        checkpoints.settle(checkpoints.take(USERS), rejected=rejected)
    hold(checkpoints, "a", USERS)
    checkpoints.settle(checkpoints.take(USERS), rejected=False)
    hold(checkpoints, "b", USERS)
    assert due(checkpoints) == [
        ("a", {"recordCount": 1.0, "rejectedRecordCount": 2.0}),
        ("b", {"recordCount": 1.0}),
    ]


def test_a_stream_s_state_counts_that_stream_since_its_last_state() -> None:
    checkpoints = CheckpointTracker()
    for stream in (USERS, CONTENT, USERS):
        checkpoints.settle(checkpoints.take(stream), rejected=False)
    hold(checkpoints, "users", USERS)
    checkpoints.settle(checkpoints.take(CONTENT), rejected=True)
    hold(checkpoints, "content", CONTENT)
    hold(checkpoints, "users again", USERS)
    assert due(checkpoints) == [
        ("users", {"recordCount": 2.0}),
        ("content", {"recordCount": 1.0, "rejectedRecordCount": 1.0}),
        ("users again", {"recordCount": 0.0}),
    ]


def test_a_global_state_counts_all_streams() -> None:
    checkpoints = CheckpointTracker()
    checkpoints.settle(checkpoints.take(USERS), rejected=False)
    checkpoints.settle(checkpoints.take(CONTENT), rejected=True)
    hold(checkpoints, "global", None)
    assert due(checkpoints) == [("global", {"recordCount": 1.0, "rejectedRecordCount": 1.0})]


def test_a_state_goes_out_as_it_came() -> None:
    checkpoints = CheckpointTracker()
    state: dict[str, Any] = {"type": "STREAM", "id": 7, "unknown": [1], "destinationStats": {"recordCount": 99.0}}
    checkpoints.hold(state, USERS)
    assert list(checkpoints.due()) == [{**state, "destinationStats": {"recordCount": 0.0}}]
    assert state["destinationStats"] == {"recordCount": 99.0}
