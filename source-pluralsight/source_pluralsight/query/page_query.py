"""A query for the rows of one root field, as data, and the request body that it becomes for a page.

Query texts are printed from graphql-core's syntax trees, so that no value can break out of its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    parse_type,
    print_ast,
)
from graphql.language import BooleanValueNode, IntValueNode, StringValueNode

from source_pluralsight.query.selection import Selection

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class Source(StrEnum):
    """Where the value of an argument comes from."""

    CONSTANT = "constant"
    PAGE_SIZE = "page_size"
    CURSOR = "cursor"
    SLICE = "slice"
    """The part of the stream that is read: the key of a parent record, a bound of a window."""


class Shape(StrEnum):
    """How the rows lie in the answer."""

    NODES = "nodes"
    EDGES = "edges"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True)
class Argument:
    """An argument at a path below the root field, such as ("filter", "startDate").

    `variable` is the GraphQL type under which the value is sent as a variable; None writes it into the text, which
    fits whatever type the API declares. `value` is the constant, or the key of the slice. An argument that comes to
    None, or to the value in `unless`, is left out. `as_enum` writes a list of names without quotes.
    """

    path: tuple[str, ...]
    source: Source
    variable: str | None = None
    value: Any = None
    unless: Any = None
    as_list: bool = False
    as_enum: bool = False


@dataclass(frozen=True)
class BoundQuery:
    """A query with the values of its slice: its text does not change from page to page."""

    name: str
    text: str
    variables: Mapping[str, Any]
    page_size_variable: str | None
    cursor_variable: str | None

    def body(self, page_size: int, cursor: str | None = None) -> dict[str, Any]:
        """The body of a request for the page after `cursor`, the first page when that is None."""
        variables = dict(self.variables)
        if self.page_size_variable is not None:
            variables[self.page_size_variable] = page_size
        if self.cursor_variable is not None and cursor is not None:
            variables[self.cursor_variable] = cursor
        return {"operationName": self.name, "query": self.text, "variables": variables}


@dataclass(frozen=True)
class PageQuery:
    """A query for the rows of one root field. Rows that are plain values have no selection."""

    root: str
    selection: Selection | None
    shape: Shape = Shape.NODES
    has_total: bool = True
    has_page_info: bool = True
    arguments: tuple[Argument, ...] = ()

    @property
    def name(self) -> str:
        """Name of the operation."""
        return self.root[:1].upper() + self.root[1:]

    def bind(self, stream_slice: Mapping[str, Any]) -> BoundQuery:
        """The query for one slice."""
        definitions: list[VariableDefinitionNode] = []
        variables: dict[str, Any] = {}
        names: dict[Source, str] = {}
        tree: dict[str, Any] = {}
        for argument in self.arguments:
            is_paging = argument.source in (Source.PAGE_SIZE, Source.CURSOR)
            value = None if is_paging else _value(argument, stream_slice)
            if value is None and not is_paging:
                continue
            if argument.variable is None and not is_paging:
                # An empty object leaves room for what other arguments put into it.
                _insert(tree, argument.path, {} if value == {} else _literal(value, as_enum=argument.as_enum))
                continue
            name = argument.path[-1] if argument.path[-1] not in variables else "_".join(argument.path)
            variable = VariableNode(name=NameNode(value=name))
            kind = parse_type(argument.variable or ("Int!" if argument.source is Source.PAGE_SIZE else "String"))
            definitions.append(VariableDefinitionNode(variable=variable, type=kind))
            variables[name] = value
            names[argument.source] = name
            _insert(tree, argument.path, variable)
        document = DocumentNode(
            definitions=(
                OperationDefinitionNode(
                    operation=OperationType.QUERY,
                    name=NameNode(value=self.name),
                    variable_definitions=tuple(definitions),
                    selection_set=SelectionSetNode(selections=(self._root(tree),)),
                ),
            )
        )
        page_size, cursor = names.get(Source.PAGE_SIZE), names.get(Source.CURSOR)
        given = {name: value for name, value in variables.items() if name not in (page_size, cursor)}
        return BoundQuery(self.name, print_ast(document), given, page_size, cursor)

    def _root(self, tree: Mapping[str, Any]) -> FieldNode:
        inner = None if self.selection is None else self.selection.node
        if self.shape in (Shape.LIST, Shape.OBJECT):
            return _field(self.root, inner, tree)
        parts: list[SelectionNode] = []
        if self.has_total:
            parts.append(_field("totalCount"))
        if self.has_page_info:
            page_info = SelectionSetNode(selections=(_field("endCursor"), _field("hasNextPage")))
            parts.append(_field("pageInfo", page_info))
        if self.shape is Shape.EDGES:
            parts.append(_field("edges", SelectionSetNode(selections=(_field("node", inner),))))
        else:
            parts.append(_field("nodes", inner))
        return _field(self.root, SelectionSetNode(selections=tuple(parts)), tree)


def _field(name: str, inner: SelectionSetNode | None = None, arguments: Mapping[str, Any] | None = None) -> FieldNode:
    return FieldNode(
        name=NameNode(value=name),
        arguments=tuple(
            ArgumentNode(name=NameNode(value=key), value=_tree_value(value)) for key, value in (arguments or {}).items()
        ),
        selection_set=inner,
    )


def _value(argument: Argument, stream_slice: Mapping[str, Any]) -> Any:
    value = stream_slice.get(argument.value) if argument.source is Source.SLICE else argument.value
    if value is None or value == argument.unless:
        return None
    return [value] if argument.as_list and not isinstance(value, list) else value


def _insert(tree: dict[str, Any], path: tuple[str, ...], value: ValueNode | dict[str, Any]) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = value


def _tree_value(value: ValueNode | Mapping[str, Any]) -> ValueNode:
    if isinstance(value, ValueNode):
        return value
    return ObjectValueNode(
        fields=tuple(
            ObjectFieldNode(name=NameNode(value=key), value=_tree_value(inner)) for key, inner in value.items()
        )
    )


def _literal(value: Any, *, as_enum: bool) -> ValueNode:
    """A value as it stands in a query text."""
    match value:
        case bool():
            return BooleanValueNode(value=value)
        case int():
            return IntValueNode(value=str(value))
        case list() | tuple():
            # One member that is not a name of GraphQL shows that the list is not one of enum values.
            names = as_enum and all(_NAME.fullmatch(one) for one in value)
            return ListValueNode(values=tuple(_literal(one, as_enum=names) for one in value))
        case _:
            return EnumValueNode(value=value) if as_enum else StringValueNode(value=value, block=False)
