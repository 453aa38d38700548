"""Builds the GraphQL schema from the SDL files of this package and from what is switched on or off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    Visitor,
    assert_valid_schema,
    build_ast_schema,
    concat_ast,
    parse,
    parse_type,
    visit,
)

_FILES = ("base", "people", "content", "skills", "channels", "invented")
_LEGACY_FILE = "legacy"
_CHANNEL_QUERIES = ("channelContent", "channelMembers", "channelProgress")
_CONNECTION = """
type {node}Connection {{ totalCount: Int! pageInfo: PageInfo! edges: [{node}Edge] nodes: [{node}] }}
type {node}Edge {{ cursor: String node: {node} }}
"""


@dataclass(frozen=True)
class SchemaShape:
    """The switches that change the schema itself."""

    legacy_fields: bool = False
    start_date_is_string: bool = False
    content_types_are_strings: bool = False
    channel_id_required: bool = False
    dropped_fields: frozenset[str] = frozenset()

    def retyped(self) -> Mapping[str, str]:
        """Coordinates of fields and input fields whose type differs from the files."""
        types: dict[str, str] = {}
        if self.start_date_is_string:
            types |= {"CourseProgressFilter.startDate": "String", "CourseProgressFilter.endDate": "String"}
        if self.content_types_are_strings:
            types |= {"ContentCatalogFilter.contentTypes": "[String]", "Content.contentType": "String"}
        return types

    def required_arguments(self) -> Mapping[str, InputValueDefinitionNode]:
        """Coordinates of fields that get one argument more."""
        if not self.channel_id_required:
            return {}
        argument = InputValueDefinitionNode(name=NameNode(value="channelId"), type=parse_type("ID!"))
        return {f"Query.{query}": argument for query in _CHANNEL_QUERIES}


@lru_cache(maxsize=32)
def build_pluralsight_schema(shape: SchemaShape) -> GraphQLSchema:
    """The schema in one shape.

    Raises ValueError when `dropped_fields` names what is not there, TypeError when nothing valid is left.
    """
    names = (*_FILES, _LEGACY_FILE) if shape.legacy_fields else _FILES
    folder = files(__package__).joinpath("schema")
    document = concat_ast([parse(folder.joinpath(f"{name}.graphql").read_text("utf-8")) for name in names])
    changes = _Changes(shape)
    document = visit(document, changes)
    if missing := shape.dropped_fields - changes.dropped:
        raise ValueError(f"no such fields in the schema: {sorted(missing)}")
    schema = build_ast_schema(concat_ast([document, parse(_connections_of(document))]))
    assert_valid_schema(schema)
    return schema


def _connections_of(document: DocumentNode) -> str:
    defined = {node.name.value for node in document.definitions if isinstance(node, ObjectTypeDefinitionNode)}
    named = _NamedTypes()
    visit(document, named)
    missing = sorted(name for name in named.names - defined if name.endswith("Connection"))
    return "".join(_CONNECTION.format(node=name.removesuffix("Connection")) for name in missing)


class _NamedTypes(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        self.names.add(node.name.value)


class _Changes(Visitor):
    """Drops and retypes fields while walking the document."""

    def __init__(self, shape: SchemaShape) -> None:
        super().__init__()
        self.dropped: set[str] = set()
        self._shape = shape
        self._retyped = shape.retyped()
        self._arguments = shape.required_arguments()

    def enter_field_definition(
        self, node: FieldDefinitionNode, _key: Any, _parent: Any, _path: Any, ancestors: list[Node]
    ) -> Any:
        return self._change(node, ancestors)

    def enter_input_value_definition(
        self, node: InputValueDefinitionNode, _key: Any, _parent: Any, _path: Any, ancestors: list[Node]
    ) -> Any:
        return self._change(node, ancestors)

    def _change(self, node: FieldDefinitionNode | InputValueDefinitionNode, ancestors: Iterable[Any]) -> Any:
        coordinate = f"{_owner(ancestors)}.{node.name.value}"
        if coordinate in self._shape.dropped_fields:
            self.dropped.add(coordinate)
            return REMOVE
        if coordinate in self._retyped:
            return replace(node, type=parse_type(self._retyped[coordinate]))
        if coordinate in self._arguments and isinstance(node, FieldDefinitionNode):
            return replace(node, arguments=(*(node.arguments or ()), self._arguments[coordinate]))
        return None


def _owner(ancestors: Iterable[Any]) -> str:
    """Name of the type around a field, or of the field around an argument."""
    names = [ancestor.name.value for ancestor in ancestors if hasattr(ancestor, "name")]
    return names[-1] if names else ""
