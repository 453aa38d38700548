"""Which fields of a row are asked for, as a tree; query and JSON schema are both made from it.

So a record cannot hold a field that is not in the schema of its stream.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    SelectionNode,
    SelectionSetNode,
)

JsonSchema = dict[str, Any]
SCHEMA_DIALECT = "http://json-schema.org/draft-07/schema#"
TYPENAME = "__typename"
NOT_DOCUMENTED = "Not documented."


@dataclass(frozen=True)
class SelectedField:
    """A field of a row or of an object in it.

    A leaf has a `leaf_schema`; an object has `children`, and `fragments` (type name and fields) where its type is an
    interface or a union. `first` asks for so many rows of a list in pages. `lists` is the number of lists around it.
    """

    name: str
    leaf_schema: Mapping[str, Any] | None = None
    lists: int = 0
    first: int | None = None
    children: tuple[SelectedField, ...] = ()
    fragments: tuple[tuple[str, tuple[SelectedField, ...]], ...] = ()
    description: str = NOT_DOCUMENTED

    @property
    def is_leaf(self) -> bool:
        return self.leaf_schema is not None

    @property
    def node(self) -> FieldNode:
        """The field in a query."""
        return FieldNode(
            name=NameNode(value=self.name),
            arguments=()
            if self.first is None
            else (ArgumentNode(name=NameNode(value="first"), value=IntValueNode(value=str(self.first))),),
            selection_set=None if self.is_leaf else selection_set(self.children, self.fragments),
        )


@dataclass(frozen=True)
class Selection:
    """Fields of a row."""

    fields: tuple[SelectedField, ...]
    fragments: tuple[tuple[str, tuple[SelectedField, ...]], ...] = ()

    @property
    def node(self) -> SelectionSetNode:
        """What stands between the braces in a query."""
        return selection_set(self.fields, self.fragments)

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields of a row."""
        return frozenset(field.name for field in self.fields)

    def schema(self, keys: Collection[str] = ()) -> JsonSchema:
        """JSON schema of a record, in which parts of the key are never null."""
        properties = _properties(self.fields, self.fragments)
        for key in properties.keys() & set(keys):
            properties[key] = {**properties[key], "type": _without_null(properties[key]["type"])}
        return {"$schema": SCHEMA_DIALECT, "type": "object", "additionalProperties": True, "properties": properties}

    def without(self, path: tuple[str, ...]) -> Selection:
        """The selection without the field at a path, and without objects that have nothing left then."""
        return Selection(
            _without(self.fields, path), tuple((name, _without(fields, path)) for name, fields in self.fragments)
        )

    def paths(self, depth: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        """Paths of all leaves."""
        found = [path for field in self.fields for path in _paths(field, depth)]
        return found + [path for _, fields in self.fragments for field in fields for path in _paths(field, depth)]


def leaf(*json_types: str, **keywords: Any) -> JsonSchema:
    """Schema of a scalar; every scalar may be null."""
    return {"type": ["null", *json_types], **keywords}


def fields_of_schema(schema: Mapping[str, Any]) -> tuple[SelectedField, ...]:
    """The fields that a hand-written JSON schema declares."""
    return tuple(_field_of_schema(name, part) for name, part in schema.get("properties", {}).items())


def selection_set(
    fields: Iterable[SelectedField], fragments: Iterable[tuple[str, tuple[SelectedField, ...]]] = ()
) -> SelectionSetNode:
    """Fields and fragments in a query."""
    selections: list[SelectionNode] = [field.node for field in fields]
    selections += [
        InlineFragmentNode(
            type_condition=NamedTypeNode(name=NameNode(value=name)),
            selection_set=selection_set(members),
        )
        for name, members in fragments
        if members
    ]
    return SelectionSetNode(selections=tuple(selections))


def _without(fields: Iterable[SelectedField], path: tuple[str, ...]) -> tuple[SelectedField, ...]:
    kept = []
    for field in fields:
        if field.name != path[0]:
            kept.append(field)
        elif len(path) > 1 and not field.is_leaf:
            inner = Selection(field.children, field.fragments).without(path[1:])
            if any(child.name != TYPENAME for child in inner.fields) or any(members for _, members in inner.fragments):
                kept.append(replace(field, children=inner.fields, fragments=inner.fragments))
    return tuple(kept)


def _paths(field: SelectedField, depth: tuple[str, ...]) -> list[tuple[str, ...]]:
    here = (*depth, field.name)
    return [here] if field.is_leaf else Selection(field.children, field.fragments).paths(here)


def _field_of_schema(name: str, schema: Mapping[str, Any]) -> SelectedField:
    described = {"description": schema["description"]} if "description" in schema else {}
    lists = 0
    while "items" in schema:
        schema, lists = schema["items"], lists + 1
    if "properties" in schema:
        return SelectedField(name, None, lists, children=fields_of_schema(schema), **described)
    plain = {key: value for key, value in schema.items() if key != "description"}
    return SelectedField(name, plain, lists, **described)


def _properties(
    fields: Iterable[SelectedField], fragments: Iterable[tuple[str, tuple[SelectedField, ...]]]
) -> JsonSchema:
    properties = {field.name: _field_schema(field) for field in fields}
    for _, members in fragments:
        properties |= _properties(members, ())
    return properties


def _field_schema(field: SelectedField) -> JsonSchema:
    if field.leaf_schema is not None:
        schema = dict(field.leaf_schema)
    else:
        properties = _properties(field.children, field.fragments)
        schema = {"type": ["null", "object"], "additionalProperties": True, "properties": properties}
    for _ in range(field.lists):
        schema = {"type": ["null", "array"], "items": schema}
    return {**schema, "description": field.description}


def _without_null(json_type: Any) -> Any:
    types = [one for one in json_type if one != "null"] if isinstance(json_type, list) else [json_type]
    return types[0] if len(types) == 1 else types
