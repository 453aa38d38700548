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

from source_pluralsight.dialect import NESTED_ROWS
from source_pluralsight.query.selection import (
    NOT_DOCUMENTED,
    TYPENAME,
    JsonSchema,
    SelectedField,
    Selection,
    leaf,
)

LOGGER = logging.getLogger("airbyte.source_pluralsight.types")

DEEPEST = 3
"""Levels of objects below a row. `users.teams.edges.node` has three."""

PAGING_ARGUMENTS = frozenset({"first", "after"})

ANY_SCALAR = leaf("string", "number", "boolean", "object", "array")
"""Schema of a scalar of which only the name is known."""

SCALAR_SCHEMAS: Mapping[str, JsonSchema] = {
    "ID": leaf("string"),
    "String": leaf("string"),
    "Int": leaf("integer"),
    "Float": leaf("number"),
    "Boolean": leaf("boolean"),
    "DateTime": leaf("string", format="date-time", airbyte_type="timestamp_with_timezone"),
    "Date": leaf("string", format="date"),
}
"""Schemas by scalar."""

TYPENAME_FIELD = SelectedField(TYPENAME, leaf("string"), description="Which of the possible types the object has.")

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def leaf_schema(named_type: GraphQLNamedType) -> JsonSchema:
    """Schema of a scalar or an enum."""
    if isinstance(named_type, GraphQLEnumType):
        return leaf("string")
    return dict(SCALAR_SCHEMAS.get(named_type.name, ANY_SCALAR))


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
    return Selection((TYPENAME_FIELD, *common), fragments)


def _fragments(
    schema: GraphQLSchema,
    owner: GraphQLInterfaceType | GraphQLUnionType,
    taken: set[str],
    ancestors: tuple[str, ...],
    place: str,
) -> Iterator[tuple[str, tuple[SelectedField, ...]]]:
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
) -> Iterator[SelectedField]:
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
) -> SelectedField | None:
    """A field with all that is below it, None when nothing of it can be selected.

    Of a type that contains itself, the inner one keeps its plain values only: a tag has a parent, the parent an id.
    """
    named_type = get_named_type(definition.type)
    lists = list_depth(definition.type)
    if is_leaf_type(named_type):
        return SelectedField(name, leaf_schema(named_type), lists, description=described(definition, named_type))
    is_cycle = len(set(ancestors)) < len(ancestors)
    if is_cycle or len(ancestors) > DEEPEST:
        return None
    assert isinstance(named_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    below = _select(schema, named_type, (*ancestors, named_type.name), place)
    if not below.fragments and all(field.name == TYPENAME for field in below.fields):
        return None
    return SelectedField(
        name,
        None,
        lists,
        children=below.fields,
        fragments=below.fragments,
        description=described(definition, named_type),
    )


def described(definition: GraphQLField, named_type: GraphQLNamedType) -> str:
    """What the API's schema says of a field; else of its type, where that is one of the API's own."""
    own = _one_line(definition.description)
    if own or named_type.name in SCALAR_SCHEMAS:
        return own or NOT_DOCUMENTED
    if isinstance(named_type, GraphQLEnumType):
        return f"One of {', '.join(named_type.values)}. {NOT_DOCUMENTED}"
    if is_leaf_type(named_type):
        return f"A value of the API's own type {named_type.name}. {NOT_DOCUMENTED}"
    return _one_line(named_type.description) or NOT_DOCUMENTED


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def intersect(
    schema: GraphQLSchema, wanted: tuple[SelectedField, ...], owner: Composite, place: str, dropped: list[str]
) -> tuple[SelectedField, ...]:
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
    schema: GraphQLSchema, wanted: SelectedField, definition: GraphQLField, place: str, dropped: list[str]
) -> SelectedField | None:
    if any(is_required_argument(value) for name, value in definition.args.items() if name != "first"):
        return None
    named_type = get_named_type(definition.type)
    lists = list_depth(definition.type)
    if isinstance(named_type, GraphQLScalarType | GraphQLEnumType):
        return replace(wanted, leaf_schema=_closer(wanted, leaf_schema(named_type)), lists=lists, children=())
    if wanted.is_leaf:
        return derive_field(schema, wanted.name, definition, (), place)
    assert isinstance(named_type, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    children = intersect(schema, wanted.children, named_type, place, dropped)
    first = NESTED_ROWS.assumed if "first" in definition.args else None
    return replace(wanted, first=first, lists=lists, children=children) if children else None


def _closer(wanted: SelectedField, derived: JsonSchema) -> Mapping[str, Any]:
    """The hand-written schema of a leaf unless the API's type contradicts it."""
    declared = wanted.leaf_schema
    if declared is None:
        return derived
    kinds = [part.get("type", [None])[-1] for part in (declared, derived)]
    agree = derived == ANY_SCALAR or kinds[0] == kinds[1] or kinds == ["number", "integer"]
    return declared if agree else derived
