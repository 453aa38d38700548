"""The operation documents of the package, each written once in a `.graphql` file, made ready to be combined.

Several operations of a kind become one document of aliased fields: every variable and every alias gets the number of
its place in the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)

from lms_shared.http.list_answer import ListShape, read_page
from lms_shared.http.outcome import UnreadableAnswer

_PLACE = "_PLACE_"
"""Stands for the number of a field's place until the document is put together."""


@dataclass(frozen=True)
class ListPlace:
    """A list in the value of a root field."""

    path: tuple[str, ...]
    """Names of the fields that lead to it; none where the value itself is the list."""
    shape: ListShape


@dataclass(frozen=True)
class Operation:
    """A query or mutation with one root field."""

    name: str
    kind: str
    """`query` or `mutation`."""
    family: str
    """Name of its file: the part of the API that it belongs to."""
    source: str
    """The whole text, fragments included."""
    field: str
    """The root field with its alias, numbers of places left open."""
    variables: Mapping[str, str]
    """Names and types."""
    fragments: Mapping[str, str]
    """Texts of the fragments that it uses, by name."""
    repeatable: bool
    """Whether doing it twice is the same as doing it once."""
    gathers: str | None
    """Variable that is a list of objects, so that calls which differ in nothing else can be made as one."""
    lists: tuple[ListPlace, ...] = ()
    """Where in the value of the root field lists are, which are there whenever what they belong to is."""

    def prove(self, value: Any) -> None:
        """Raises UnreadableAnswer for a value of the root field that cannot be: a mutation that says nothing, a list
        that is none. A look-up of one object may find nothing."""
        if value is None and not self.is_query:
            raise UnreadableAnswer("null for a mutation")
        for place in self.lists:
            for found in _values_at(value, place.path):
                read_page(found, place.shape)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def is_query(self) -> bool:
        return self.kind == "query"

    @cached_property
    def document(self) -> DocumentNode:
        return parse(self.source)

    def missing_in(self, schema: GraphQLSchema) -> list[str]:
        """What a schema lacks for this operation, in the words of GraphQL's validation."""
        return [error.message for error in validate(schema, self.document)]


def alias(place: int) -> str:
    """The name under which the answer of a place comes."""
    return f"a{place}"


def combined(operations: Sequence[Operation]) -> str:
    """One document of operations of the same kind, each at its place."""
    return _combined(tuple(operations))


@lru_cache(maxsize=256)
def _combined(operations: tuple[Operation, ...]) -> str:
    declared: list[str] = []
    fields: list[str] = []
    fragments: dict[str, str] = {}
    for place, one in enumerate(operations):
        declared += [f"${name}_{place}: {kind}" for name, kind in one.variables.items()]
        fields.append(one.field.replace(_PLACE, str(place)))
        fragments |= one.fragments
    head = f"({', '.join(declared)})" if declared else ""
    body = "\n".join(fields)
    return "\n".join([f"{operations[0].kind} Batch{head} {{\n{body}\n}}", *fragments.values()])


def variables_at(place: int, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the operation at a place."""
    return {f"{name}_{place}": value for name, value in variables.items()}


class _Placing(Visitor):
    def enter_variable(self, node: VariableNode, *_: Any) -> VariableNode:
        return VariableNode(name=NameNode(value=f"{node.name.value}_{_PLACE}"))


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
    node: OperationDefinitionNode, family: str, known: Mapping[str, FragmentDefinitionNode], behaviour: Behaviour
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
        field=f"{alias(0)[:-1]}{_PLACE}: {print_ast(visit(root, _Placing()))}",
        variables={one.variable.name.value: print_ast(one.type) for one in node.variable_definitions or ()},
        fragments=texts,
        repeatable=behaviour.repeatable or node.operation.value == "query",
        gathers=behaviour.gathers,
        lists=(
            *(ListPlace(path, ListShape.CONNECTION) for path in _connections(root)),
            *(ListPlace(tuple(filter(None, path.split("."))), ListShape.ARRAY) for path in behaviour.arrays),
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


def _values_at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path, of each row where a list is on the way; none below an object that is null."""
    if not path:
        yield value
    elif isinstance(value, list):
        for row in value:
            yield from _values_at(row, path)
    elif isinstance(value, Mapping):
        yield from _values_at(value.get(path[0]), path[1:])


@dataclass(frozen=True)
class Behaviour:
    """What the text of an operation does not say."""

    repeatable: bool = False
    gathers: str | None = None
    arrays: tuple[str, ...] = ()
    """Dotted paths of the value's lists that are no connections; empty where the value itself is one."""


def load(behaviours: Mapping[str, Behaviour]) -> dict[str, Operation]:
    """All operations of the package, by name. Raises KeyError for the behaviour of one that there is not."""
    found: dict[str, Operation] = {}
    for file in sorted(_graphql_files(), key=lambda one: str(one.name)):
        definitions = parse(file.read_text(encoding="utf-8")).definitions
        known = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
        family = file.name.removesuffix(".graphql")
        for node in definitions:
            if isinstance(node, OperationDefinitionNode) and node.name is not None:
                behaviour = behaviours.get(node.name.value, Behaviour())
                found[node.name.value] = _operation(node, family, known, behaviour)
    unknown = behaviours.keys() - found.keys()
    if unknown:
        raise KeyError(f"there is no operation {', '.join(sorted(unknown))}")
    return found


def _graphql_files(folder: Traversable | None = None) -> Iterator[Traversable]:
    for one in (files(__package__) if folder is None else folder).iterdir():
        if one.is_dir():
            yield from _graphql_files(one)
        elif one.name.endswith(".graphql"):
            yield one
