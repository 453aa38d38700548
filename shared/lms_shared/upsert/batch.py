"""Collects items until it is worth writing them, and finds the ones that a later item of the batch makes void."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from lms_shared.upsert.declarations import ObjectDeclaration
from lms_shared.upsert.item import Item, identity

MAX_BYTES = 16_000_000
MAX_AGE = 60.0
"""Seconds after which a batch is written even if it is not full."""


class Batch:
    """Items of all objects that wait to be written."""

    def __init__(self, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._items: list[Item] = []
        self._bytes = 0
        self._since = 0.0

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            if not self._items:
                self._since = self._clock()
            self._items.append(item)
            self._bytes += item.size

    @property
    def full(self) -> bool:
        """Whether it is time to write: by count, bytes or age."""
        return bool(self._items) and (
            len(self._items) >= self._size or self._bytes >= MAX_BYTES or self._clock() - self._since >= MAX_AGE
        )

    @property
    def empty(self) -> bool:
        return not self._items

    def take(self) -> list[Item]:
        """All items, in the order in which they came; the batch is empty afterwards."""
        items, self._items, self._bytes = self._items, [], 0
        return items


def void_duplicates(declaration: ObjectDeclaration, items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Splits items of one object into those to write and those that another record of the batch makes void.

    The last record of a key wins; of objects that keep the best of several, the best does.
    """
    winners: dict[tuple[object, ...], Item] = {}
    void: list[Item] = []
    for item in items:
        key = identity(declaration, item)
        held = winners.pop(key, None)
        winner = item
        if held is not None:
            better = declaration.supersedes
            if better is not None and not better(item.values, held.values):
                winner, held = held, item
            void.append(held)
        winners[key] = winner
    return list(winners.values()), void
