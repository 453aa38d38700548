"""States go out in order, only behind settled records, and their counts add up."""

from __future__ import annotations

from typing import Any

from lms_shared.upsert.ledger import Ledger
from lms_shared.upsert.routing import StreamId

USERS, CONTENT = StreamId("users"), StreamId("content", "ns")


def due(ledger: Ledger) -> list[tuple[str, dict[str, float]]]:
    return [(one["name"], one["destinationStats"]) for one in ledger.due()]


def hold(ledger: Ledger, name: str, stream: StreamId | None) -> None:
    ledger.hold({"name": name}, stream)


def test_a_state_waits_for_every_record_before_it_and_for_none_behind_it() -> None:
    ledger = Ledger()
    first, second = ledger.take(USERS), ledger.take(USERS)
    hold(ledger, "a", USERS)
    ledger.take(USERS)
    ledger.settle(first, rejected=False)
    assert due(ledger) == []
    ledger.settle(second, rejected=False)
    assert due(ledger) == [("a", {"recordCount": 2.0})]


def test_states_keep_their_order_whatever_is_settled_first() -> None:
    ledger = Ledger()
    early = ledger.take(USERS)
    hold(ledger, "a", USERS)
    late = ledger.take(CONTENT)
    hold(ledger, "b", CONTENT)
    ledger.settle(late, rejected=False)
    assert due(ledger) == []
    ledger.settle(early, rejected=False)
    assert [name for name, _ in due(ledger)] == ["a", "b"]


def test_rejected_records_are_counted_apart_and_only_if_there_are_any() -> None:
    ledger = Ledger()
    for rejected in (True, False, True):
        ledger.settle(ledger.take(USERS), rejected=rejected)
    hold(ledger, "a", USERS)
    ledger.settle(ledger.take(USERS), rejected=False)
    hold(ledger, "b", USERS)
    assert due(ledger) == [
        ("a", {"recordCount": 1.0, "rejectedRecordCount": 2.0}),
        ("b", {"recordCount": 1.0}),
    ]


def test_a_stream_s_state_counts_that_stream_since_its_last_state() -> None:
    ledger = Ledger()
    for stream in (USERS, CONTENT, USERS):
        ledger.settle(ledger.take(stream), rejected=False)
    hold(ledger, "users", USERS)
    ledger.settle(ledger.take(CONTENT), rejected=True)
    hold(ledger, "content", CONTENT)
    hold(ledger, "users again", USERS)
    assert due(ledger) == [
        ("users", {"recordCount": 2.0}),
        ("content", {"recordCount": 1.0, "rejectedRecordCount": 1.0}),
        ("users again", {"recordCount": 0.0}),
    ]


def test_a_global_state_counts_all_streams() -> None:
    ledger = Ledger()
    ledger.settle(ledger.take(USERS), rejected=False)
    ledger.settle(ledger.take(CONTENT), rejected=True)
    hold(ledger, "global", None)
    assert due(ledger) == [("global", {"recordCount": 1.0, "rejectedRecordCount": 1.0})]


def test_a_state_goes_out_as_it_came() -> None:
    ledger = Ledger()
    state: dict[str, Any] = {"type": "STREAM", "id": 7, "unknown": [1], "destinationStats": {"recordCount": 99.0}}
    ledger.hold(state, USERS)
    assert list(ledger.due()) == [{**state, "destinationStats": {"recordCount": 0.0}}]
    assert state["destinationStats"] == {"recordCount": 99.0}
