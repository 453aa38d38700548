"""Reads `objects/*.toml`: one table for each resource, with a line for each field.

A field is its kind, or a table with `kind` and what else `Attribute` knows. Sources of the facts: the request bodies of
the Skilljar API (fields and limits), its answers (what can be compared), and its lists and filters (look-ups).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from destination_skilljar.native.resource import Attribute, Change, Resource, RowKey, Soft
from lms_shared.model.declarations import KeyKind
from lms_shared.model.fields import FieldPolicy, Kind


@cache
def load_resources() -> tuple[Resource, ...]:
    """All resources, in the order of the files and of the tables in them."""
    folder = files(__package__).joinpath("objects")
    tables = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return tuple(
        _resource(name, entry) for table in tables for name, entry in tomllib.loads(table.read_text("utf-8")).items()
    )


def _resource(name: str, entry: Mapping[str, Any]) -> Resource:
    path: str = entry["path"]
    item = _below(path, entry.get("item", "{id}"))
    listed = entry.get("list", True)
    soft = entry.get("soft")
    return Resource(
        name=name,
        path=path,
        item=item,
        list=listed if isinstance(listed, str) else (path if listed else None),
        query=entry.get("query", {}),
        keys=tuple(RowKey(tuple(key.split("+")), KeyKind(kind)) for key, kind in entry["keys"].items()),
        attributes=tuple(_attribute(one, spec) for one, spec in entry.get("fields", {}).items()),
        create=entry.get("create", "POST") or None,
        repeatable=entry.get("repeatable", False),
        change=Change(entry.get("change", "none")),
        soft=Soft(soft["field"], soft["off"]) if soft else None,
        delete=entry.get("delete", ""),
        filters=entry.get("filters", {}),
        item_read=entry.get("item_read", True),
        single=entry.get("single", False),
        first=entry.get("first", False),
        read_back=entry.get("read_back", False),
        repeated=tuple(entry.get("repeated", ())),
        serial=tuple(entry.get("serial", ())),
        place=entry.get("place", ""),
        lifts=entry.get("lifts", {}),
        one_of=tuple(tuple(names) for names in entry.get("one_of", ())),
        quirk=entry.get("quirk", ""),
        remedies=entry.get("remedies", {}),
        refusals=entry.get("refusals", {}),
        notes=tuple(entry.get("notes", ())),
    )


def _below(path: str, item: str) -> str:
    """An item's path: below that of its list, or from the top where it begins with a slash."""
    if item.startswith("/"):
        return item[1:]
    return f"{path}/{item}" if item else path


def _attribute(name: str, spec: str | Mapping[str, Any]) -> Attribute:
    entry: dict[str, Any] = {"kind": spec} if isinstance(spec, str) else dict(spec)
    members: Mapping[str, Any] = entry.pop("members", {})
    return Attribute(
        name=name,
        kind=Kind(entry.pop("kind")),
        members=tuple(_attribute(one, inner) for one, inner in members.items()),
        choices=tuple(entry.pop("choices", ())),
        policy=FieldPolicy(entry.pop("policy", FieldPolicy.SOURCE_WINS.value)),
        body=None if entry.pop("sent", True) is False else entry.pop("body", ""),
        **entry,
    )
