"""When a batch is full, which of its records are written, and which must wait for each other."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_shared.adapter.remote import RemoteObject
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model.declarations import Mode
from lms_shared.upsert.apply.writer import serial_groups
from lms_shared.upsert.batch import MAX_AGE, MAX_BYTES, Batch, rivals, united
from lms_shared.upsert.item import Item, Ready
from lms_shared.wire.messages import StreamId

OBJECTS = declarations()


def item(number: int, values: dict[str, Any], name: str = "users", stream: str = "s", size: int = 1) -> Item:
    return Item(number, StreamId(stream), name, Mode.UPSERT, values, size)


@pytest.mark.parametrize(
    ("sizes", "seconds", "full"),
    [([], 1e9, False), ([1], 0, False), ([1, 1, 1], 0, True), ([MAX_BYTES], 0, True), ([1], MAX_AGE, True)],
)
def test_a_batch_is_full_by_count_bytes_or_age(sizes: list[int], seconds: float, full: bool) -> None:
    now = [0.0]
    batch = Batch(3, lambda: now[0])
    for number, size in enumerate(sizes):
        batch.add([item(number, {}, size=size)])
    now[0] = seconds
    assert batch.full is full
    assert len(batch.take()) == len(sizes)
    assert batch.empty
    assert not batch.full


def test_records_of_one_stream_and_key_are_rivals_and_are_written_as_one() -> None:
    items = [
        item(1, {"external_reference": "u-1", "email": "a@b.c"}),
        item(2, {"external_reference": "u-2"}),
        item(3, {"external_reference": "u-1"}),
        item(4, {"external_reference": "u-1"}, stream="other"),
    ]
    groups = rivals(OBJECTS["users"], [Ready(one, {}) for one in items])
    assert [[one.item.record for one in group] for group in groups] == [[1, 3], [2], [4]]
    one = united(OBJECTS["users"], groups[0])
    assert one is not None
    assert (one.item.record, dict(one.item.values)) == (3, {"external_reference": "u-1", "email": "a@b.c"})


def test_records_that_mean_one_object_of_the_lms_by_different_keys_are_rivals_unless_their_references_differ() -> None:
    ready = [
        Ready(item(1, {"external_reference": "u-1"}), {}, "7"),
        Ready(item(2, {"email": "a@b.c"}), {}, "7"),
        Ready(item(3, {"external_reference": "u-3", "email": "c@b.c"}), {}, "8"),
        Ready(item(4, {"external_reference": "u-4", "email": "c@b.c"}), {}, "8"),
        Ready(item(5, {"email": "c@b.c"}), {}, None),
    ]
    groups = rivals(OBJECTS["users"], ready)
    assert [[one.item.record for one in group] for group in groups] == [[1, 2], [3], [4], [5]]


def test_links_of_the_same_pair_are_rivals_however_they_name_it() -> None:
    pair = {"user": RemoteObject("7", {}), "content": RemoteObject("9", {})}
    ready = [
        Ready(item(1, {"user_email": "a@b.c", "learning_object_id": "9"}, "assignments"), pair),
        Ready(item(2, {"user_id": "7", "learning_object_external_reference": "c-9"}, "assignments"), pair),
    ]
    assert rivals(OBJECTS["assignments"], ready) == [ready]


def test_of_rival_completions_the_best_wins_wherever_it_stands() -> None:
    ends = {"user_email": "a@b.c", "learning_object_id": "7"}
    items = [
        item(number, {**ends, "completed_at": moment}, "completions")
        for number, moment in enumerate(("2026-01-02", "2026-01-01", "2026-01-01", "2026-01-03"))
    ]
    (group,) = rivals(OBJECTS["completions"], [Ready(one, {}) for one in items])
    one = united(OBJECTS["completions"], group)
    assert one is not None
    assert one.item.record == 1


@pytest.mark.parametrize(
    ("active", "counts"),
    [
        ([None, None], [0, 1]),
        ([False, False], [0, 1]),
        ([False, True], [1]),
        ([False, True, None], [1, 2]),
        ([True, False], None),
        ([False, None], None),
        ([True, False, True], None),
    ],
)
def test_a_link_that_is_taken_and_given_is_one_record_only_where_that_gives_the_same_end(
    active: list[bool | None], counts: list[int] | None
) -> None:
    pair = {"user": RemoteObject("7", {}), "content": RemoteObject("9", {})}
    group = [
        Ready(item(number, {f"f{number}": number, **({} if one is None else {"active": one})}, "assignments"), pair)
        for number, one in enumerate(active)
    ]
    one = united(OBJECTS["assignments"], group)
    assert (None if one is None else [int(name[1]) for name in one.item.values if name != "active"]) == counts


@given(st.lists(st.frozensets(st.integers(0, 12), min_size=1, max_size=3), max_size=25))
def test_what_shares_a_key_is_in_one_group_and_groups_share_none(keys: list[frozenset[int]]) -> None:
    groups = serial_groups([(number, keys[number]) for number in range(len(keys))])
    assert sorted(chain.from_iterable(groups)) == list(range(len(keys)))
    held = [set(chain.from_iterable(keys[member] for member in group)) for group in groups]
    assert sum(map(len, held)) == len(set().union(*held))
    assert all(group == sorted(group) for group in groups)


def test_what_shares_no_key_is_not_held_back() -> None:
    assert serial_groups([("a", [1]), ("b", [2]), ("c", [3])]) == [["a"], ["b"], ["c"]]
    assert serial_groups([("a", [1]), ("b", [2]), ("c", [1, 2])]) == [["a", "b", "c"]]
