"""When a batch is made by calls for many, and what is left to the usual way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.model.declarations import Mode
from lms_shared.model.unified import USERS
from lms_shared.upsert.apply.bulk import AllBegun, Foreseen, begin_in_bulk
from lms_shared.upsert.item import Item, Ready
from lms_shared.upsert.plan.plan import Action, Change, Decision
from lms_shared.wire.messages import StreamId


class ManySink(EntitySink):
    """Takes three or more at once."""

    bulk_from: int | None = 3

    def __init__(self, refusal: RecordRejected | None = None) -> None:
        super().__init__(USERS)
        self.made: list[str] = []
        self._refusal = refusal

    def create_many(self, many: Sequence[Values]) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.made += [one["email"] for one in many]

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        raise AssertionError("what is foreseen is given")

    def create(self, values: Values, references: References) -> RemoteObject:
        raise AssertionError("singles are the engine's business")

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        raise AssertionError("singles are the engine's business")


def item(email: str, mode: Mode = Mode.UPSERT) -> Item:
    return Item(0, StreamId("users"), "users", mode, {"email": email}, 0)


def foresee(ready: Iterable[Ready]) -> Iterator[Foreseen | None]:
    """Whoever is called `known` is there already, and `bad` is going to be rejected."""
    for one in ready:
        email = str(one.item.values["email"])
        action = Action.UNCHANGED if email.startswith("known") else Action.CREATE
        decision = Decision(action, "", (Change("email", None, email),))
        yield None if email.startswith("bad") else Foreseen(decision)


def begin(sink: ManySink, items: Iterable[Item]) -> AllBegun:
    return begin_in_bulk(sink, [Ready(one, {}) for one in items], foresee, map)


def test_what_is_new_is_made_at_once_in_the_order_of_the_records() -> None:
    sink = ManySink()
    items = [item(name) for name in ("c", "known", "a", "bad", "b")]
    begun = begin(sink, items)
    assert sink.made == ["c", "a", "b"]
    assert set(begun) == {id(items[number]) for number in (0, 2, 4)}


@pytest.mark.parametrize(
    "items",
    [
        [item("a"), item("b")],
        [item("a"), item("b"), item("known"), item("bad")],
        [item("a", Mode.UPDATE), item("b", Mode.UPDATE), item("c", Mode.UPDATE)],
    ],
)
def test_few_new_objects_are_left_to_single_calls(items: list[Item]) -> None:
    sink = ManySink()
    assert begin(sink, items) == {}
    assert sink.made == []


def test_a_refusal_of_all_leaves_each_to_a_call_of_its_own() -> None:
    sink = ManySink(RecordRejected("REMOTE.400", "one of them is bad", ""))
    assert begin(sink, [item("a"), item("b"), item("c")]) == {}


def test_an_object_without_a_call_for_many_is_not_even_looked_up() -> None:
    sink = ManySink()
    sink.bulk_from = None

    assert begin(sink, [item("a"), item("b"), item("c")]) == {}
    assert sink.made == []
