"""Fields and JSON schemas derived from the GraphQL types that introspection shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from source_pluralsight.selection import TYPENAME, Field, JsonSchema, Selection, leaf

LOGGER = logging.getLogger("airbyte.source_pluralsight.types")

DEEPEST = 3
"""Levels of objects below a row. `users.teams.edges.node` has three."""

NESTED_ROWS = 1000
"""Rows of a list in pages inside a row, such as the teams of a user, if the API pages it: more than there can be."""

PAGING_ARGUMENTS = frozenset({"first", "after"})

SCALAR_SCHEMAS: Mapping[str, JsonSchema] = {
    "ID": leaf("string"),
    "String": leaf("string"),
    "Int": leaf("integer"),
    "Float": leaf("number"),
    "Boolean": leaf("boolean"),
    "DateTime": leaf("string", format="date-time", airbyte_type="timestamp_with_timezone"),
}
"""Schemas by scalar. A scalar that is not here says nothing about its values, and its schema is empty."""

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def leaf_schema(named_type: GraphQLNamedType) -> JsonSchema:
    """Schema of a scalar or an enum."""
    if isinstance(named_type, GraphQLEnumType):
        return leaf("string")
    return dict(SCALAR_SCHEMAS.get(named_type.name, {}))


def list_depth(field_type: Any) -> int:
    """Number of lists around a type."""
    depth = 0
    while is_list_type(field_type) or is_non_null_type(field_type):
        depth += is_list_type(field_type)
        field_type = field_type.of_type
    return depth


def select_all(schema: GraphQLSchema, row_type: Composite) -> Selection:
    """Everything that can be asked of a row without arguments."""
    return _select(schema, row_type, (row_type.name,), row_type.name)


def _select(schema: GraphQLSchema, owner: Composite, ancestors: tuple[str, ...], place: str) -> Selection:
    if isinstance(owner, GraphQLObjectType):
        return Selection(tuple(_selectable(schema, owner, ancestors, place)))
    common = [] if isinstance(owner, GraphQLUnionType) else list(_selectable(schema, owner, ancestors, place))
    fragments = tuple(_fragments(schema, owner, {field.name for field in common}, ancestors, place))
    return Selection((Field(TYPENAME, leaf("string")), *common), fragments)


def _fragments(
    schema: GraphQLSchema,
    owner: GraphQLInterfaceType | GraphQLUnionType,
    taken: set[str],
    ancestors: tuple[str, ...],
    place: str,
) -> Iterator[tuple[str, tuple[Field, ...]]]:
    """What the possible types have on top of the common fields.

    Two types may give one name different types, which a single query must not mix (GraphQL specification, "Field
    Selection Merging"): the first one is taken.
    """
    shapes: dict[str, str] = {}
    for member in schema.get_possible_types(owner):
        fields = []
        for field in _selectable(schema, member, (*ancestors, member.name), f"{place}[{member.name}]"):
            shape = str(member.fields[field.name].type)
            if field.name in taken or shapes.setdefault(field.name, shape) != shape:
                LOGGER.debug(
                    "%s[%s].%s is left out, the name has another type elsewhere", place, member.name, field.name
                )
                continue
            fields.append(field)
        if fields:
            yield member.name, tuple(fields)


def _selectable(
    schema: GraphQLSchema, owner: GraphQLObjectType | GraphQLInterfaceType, ancestors: tuple[str, ...], place: str
) -> Iterator[Field]:
    for name, definition in owner.fields.items():
        reason = _unselectable(definition)
        if reason is None:
            field = derive_field(schema, name, definition, ancestors, f"{place}.{name}")
            if field is not None:
                yield field
                continue
            reason = "it goes round in a circle or lies too deep"
        LOGGER.debug("%s.%s is left out: %s", place, name, reason)


def _unselectable(definition: GraphQLField) -> str | None:
    if definition.deprecation_reason is not None:
        return "it is deprecated"
    if required := [name for name, argument in definition.args.items() if is_required_argument(argument)]:
        return f"it needs arguments ({', '.join(required)})"
    if "first" in definition.args:
        return "it is a list in pages, of which one row could hold only the first"
    return None


def derive_field(
    schema: GraphQLSchema, name: str, definition: GraphQLField, ancestors: tuple[str, ...], place: str
) -> Field | None:
    """A field with all that is below it, None when nothing of it can be selected.

    Of a type that contains itself, the inner one keeps its plain values only: a tag has a parent, the parent an id.
    """
    named_type = get_named_type(definition.type)
    lists = list_depth(definition.type)
    if is_leaf_type(named_type):
        return Field(name, leaf_schema(named_type), lists)
    is_cycle = len(set(ancestors)) < len(ancestors)
    if is_cycle or len(ancestors) > DEEPEST:
        return None
    assert isinstance(named_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    below = _select(schema, named_type, (*ancestors, named_type.name), place)
    if not below.fragments and all(field.name == TYPENAME for field in below.fields):
        return None
    return Field(name, None, lists, children=below.fields, fragments=below.fragments)


def intersect(
    schema: GraphQLSchema, wanted: tuple[Field, ...], owner: Composite, place: str, dropped: list[str]
) -> tuple[Field, ...]:
    """The wanted fields that the type really has, with the types that they really have.

    `dropped` takes up what is missing. A deprecated field is kept as long as it is there.
    """
    kept = []
    for field in wanted:
        here = f"{place}.{field.name}"
        definition = None if isinstance(owner, GraphQLUnionType) else owner.fields.get(field.name)
        found = None if definition is None else _as_it_is(schema, field, definition, here, dropped)
        if found is None:
            dropped.append(here)
        else:
            kept.append(found)
    return tuple(kept)


def _as_it_is(
    schema: GraphQLSchema, wanted: Field, definition: GraphQLField, place: str, dropped: list[str]
) -> Field | None:
    if any(is_required_argument(value) for name, value in definition.args.items() if name != "first"):
        return None
    named_type = get_named_type(definition.type)
    lists = list_depth(definition.type)
    if isinstance(named_type, GraphQLScalarType | GraphQLEnumType):
        return Field(wanted.name, _closer(wanted, leaf_schema(named_type)), lists)
    if wanted.is_leaf:
        return derive_field(schema, wanted.name, definition, (), place)
    assert isinstance(named_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    children = intersect(schema, wanted.children, named_type, place, dropped)
    arguments = f"(first: {NESTED_ROWS})" if "first" in definition.args else ""
    return replace(wanted, arguments=arguments, lists=lists, children=children) if children else None


def _closer(wanted: Field, derived: JsonSchema) -> Mapping[str, Any]:
    """The hand-written schema of a leaf unless the API's type contradicts it."""
    declared = wanted.leaf_schema
    if declared is None:
        return derived
    kinds = [part.get("type", [None])[-1] for part in (declared, derived)]
    agree = not derived or kinds[0] == kinds[1] or kinds == ["number", "integer"]
    return declared if agree else derived
