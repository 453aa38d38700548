"""Builds the GraphQL schema from the SDL files of this package and from what is switched on or off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    Visitor,
    assert_valid_schema,
    build_ast_schema,
    concat_ast,
    parse,
    parse_type,
    visit,
)

from lms_shared.dev.sandbox.graphql_api.schema_files import SchemaChanges, read_schema_files

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
    changes = SchemaChanges(shape.dropped_fields, shape.retyped(), shape.required_arguments())
    document = read_schema_files(__package__, names, changes)
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
