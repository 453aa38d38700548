"""Reads resources from TOML: one table for each resource, with a line for each field.

A field is its kind, or a table with `kind` and what else `Attribute` knows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.keys import KeyKind
from lms_shared.resources.graphql import GraphqlCalls
from lms_shared.resources.resource import Attribute, Refers, Resource, RowKey, Soft
from lms_shared.resources.rest import RestCalls


def load_resources(folder: Traversable) -> tuple[Resource, ...]:
    """All resources of the TOML files in a folder and below it, in the order of the files and of the tables in them."""
    return tuple(
        _resource(name, entry)
        for table in _tables(folder)
        for name, entry in tomllib.loads(table.read_text("utf-8")).items()
    )


def _tables(folder: Traversable) -> Iterator[Traversable]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            yield from _tables(one)
        elif one.name.endswith(".toml"):
            yield one


def _resource(name: str, entry: Mapping[str, Any]) -> Resource:
    soft = entry.get("soft")
    return Resource(
        name=name,
        called=entry.get("called", name.removesuffix("s").replace("_", " ")),
        description=entry.get("description", ""),
        calls=RestCalls.parse(entry) if "path" in entry else GraphqlCalls.parse(entry),
        keys=_keys(entry["keys"]),
        attributes=tuple(_attribute(one, spec) for one, spec in entry.get("fields", {}).items()),
        repeatable=entry.get("repeatable", False),
        soft=Soft(**soft) if soft else None,
        delete=entry.get("delete", ""),
        first=entry.get("first", False),
        read_back=entry.get("read_back", False),
        serial=tuple(entry.get("serial", ())),
        place=entry.get("place", ""),
        references=tuple(
            _refers(field, one)
            for field, spec in entry.get("references", {}).items()
            for one in (spec if isinstance(spec, list) else [spec])
        ),
        names=entry.get("names", {}),
        found_by=_keys(entry.get("found_by", {})),
        same_as=entry.get("same_as", {}),
        after=tuple(entry.get("after", ())),
        lifts=entry.get("lifts", {}),
        one_of=tuple(tuple(names) for names in entry.get("one_of", ())),
        hooks=entry.get("hooks", ""),
        remedies=entry.get("remedies", {}),
        refusals=entry.get("refusals", {}),
        notes=tuple(entry.get("notes", ())),
    )


def _keys(entry: Mapping[str, str]) -> tuple[RowKey, ...]:
    return tuple(_key(key, *kind.split(" unless ")) for key, kind in entry.items())


def _key(fields: str, kind: str, unless: str = "") -> RowKey:
    return RowKey(tuple(fields.split("+")), KeyKind(kind), unless)


def _refers(field: str, spec: str | Mapping[str, Any]) -> Refers:
    entry: Mapping[str, Any] = {"object": spec} if isinstance(spec, str) else spec
    prefix = entry.get("prefix", "")
    name, equals, value = entry.get("when", "").partition("=")
    return Refers(
        field,
        entry["object"],
        prefix,
        entry.get("within", prefix),
        entry.get("takes", ""),
        (name, value) if equals else None,
        entry.get("names", {}),
    )


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
