"""Reads the operation documents of the package, each written once in a `.graphql` file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    NameNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from destination_pluvo.graphql_operations import PLACE, Behavior, ListPlace, Operation, alias
from lms_shared.http.list_answer import ListShape


def load(behaviors: Mapping[str, Behavior]) -> dict[str, Operation]:
    """All operations of the package, by name. Raises KeyError for the behavior of one that there is not."""
    found: dict[str, Operation] = {}
    for file in sorted(_graphql_files(), key=lambda one: str(one.name)):
        definitions = parse(file.read_text(encoding="utf-8")).definitions
        known = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        family = file.name.removesuffix(".graphql")
        for node in definitions:
            if isinstance(node, OperationDefinitionNode) and node.name is not None:
                behavior = behaviors.get(node.name.value, Behavior())
                found[node.name.value] = _operation(node, family, known, behavior)
    unknown = behaviors.keys() - found.keys()
    if unknown:
        raise KeyError(f"there is no operation {', '.join(sorted(unknown))}")
    return found


def _graphql_files(folder: Traversable | None = None) -> Iterator[Traversable]:
    for one in (files(__package__) if folder is None else folder).iterdir():
        if one.is_dir():
            yield from _graphql_files(one)
        elif one.name.endswith(".graphql"):
            yield one


class _Placing(Visitor):
    def enter_variable(self, node: VariableNode, *_: Any) -> VariableNode:
        return VariableNode(name=NameNode(value=f"{node.name.value}_{PLACE}"))


def _fragments_of(node: Any, known: Mapping[str, FragmentDefinitionNode]) -> dict[str, FragmentDefinitionNode]:
    """Fragments that a node spreads, directly or through others."""
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: Any) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    found = {name: known[name] for name in names}
    for fragment in list(found.values()):
        found |= _fragments_of(fragment, known)
    return found


def _operation(
    node: OperationDefinitionNode, family: str, known: Mapping[str, FragmentDefinitionNode], behavior: Behavior
) -> Operation:
    assert node.name is not None
    (root,) = node.selection_set.selections
    assert isinstance(root, FieldNode)
    fragments = _fragments_of(node, known)
    texts = {name: print_ast(one) for name, one in fragments.items()}
    return Operation(
        name=node.name.value,
        kind=node.operation.value,
        family=family,
        source="\n".join([print_ast(node), *texts.values()]),
        field=f"{alias(0)[:-1]}{PLACE}: {print_ast(visit(root, _Placing()))}",
        variables={one.variable.name.value: print_ast(one.type) for one in node.variable_definitions or ()},
        fragments=texts,
        repeatable=behavior.repeatable or node.operation.value == "query",
        gathers=behavior.gathers,
        lists=(
            *(ListPlace(path, ListShape.CONNECTION) for path in _connections(root)),
            *(ListPlace(tuple(filter(None, path.split("."))), ListShape.ARRAY) for path in behavior.arrays),
        ),
    )


def _connections(field: FieldNode) -> Iterator[tuple[str, ...]]:
    """Paths to the connections of a field: what is asked for its edges is one."""
    inner = [
        one for one in (field.selection_set.selections if field.selection_set else ()) if isinstance(one, FieldNode)
    ]
    if any(one.name.value == "edges" for one in inner):
        yield ()
        return
    for one in inner:
        name = (one.alias or one.name).value
        yield from ((name, *rest) for rest in _connections(one))
