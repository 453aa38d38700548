"""Holds records whose reference is not there yet, until it arrives or the sync ends.

The records lie in a spill on disk; memory holds their place and what they wait for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from lms_shared.adapter.keys import Awaited
from lms_shared.upsert.item import Place
from lms_shared.upsert.match.spill_file import SpillFile


class DeferredRecords:
    """Deferred records, by what they wait for."""

    def __init__(self, spill: SpillFile) -> None:
        self._spill = spill
        self._places: dict[int, Place] = {}
        self._waiting: dict[Awaited, list[int]] = {}
        self._objects: dict[int, tuple[str, frozenset[str]]] = {}
        """The object of a deferred record, and the objects that it waits for."""
        self._chains: Counter[tuple[str, frozenset[str]]] = Counter()
        """How many records there are of each of these."""
        self._next = 0

    def __len__(self) -> int:
        return len(self._places)

    def defer(self, item: Any, awaited: tuple[Awaited, ...], object_name: str = "") -> None:
        """Puts a record of an object aside until one of the awaited keys arrives."""
        self._places[self._next] = self._spill.put(item)
        chain = (object_name, frozenset(one[0] for one in awaited))
        self._objects[self._next] = chain
        self._chains[chain] += 1
        for one in awaited:
            self._waiting.setdefault(one, []).append(self._next)
        self._next += 1

    def arrived(self, key: Awaited) -> list[Any]:
        """Takes out the records that waited for a key."""
        return [self._take(number) for number in self._waiting.pop(key, ()) if number in self._places]

    def to_come(self, others: Collection[str]) -> set[str]:
        """The objects that may still be written if `others` may: those too of which a record waits for one of them."""
        coming = set(others)
        while more := {name for name, awaited in self._chains if name not in coming and awaited & coming}:
            coming |= more
        return coming

    def in_vain(self, to_come: Collection[str]) -> Iterator[Any]:
        """Takes out the records that wait for none of the objects that are still to come, one by one, in order."""
        for number in [one for one, (_, objects) in self._objects.items() if objects.isdisjoint(to_come)]:
            if number in self._places:
                yield self._take(number)

    def drain(self) -> Iterator[Any]:
        """Takes out all that is left, one by one, in the order in which it was deferred."""
        self._waiting.clear()
        for number in list(self._places):
            yield self._take(number)

    def _take(self, number: int) -> Any:
        chain = self._objects.pop(number)
        self._chains[chain] -= 1
        if not self._chains[chain]:
            del self._chains[chain]
        return self._spill.take(self._places.pop(number))
