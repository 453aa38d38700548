"""Reads SDL files of a package and changes the document before a schema is built from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    Node,
    Visitor,
    concat_ast,
    parse,
    parse_type,
    visit,
)


@dataclass(frozen=True)
class SchemaChanges:
    """What is to differ from the files, by coordinates such as `Course.title` or `CreateUserInput.ref`.

    `dropped` are fields and input fields to leave out, `retyped` gives others a new type, and `arguments` gives a
    field one argument more.
    """

    dropped: frozenset[str] = frozenset()
    retyped: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, InputValueDefinitionNode] = field(default_factory=dict)


def read_schema_files(package: str, names: Iterable[str], changes: SchemaChanges) -> DocumentNode:
    """One document from the files `schema/<name>.graphql` of a package.

    Raises ValueError when something is to be dropped that is not there.
    """
    folder = files(package).joinpath("schema")
    written = concat_ast([parse(folder.joinpath(f"{name}.graphql").read_text("utf-8")) for name in names])
    changing = _Changing(changes)
    document: DocumentNode = visit(written, changing)
    if missing := changes.dropped - changing.dropped:
        raise ValueError(f"no such fields in the schema: {sorted(missing)}")
    return document


class _Changing(Visitor):
    """Drops and retypes fields while walking the document."""

    def __init__(self, changes: SchemaChanges) -> None:
        super().__init__()
        self.dropped: set[str] = set()
        self._changes = changes

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
        if coordinate in self._changes.dropped:
            self.dropped.add(coordinate)
            return REMOVE
        if coordinate in self._changes.retyped:
            return replace(node, type=parse_type(self._changes.retyped[coordinate]))
        if coordinate in self._changes.arguments and isinstance(node, FieldDefinitionNode):
            return replace(node, arguments=(*(node.arguments or ()), self._changes.arguments[coordinate]))
        return None


def _owner(ancestors: Iterable[Any]) -> str:
    """Name of the type around a field, or of the field around an argument."""
    names = [ancestor.name.value for ancestor in ancestors if hasattr(ancestor, "name")]
    return names[-1] if names else ""
