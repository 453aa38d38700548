"""One GraphQL operation: what a stream asks, as data, and the request body it becomes.

The text is put together here and never passes through Jinja, for which `{{` and `{%` are special.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class Source(StrEnum):
    """Where the value of an argument comes from."""

    CONSTANT = "constant"
    PAGE_SIZE = "page_size"
    CURSOR = "cursor"
    SLICE = "slice"
    """The stream slice: the key of a parent record, or the start of the delta."""


class Shape(StrEnum):
    """How the rows lie in the answer."""

    NODES = "nodes"
    EDGES = "edges"
    LIST = "list"


class EnumValue(str):
    """A string that is written without quotes in a query text."""


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
class Operation:
    """A query for the rows of one root field. `selection` is the text inside a row, empty for rows that are scalars.

    `refused` is the reason why the query must not be sent at all.
    """

    root: str
    selection: str
    shape: Shape = Shape.NODES
    has_total: bool = True
    has_page_info: bool = True
    arguments: tuple[Argument, ...] = ()
    refused: str | None = None

    @property
    def name(self) -> str:
        """Name of the operation."""
        return self.root[:1].upper() + self.root[1:]

    def to_manifest(self) -> dict[str, Any]:
        """The operation as plain values for a declarative manifest."""
        return asdict(self)

    @classmethod
    def from_manifest(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_manifest` wrote."""
        arguments = tuple(
            Argument(**{**argument, "path": tuple(argument["path"]), "source": Source(argument["source"])})
            for argument in value["arguments"]
        )
        return cls(**{**value, "shape": Shape(value["shape"]), "arguments": arguments})

    def first_page_only(self) -> Self:
        """The same query, of which one row is enough."""
        arguments = tuple(
            replace(argument, source=Source.CONSTANT, value=1) if argument.source is Source.PAGE_SIZE else argument
            for argument in self.arguments
        )
        return replace(self, arguments=arguments)

    def body(self, page_size: int, cursor: str | None, stream_slice: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a request for the page after `cursor`, the first page when that is None."""
        declared: list[str] = []
        variables: dict[str, Any] = {}
        tree: dict[str, Any] = {}
        for argument in self.arguments:
            value = _value(argument, page_size, cursor, stream_slice)
            if value is None and argument.source is not Source.CURSOR:
                continue
            if argument.variable is None:
                # An empty object leaves room for what other arguments put into it.
                _insert(tree, argument.path, literal(value) if value != {} else {})
                continue
            name = argument.path[-1] if argument.path[-1] not in variables else "_".join(argument.path)
            declared.append(f"${name}: {argument.variable}")
            if value is not None:
                variables[name] = value
            _insert(tree, argument.path, f"${name}")
        signature = f"({', '.join(declared)})" if declared else ""
        text = f"query {self.name}{signature} {{ {self.root}{_arguments_text(tree)}{self._rows_text()} }}"
        return {"operationName": self.name, "query": text, "variables": variables}

    def _rows_text(self) -> str:
        row = f" {{ {self.selection} }}" if self.selection else ""
        if self.shape is Shape.LIST:
            return row
        rows = f"nodes{row}" if self.shape is Shape.NODES else f"edges {{ node{row} }}"
        total = "totalCount " if self.has_total else ""
        page_info = "pageInfo { endCursor hasNextPage } " if self.has_page_info else ""
        return f" {{ {total}{page_info}{rows} }}"


def literal(value: Any) -> str:
    """A value as it is written in a query text. Raises ValueError for what GraphQL has no notation for."""
    if isinstance(value, EnumValue):
        if not _NAME.fullmatch(value):
            raise ValueError(f"{value!r} is no name of an enum value")
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {literal(item)}' for key, item in value.items())}}}"
    # The escapes of a JSON string are escapes of a GraphQL string.
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _value(argument: Argument, page_size: int, cursor: str | None, stream_slice: Mapping[str, Any]) -> Any:
    match argument.source:
        case Source.PAGE_SIZE:
            return page_size
        case Source.CURSOR:
            return cursor
        case Source.SLICE:
            value = stream_slice.get(argument.value)
        case Source.CONSTANT:
            value = argument.value
    if value is None or value == argument.unless:
        return None
    if argument.as_list and not isinstance(value, list):
        value = [value]
    if argument.as_enum and argument.variable is None and all(_NAME.fullmatch(item) for item in value):
        return [EnumValue(item) for item in value]
    return value


def _insert(tree: dict[str, Any], path: tuple[str, ...], text: str | dict[str, Any]) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key, {})
    tree[path[-1]] = text


def _arguments_text(tree: Mapping[str, Any]) -> str:
    return f"({', '.join(f'{key}: {_nested_text(value)}' for key, value in tree.items())})" if tree else ""


def _nested_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{{{', '.join(f'{key}: {_nested_text(item)}' for key, item in value.items())}}}"
