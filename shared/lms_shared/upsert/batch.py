"""Collects items until it is worth writing them, and says which of them mean the same object."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.item import Item, Ready, subject

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


def rivals(declaration: ObjectDeclaration, ready: Iterable[Ready]) -> list[list[Ready]]:
    """Items of one object, those together that mean the same one.

    Records of different streams are not rivals: each owns other fields, and each is written. Nor are records with
    different references, see `apply/contest`.
    """
    groups: dict[object, list[Ready]] = {}
    for one in ready:
        groups.setdefault((one.item.stream, subject(declaration, one)), []).append(one)
    return [part for group in groups.values() for part in _by_reference(declaration, group)]


def _by_reference(declaration: ObjectDeclaration, group: list[Ready]) -> list[list[Ready]]:
    """The records of each person, also where the LMS has no place for what tells them apart."""
    if "external_reference" not in declaration.field_by_name:
        return [group]
    given = {one.item.values.get("external_reference") for one in group} - {None}
    if len(given) < 2:
        return [group]
    parts: dict[object, list[Ready]] = {}
    for one in group:
        parts.setdefault(one.item.values.get("external_reference"), []).append(one)
    return list(parts.values())
