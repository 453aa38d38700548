"""The answer to `discover`: what can be written, derived from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lms_shared.model.declarations import KeyKind, Mode, ObjectDeclaration
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
    return [list(key.fields) for key in declaration.keys if key.kind is not KeyKind.ATTRIBUTE]


def operation_schema(declaration: ObjectDeclaration, mode: Mode) -> dict[str, Any]:
    """JSON schema of an operation's records: what creating needs is only required where records may be created."""
    schema = record_schema(declaration)
    if mode is Mode.UPSERT:
        required = [names[0] for names in declaration.required if len(names) == 1]
        schema["required"] = required
        one_of = [" or ".join(names) for names in declaration.required if len(names) > 1]
        if one_of:
            schema["description"] += f" Needs {'; '.join(one_of)}."
    return schema
