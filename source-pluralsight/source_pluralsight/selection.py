"""Which fields of a row are asked for, as a tree; query text and JSON schema are both made from it.

So a record cannot hold a field that is not in the schema of its stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

JsonSchema = dict[str, Any]
SCHEMA_DIALECT = "http://json-schema.org/draft-07/schema#"
TYPENAME = "__typename"


@dataclass(frozen=True)
class Field:
    """A field of a row or of an object in it.

    A leaf has a `leaf_schema`; an object has `children`, and `fragments` (type name and fields) where its type is an
    interface or a union. `arguments` is written after the name. `lists` is the number of lists around it.
    """

    name: str
    leaf_schema: Mapping[str, Any] | None = None
    lists: int = 0
    arguments: str = ""
    children: tuple[Field, ...] = ()
    fragments: tuple[tuple[str, tuple[Field, ...]], ...] = ()

    @property
    def is_leaf(self) -> bool:
        return self.leaf_schema is not None


@dataclass(frozen=True)
class Selection:
    """Fields of a row."""

    fields: tuple[Field, ...]
    fragments: tuple[tuple[str, tuple[Field, ...]], ...] = ()

    @property
    def text(self) -> str:
        """Query text between the braces."""
        return _text(self.fields, self.fragments)

    @property
    def schema(self) -> JsonSchema:
        """JSON schema of a record."""
        properties = _properties(self.fields, self.fragments)
        return {"$schema": SCHEMA_DIALECT, "type": "object", "additionalProperties": True, "properties": properties}


def leaf(json_type: str, **keywords: Any) -> JsonSchema:
    """Schema of a scalar; every scalar may be null."""
    return {"type": ["null", json_type], **keywords}


def fields_of_schema(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields that a hand-written JSON schema declares."""
    return tuple(_field_of_schema(name, part) for name, part in schema.get("properties", {}).items())


def _field_of_schema(name: str, schema: Mapping[str, Any]) -> Field:
    lists = 0
    while "items" in schema:
        schema, lists = schema["items"], lists + 1
    if "properties" in schema:
        return Field(name, None, lists, children=fields_of_schema(schema))
    return Field(name, schema, lists)


def _text(fields: Iterable[Field], fragments: Iterable[tuple[str, tuple[Field, ...]]]) -> str:
    parts = [_field_text(field) for field in fields]
    parts += [f"... on {name} {{ {_text(members, ())} }}" for name, members in fragments]
    return " ".join(parts)


def _field_text(field: Field) -> str:
    name = f"{field.name}{field.arguments}"
    return name if field.is_leaf else f"{name} {{ {_text(field.children, field.fragments)} }}"


def _properties(fields: Iterable[Field], fragments: Iterable[tuple[str, tuple[Field, ...]]]) -> JsonSchema:
    properties = {field.name: _field_schema(field) for field in fields}
    for _, members in fragments:
        properties |= _properties(members, ())
    return properties


def _field_schema(field: Field) -> JsonSchema:
    if field.leaf_schema is not None:
        schema = dict(field.leaf_schema)
    else:
        properties = _properties(field.children, field.fragments)
        schema = {"type": ["null", "object"], "additionalProperties": True, "properties": properties}
    for _ in range(field.lists):
        schema = {"type": ["null", "array"], "items": schema}
    return schema
