"""The answer to `discover`: what can be written, derived from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.validation import record_schema

SYNC_MODES: tuple[tuple[str, Mode], ...] = (
    ("append", Mode.UPSERT),
    ("append_dedup", Mode.UPSERT),
    ("update", Mode.UPDATE),
    ("soft_delete", Mode.SOFT_DELETE),
)
"""Airbyte's sync modes and what they mean here."""


def operations(declarations: Iterable[ObjectDeclaration]) -> list[dict[str, Any]]:
    """One operation for each object and sync mode that it can do, in the shape of `DestinationOperation`."""
    return [
        {
            "object_name": declaration.name,
            "sync_mode": sync_mode,
            "json_schema": operation_schema(declaration, mode),
            "matching_keys": matching_keys(declaration),
        }
        for declaration in declarations
        for sync_mode, mode in SYNC_MODES
        if mode in declaration.modes
    ]


def matching_keys(declaration: ObjectDeclaration) -> list[list[str]]:
    """The keys by which a record finds its object, in the order in which they are tried."""
    if declaration.references:
        keys: list[list[str]] = [[]]
        for reference in declaration.references:
            keys = [[*key, one.field] for one in reference.selectors for key in keys]
        return keys
    sure = [key for key in declaration.keys if key.kind is not KeyKind.ATTRIBUTE]
    return [list(way) for key in sure for way in _ways(declaration, key.fields)]


def operation_schema(declaration: ObjectDeclaration, mode: Mode) -> dict[str, Any]:
    """JSON schema of an operation's records: what creating needs where records may be created, else what finds them."""
    schema = record_schema(declaration)
    groups = _needed(declaration, mode)
    ways = list(dict.fromkeys(tuple(name for way in choice for name in way) for choice in product(*groups)))
    required = [name for name in ways[0] if all(name in way for way in ways)]
    schema["required"] = required
    rest = [[name for name in way if name not in required] for way in ways]
    if all(rest):
        schema["anyOf"] = [{"required": names} for names in rest]
    told = [" or ".join(" and ".join(way) for way in group) for group in groups if len(group) > 1]
    if told:
        schema["description"] += f" Needs {'; '.join(told)}."
    return schema


_Way = tuple[str, ...]
"""Fields that together meet a need."""


def _needed(declaration: ObjectDeclaration, mode: Mode) -> list[list[_Way]]:
    """What a record must have: of each list, at least one way."""
    if mode is Mode.UPSERT:
        return [_placed(declaration, names) for names in declaration.required]
    if declaration.references:
        return [[(one.field,) for one in reference.selectors] for reference in declaration.references]
    # What is to be removed is never found by a mere attribute.
    keys = [key for key in declaration.keys if mode is not Mode.SOFT_DELETE or key.kind is not KeyKind.ATTRIBUTE]
    ways = [way for key in keys for way in _ways(declaration, _given(declaration, key))]
    return [[*ways, *((name,) for name in declaration.keys_in)]]


def _ways(declaration: ObjectDeclaration, names: _Way) -> Iterator[_Way]:
    """The ways to give these fields: each by itself, or by what names the object that it refers to."""
    yield from product(*(declaration.named_by(name) for name in names))


def _given(declaration: ObjectDeclaration, key: MatchKey) -> _Way:
    """The parts of a key that a record has to give: what not even creating needs, an adapter may know by itself."""
    needed = {name for names in declaration.required for name in names}
    return (key.field, *(name for name in key.also if name in needed))


def _placed(declaration: ObjectDeclaration, names: tuple[str, ...]) -> list[_Way]:
    """The ways to make an object: none is by a field that the LMS has no place for, if there is another."""
    return [(name,) for name in names if name not in declaration.unplaced] or [(name,) for name in names]
