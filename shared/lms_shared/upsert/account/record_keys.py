"""What a record is about, as short keys: two records that share one are versions of the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.normal_forms import key_part
from lms_shared.upsert.account.rejects import strict_json


def record_keys(
    stream: str,
    primary_key: Iterable[tuple[str, ...]],
    data: Any,
    objects: Iterable[tuple[ObjectDeclaration, Mapping[str, Any]]],
) -> tuple[str, ...]:
    """The keys of a record: its primary key in the source, and what its objects are found by.

    `objects` are the declarations of what it becomes, with the fields that it has for them. They are hashes, so that
    they say nothing of a person. Empty where the record does not say what it is about.
    """
    found = [_hashed(stream, "source", _at_paths(primary_key, data))]
    found += [_hashed(stream, declaration.name, _identity(declaration, values)) for declaration, values in objects]
    return tuple(one for one in found if one is not None)


def _at_paths(paths: Iterable[tuple[str, ...]], data: Any) -> list[Any]:
    values = []
    for path in paths:
        value = data
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        values.append(value)
    return values


def _identity(declaration: ObjectDeclaration, values: Mapping[str, Any]) -> list[Any]:
    """The parts of the first key that the record has, or of all the references that make up a link."""
    if declaration.references:
        return [
            _reference(declaration, [one.field for one in each.selectors], values) for each in declaration.references
        ]
    for key in declaration.keys:
        parts = [_part(declaration, name, values) for name in key.fields]
        if None not in parts:
            return [key.field, *parts]
    return [None]


def _reference(declaration: ObjectDeclaration, names: list[str], values: Mapping[str, Any]) -> list[Any] | None:
    named = [[name, part] for name in names if (part := _part(declaration, name, values)) is not None]
    return named[0] if named else None


def _part(declaration: ObjectDeclaration, name: str, values: Mapping[str, Any]) -> Any:
    value = values.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or name not in declaration.field_by_name:
        return None
    try:
        return key_part(declaration.field_by_name[name].kind, value)
    except (ValueError, TypeError):
        return None


def _hashed(stream: str, kind: str, parts: list[Any]) -> str | None:
    if not parts or None in parts:
        return None
    return hashlib.blake2b(strict_json([stream, kind, *parts]), digest_size=8).hexdigest()
