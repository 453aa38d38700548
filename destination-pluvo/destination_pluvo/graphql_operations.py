"""Operations, made ready to be combined into one document.

Several operations of a kind become one document of aliased fields: every variable and every alias gets the number of
its place in the document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lms_shared.http.list_answer import ListShape, read_page
from lms_shared.http.outcome import UnreadableAnswer

if TYPE_CHECKING:
    from graphql import GraphQLSchema

PLACE = "_PLACE_"
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
        that is not. A look-up of one object may find nothing."""
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

    def missing_in(self, schema: GraphQLSchema) -> list[str]:
        """What a schema lacks for this operation, in the words of GraphQL's validation."""
        from graphql import parse, validate  # noqa: PLC0415 - most commands make no document

        return [error.message for error in validate(schema, parse(self.source))]


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
        fields.append(one.field.replace(PLACE, str(place)))
        fragments |= one.fragments
    head = f"({', '.join(declared)})" if declared else ""
    body = "\n".join(fields)
    return "\n".join([f"{operations[0].kind} Batch{head} {{\n{body}\n}}", *fragments.values()])


def variables_at(place: int, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the operation at a place."""
    return {f"{name}_{place}": value for name, value in variables.items()}


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
class Behavior:
    """What the text of an operation does not say."""

    repeatable: bool = False
    gathers: str | None = None
    arrays: tuple[str, ...] = ()
    """Dotted paths of the value's lists that are not connections; empty where the value itself is one."""
