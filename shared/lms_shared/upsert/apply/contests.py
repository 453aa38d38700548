"""Records that wait because somebody else has their natural key, until nothing else of their object is to come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from lms_shared.adapter.adapter import EntitySink
from lms_shared.http.metrics import counted_as
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import Mode
from lms_shared.model.fields import Kind
from lms_shared.upsert.account.counters import request_label
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.apply.contest import REFERENCE, Contested, interim_address
from lms_shared.upsert.item import Outcome, Ready, Stuck
from lms_shared.upsert.plan.plan import Action

Settled = tuple[Outcome | Stuck, tuple[Ready, ...]]
"""What became of a record, and earlier ones of the same object that count only where it is rejected."""


@dataclass
class _Waiting:
    contested: Contested
    rest: tuple[Ready, ...]


class Contests:
    """What waits of one sync."""

    def __init__(self, applier: Applier) -> None:
        self._applier = applier
        self._waiting: dict[str, list[_Waiting]] = {}
        self._moved_once: set[str] = set()
        """Ids of objects that were given another address for the moment."""

    def hold(self, contested: Contested, rest: Iterable[Ready]) -> None:
        """A record claims a key that somebody else has."""
        self._waiting.setdefault(contested.item.object_name, []).append(_Waiting(contested, tuple(rest)))

    @property
    def objects(self) -> set[str]:
        """Objects of which records wait."""
        return {name for name, waiting in self._waiting.items() if waiting}

    def settle(self, sink: EntitySink, to_come: Collection[str]) -> Iterator[Settled]:
        """Settles the records of an object, unless more of it is to come.

        Those whose key has become free go first, then people who exchange theirs, then those who find the holder of
        their key inactive; what is left is rejected.
        """
        name = sink.declaration.name
        if name in to_come:
            return
        waiting = sorted(self._waiting.pop(name, []), key=lambda one: one.contested.item.record)
        while waiting:
            settled, waiting = self._tried(sink, waiting)
            if not settled and not self._made_room(sink, waiting):
                # Whoever takes a key over or is refused leaves no key to others, so all of them are settled at once.
                settled = [(self._again(sink, one, last=True), one.rest) for one in waiting]
                waiting = []
            for outcome, rest in settled:
                assert not isinstance(outcome, Contested)
                yield outcome, rest

    def _tried(
        self, sink: EntitySink, waiting: list[_Waiting]
    ) -> tuple[list[tuple[Outcome | Stuck | Contested, tuple[Ready, ...]]], list[_Waiting]]:
        """What could be settled in one round, and what still waits."""
        settled: list[tuple[Outcome | Stuck | Contested, tuple[Ready, ...]]] = []
        left: list[_Waiting] = []
        for one in waiting:
            outcome = self._again(sink, one, last=False)
            if isinstance(outcome, Contested):
                left.append(_Waiting(outcome, one.rest))
            else:
                settled.append((outcome, one.rest))
        return settled, left

    def _again(self, sink: EntitySink, one: _Waiting, *, last: bool) -> Outcome | Stuck | Contested:
        item = one.contested.item
        with counted_as(request_label(item.stream, item.object_name)):
            try:
                return self._applier.apply(sink, item, {}, last=last)
            except CallFailed as failure:
                return Stuck(item, failure)

    def _made_room(self, sink: EntitySink, waiting: list[_Waiting]) -> bool:
        """Whether one of several people who exchange their addresses was given another one for the moment.

        A sync that is killed in between finds all of them again by reference or id, and goes on from there.
        """
        by_own = {one.contested.own.id: one for one in waiting if one.contested.own is not None}
        return any(_in_circle(one, by_own) and self._moved(sink, one.contested) for one in waiting)

    def _moved(self, sink: EntitySink, contested: Contested) -> bool:
        own, name, item = contested.own, contested.field, contested.item
        address = interim_address(item)
        if own is None or address is None or sink.declaration.field_by_name[name].kind is not Kind.EMAIL:
            return False
        if own.id in self._moved_once:
            return False
        self._moved_once.add(own.id)
        if self._applier.dry_run:
            held = str(sink.declaration.normal(name, own.fields.get(name)))
            self._applier.vacated.add((item.object_name, own.id, held))
            return True
        anchors = {anchor: item.values[anchor] for anchor in (REFERENCE, "id") if anchor in item.values}
        moving = replace(item, values={**anchors, name: address}, mode=Mode.UPDATE)
        outcome = self._again(sink, _Waiting(replace(contested, item=moving), ()), last=False)
        return isinstance(outcome, Outcome) and outcome.action is Action.UPDATE


def _in_circle(start: _Waiting, by_own: dict[str, _Waiting]) -> bool:
    """Whether following who has whose key leads back to the start."""
    if start.contested.own is None:
        return False
    seen: set[str] = set()
    one: _Waiting | None = start
    while one is not None and one.contested.holder.id not in seen:
        seen.add(one.contested.holder.id)
        if one.contested.holder.id == start.contested.own.id:
            return True
        one = by_own.get(one.contested.holder.id)
    return False
