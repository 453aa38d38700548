"""When a batch is made by calls for many, and what is left to the usual way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pytest

from lms_shared.model.declarations import Mode
from lms_shared.model.unified import USERS
from lms_shared.upsert.adapter import EntityPort, References, Values
from lms_shared.upsert.bulk import create_in_bulk
from lms_shared.upsert.item import Item
from lms_shared.upsert.lookup import Key
from lms_shared.upsert.plan import Action, Change, Decision
from lms_shared.upsert.remote import RecordRejected, Remote
from lms_shared.upsert.routing import StreamId


class ManyPort(EntityPort):
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

    def find(self, key: Key, *, fresh: bool = False) -> list[Remote]:
        raise AssertionError("what is foreseen is given")

    def create(self, values: Values, references: References) -> Remote:
        raise AssertionError("singles are the engine's business")

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        raise AssertionError("singles are the engine's business")


def item(email: str, mode: Mode = Mode.UPSERT) -> Item:
    return Item(0, StreamId("users"), "users", mode, {"email": email}, 0)


def foresee(items: Iterable[Item]) -> Iterator[Decision | None]:
    """Whoever is called `known` is there already, and `bad` is going to be rejected."""
    for one in items:
        email = str(one.values["email"])
        action = Action.UNCHANGED if email.startswith("known") else Action.CREATE
        yield None if email.startswith("bad") else Decision(action, "", (Change("email", None, email),))


def test_what_is_new_is_made_at_once_in_the_order_of_the_records() -> None:
    port = ManyPort()
    items = [item(name) for name in ("c", "known", "a", "bad", "b")]
    begun = create_in_bulk(port, items, foresee)
    assert port.made == ["c", "a", "b"]
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
    port = ManyPort()
    assert create_in_bulk(port, items, foresee) == {}
    assert port.made == []


def test_a_refusal_of_all_leaves_each_to_a_call_of_its_own() -> None:
    port = ManyPort(RecordRejected("REMOTE.400", "one of them is bad", ""))
    assert create_in_bulk(port, [item("a"), item("b"), item("c")], foresee) == {}


def test_an_object_without_a_call_for_many_is_not_even_looked_up() -> None:
    port = ManyPort()
    port.bulk_from = None

    def never(_: Iterable[Item]) -> Iterator[Decision | None]:
        raise AssertionError("nothing is foreseen")

    assert create_in_bulk(port, [item("a"), item("b"), item("c")], never) == {}
