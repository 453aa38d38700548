"""Reads the text of a query once: what it asks for, whether it is valid, and which fields it touches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    validate,
    visit,
)

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(frozen=True)
class PreparedQuery:
    """One query text against one schema. `document` is None when the text cannot be parsed."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    root_fields: tuple[str, ...]
    """Names of the queries or mutations asked for, each once."""
    root_selections: int
    """How many queries or mutations are asked for, where several aliases of one count each."""
    is_mutation: bool
    fields: frozenset[str]
    """Coordinates such as `Course.title` of all that is selected, at any depth."""
    deprecations: tuple[str, ...]

    @property
    def is_introspection(self) -> bool:
        """Whether the schema itself is asked for."""
        return not INTROSPECTION_FIELDS.isdisjoint(self.root_fields)


@lru_cache(maxsize=4096)
def read_query(schema: GraphQLSchema, text: str) -> PreparedQuery:
    """The prepared query of a text, however malformed; servers of one schema share what they have read."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return PreparedQuery(None, (error,), (), 0, False, frozenset(), ())
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    roots = dict.fromkeys(
        selection.name.value
        for operation in operations
        for selection in operation.selection_set.selections
        if isinstance(selection, FieldNode)
    )
    type_info = TypeInfo(schema)
    touched = _TouchedFields(type_info, schema)
    visit(document, TypeInfoVisitor(type_info, touched))
    return PreparedQuery(
        document,
        tuple(validate(schema, document)),
        tuple(roots),
        touched.root_selections,
        any(operation.operation is OperationType.MUTATION for operation in operations),
        frozenset(touched.fields),
        tuple(touched.deprecations),
    )


class _TouchedFields(Visitor):
    def __init__(self, type_info: TypeInfo, schema: GraphQLSchema) -> None:
        super().__init__()
        self.root_selections = 0
        self.fields: set[str] = set()
        self.deprecations: dict[str, None] = {}
        self._type_info = type_info
        self._root_types = (schema.query_type, schema.mutation_type)

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        owner, field = self._type_info.get_parent_type(), self._type_info.get_field_def()
        if owner is None or field is None:
            return
        self.root_selections += owner in self._root_types
        coordinate = f"{owner.name}.{node.name.value}"
        self.fields.add(coordinate)
        if field.deprecation_reason is not None:
            self.deprecations[f"{coordinate} is deprecated: {field.deprecation_reason}"] = None
