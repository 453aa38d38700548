"""Rows of a source as they are after a warehouse: column names in another case, objects as JSON text or taken apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lms_shared.adapter.remote import RecordRejected
from lms_shared.upsert.routing.map import Built, Target

Path = tuple[str, ...]
"""The way to a field: its name, or the names from an outer object to an inner field."""


class SourceRow:
    """A record whose fields are found by the names of the source's API, however they are spelled now.

    The exact name wins, then one that differs in case, then one that differs in separators (`courseStatus` →
    `COURSE_STATUS`). A field of an object is also found beside it (`courseStatus.name` → `coursestatus_name`).
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def get(self, *path: str) -> Any:
        """The value of a field, or None where it is null or missing; blank text is as good as null."""
        found = self._find(path)
        return None if isinstance(found, str) and not found.strip() else found

    def needed(self, *path: str) -> Any:
        """The value of a field without which the record cannot be understood.

        Raises RecordRejected (INPUT.MISSING) where it is null or missing.
        """
        value = self.get(*path)
        if value is None:
            name = ".".join(path)
            raise RecordRejected(
                "INPUT.MISSING",
                f"{name} is missing or null in the record",
                f"Send {name}, or correct the record in the source.",
            )
        return value

    def object(self, *path: str) -> SourceRow:
        """An object, or one without fields; JSON text is read."""
        value = from_json(self.get(*path))
        return SourceRow(value if isinstance(value, Mapping) else {})

    def items(self, *path: str) -> Any:
        """A list; JSON text is read, and anything else is handed on as it is."""
        value = self.get(*path)
        read = from_json(value)
        return read if isinstance(read, list) else value

    def _find(self, path: Path) -> Any:
        name = _spelled(tuple(self._data), path[0])
        value = None if name is None else self._data[name]
        if len(path) == 1:
            return value
        inner = from_json(value)
        if isinstance(inner, Mapping):
            return SourceRow(inner)._find(path[1:])
        beside = _spelled(tuple(self._data), "_".join(path))
        return None if beside is None else self._data[beside]


def from_json(value: Any) -> Any:
    """The object or list that a text of JSON says; anything else as it is."""
    if not isinstance(value, str) or value.strip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def target(
    object_name: str,
    build: Callable[[SourceRow], Built],
    *,
    needs: tuple[str, ...],
    sole: Sole | None = None,
    beside: str | None = None,
    instead: Target | None = None,
    hints: Mapping[str, str] | None = None,
    unless: str | None = None,
    switch: str | None = None,
    renews: bool = False,
) -> Target:
    """A target of a preset: what `build` makes of a row, the fields without which it would make something else of it
    (dotted where they are in an object), the field of which a sync has one value, the stream that it goes with, what
    it means that something which it refers to is missing, and the rest as `Target` has it."""
    paths = tuple(tuple(one.split(".")) for one in needs)
    return Target(
        object_name,
        lambda data: build(SourceRow(data)),
        lacks=lambda names: frozenset(".".join(path) for path in paths if not _has(tuple(names), path)),
        sole=None if sole is None else (sole.field, lambda data: SourceRow(data).get(sole.field), sole.remedy),
        beside=beside,
        instead=instead,
        hints=hints or {},
        unless=unless,
        switch=switch,
        renews=renews,
    )


@dataclass(frozen=True)
class Sole:
    """A field of which all rows of a sync have the same value."""

    field: str
    remedy: str


def _has(names: tuple[str, ...], path: Path) -> bool:
    """Whether there is a field: itself, the object around it, or the field beside it."""
    return _spelled(names, path[0]) is not None or _spelled(names, "_".join(path)) is not None


@lru_cache(maxsize=256)
def _spellings(names: tuple[str, ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    by_case: dict[str, str] = {}
    folded: dict[str, str] = {}
    for name in names:
        by_case.setdefault(name.casefold(), name)
        folded.setdefault(_folded(name), name)
    return by_case, folded


def _spelled(names: tuple[str, ...], wanted: str) -> str | None:
    """The name under which a row has a field."""
    if wanted in names:
        return wanted
    by_case, folded = _spellings(names)
    return by_case.get(wanted.casefold()) or folded.get(_folded(wanted))


def _folded(name: str) -> str:
    return "".join(one for one in name.casefold() if one.isalnum())


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}
