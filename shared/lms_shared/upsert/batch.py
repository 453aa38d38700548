"""Collects items until it is worth writing them, and makes one of several that mean the same object."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import FieldPolicy
from lms_shared.upsert.item import REMOVING, Item, Ready, subject

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
    different references, see `apply/contest`. What was foreseen of each rival does not hold after another one.
    """
    groups: dict[object, list[Ready]] = {}
    for one in ready:
        groups.setdefault((one.item.stream, subject(declaration, one)), []).append(one)
    parts = [part for group in groups.values() for part in _by_reference(declaration, group)]
    return [part if len(part) == 1 else [one._replace(foreseen=None) for one in part] for part in parts]


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


def united(declaration: ObjectDeclaration, group: Sequence[Ready]) -> Ready | None:
    """The one record to write for a group, or None where only writing each of them gives the same end.

    It stands for the last record, or for the best one where the LMS keeps the best of several.
    """
    mode = group[0].item.mode
    if len(group) == 1:
        return group[0]
    if mode is Mode.CREATE_ONLY:
        return group[0]
    if mode in REMOVING:
        return group[-1]
    if not declaration.create_inactive:
        rest = _given_back(group)
        if rest is None:
            return None
        group = rest
    declaration = declaration.judging(renews=group[-1].item.renews)
    if declaration.supersedes is not None:
        return _best(declaration, group)
    values: Mapping[str, Any] = {}
    for one in group:
        values = _one_after_the_other(declaration, values, one.item.values)
    last = group[-1]
    given = tuple(dict.fromkeys(name for one in group for name in one.item.given_ids))
    return last._replace(item=replace(last.item, values=values, given_ids=given))


def _given_back(group: Sequence[Ready]) -> Sequence[Ready] | None:
    """The records of a link that count: those that give it back after it was taken away, or all of them.

    None where the end depends on whether there is a link by now: one that is taken away is not made first.
    """
    taken = [number for number, one in enumerate(group) if one.item.values.get("active") is False]
    if not taken or len(taken) == len(group):
        return group
    rest = group[taken[-1] + 1 :]
    clear = len(taken) == taken[-1] + 1 and rest and rest[0].item.values.get("active") is True
    return rest if clear else None


def _best(declaration: ObjectDeclaration, group: Sequence[Ready]) -> Ready:
    assert declaration.supersedes is not None
    best = group[0]
    for one in group[1:]:
        values = one.item.values
        if declaration.joined is not None:
            values = declaration.joined(values, best.item.values)
        if declaration.supersedes(values, best.item.values):
            best = one._replace(item=replace(one.item, values=values))
    return best


def _one_after_the_other(
    declaration: ObjectDeclaration, earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> dict[str, Any]:
    """What two records leave in an object, judged by the field policies in turn."""
    values = dict(earlier)
    for name, value in later.items():
        declared = declaration.field_by_name.get(name)
        held = values.get(name)
        if declared is None or held is None or value is None:
            values[name] = value
        elif declared.policy is FieldPolicy.MERGE_LIST and isinstance(value, list) and isinstance(held, list):
            values[name] = [*held, *(one for one in value if one not in held)]
        elif declared.policy not in (FieldPolicy.FILL_IF_EMPTY, FieldPolicy.NEVER):
            values[name] = value
    return values
