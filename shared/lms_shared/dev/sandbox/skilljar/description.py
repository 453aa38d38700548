"""The description of the API that the engine interprets: answers, bodies, paths and tables, read from `api/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000


class Kind(StrEnum):
    """What an operation does."""

    LIST = "list"
    BARE_LIST = "bare_list"
    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ACTION = "action"


DEFAULT_STATUS = {Kind.CREATE: 201, Kind.DELETE: 204}


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A field of an answer. `reference` names the schema of a nested object; `views` None means always shown."""

    name: str
    type: str
    reference: str | None
    is_list: bool
    views: frozenset[str] | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class BodyField:
    """A field of a request body with its limits."""

    name: str
    type: str
    reference: str | None
    is_list: bool
    required: bool = False
    null: bool = False
    blank: bool = True
    max_length: int | None = None
    max_items: int | None = None
    min: float | None = None
    max: float | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    default: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of a path."""

    path: str
    method: str
    kind: Kind
    table: str | None
    key: str | None
    answer: str | None
    body: str | None
    status: int
    name: str | None
    filters: tuple[str, ...]
    required_filters: tuple[str, ...]
    flags: tuple[str, ...]
    page_size: int
    max_page_size: int
    cursor: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Where a nested object is found: the table, and the field of the row that holds its id."""

    table: str
    field: str


@dataclass(frozen=True, slots=True)
class TableDescription:
    """How rows of one kind are kept. `link` marks tables that only tie two objects together. `cascade` and
    `in_use` list fields, as `table.field`, of rows that go with a deleted row or forbid its deletion."""

    name: str
    unique: tuple[tuple[str, ...], ...]
    indexes: tuple[str, ...]
    defaults: Mapping[str, Any]
    link: bool
    integer_ids: bool
    cascade: tuple[str, ...]
    in_use: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """Everything that the engine knows about the API."""

    answers: Mapping[str, tuple[AnswerField, ...]]
    bodies: Mapping[str, tuple[BodyField, ...]]
    operations: tuple[Operation, ...]
    links: Mapping[str, Link]
    tables: Mapping[str, TableDescription]

    def item_table(self, path: str) -> tuple[str, str] | None:
        """Table and key field of the rows that an item path names, or None when the path is not described."""
        for operation in self.operations:
            if operation.path == path and operation.table and operation.key:
                return operation.table, operation.key
        return None


@cache
def load_description() -> ApiDescription:
    """The description, read once."""
    tables = _read("tables")
    return ApiDescription(
        answers={name: _answer_fields(fields) for name, fields in _read("answers").items()},
        bodies={name: _body_fields(fields) for name, fields in _read("bodies").items()},
        operations=tuple(
            _operation(path, method, entry, spec)
            for path, entry in _read("paths").items()
            for methods, spec in entry.items()
            if isinstance(spec, dict)
            for method in methods.split()
        ),
        links={name: _link(name, spec) for name, spec in tables["links"].items()},
        tables={name: _table(name, spec) for name, spec in tables["tables"].items()},
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("api", f"{name}.toml").read_text("utf-8"))


def _type_parts(text: str) -> dict[str, Any]:
    inner = text.removeprefix("[").removesuffix("]")
    reference = inner[1:] if inner.startswith("@") else None
    return {
        "type": "object" if reference else inner,
        "reference": reference,
        "is_list": text.startswith("["),
    }


def _answer_fields(fields: dict[str, Any]) -> tuple[AnswerField, ...]:
    return tuple(
        AnswerField(name, **_type_parts(spec))
        if isinstance(spec, str)
        else AnswerField(name, **_type_parts(spec["type"]), views=frozenset(spec["views"]), flag=spec.get("flag"))
        for name, spec in fields.items()
    )


def _body_fields(fields: dict[str, Any]) -> tuple[BodyField, ...]:
    parsed = []
    for name, spec in fields.items():
        limits = {} if isinstance(spec, str) else dict(spec)
        text = spec if isinstance(spec, str) else limits.pop("type")
        limits["choices"] = tuple(limits.get("choices", ()))
        parsed.append(BodyField(name, **_type_parts(text), **limits))
    return tuple(parsed)


def _operation(path: str, method: str, entry: dict[str, Any], spec: dict[str, Any]) -> Operation:
    kind = Kind(spec["kind"])
    maximum = spec.get("max_page_size", MAX_PAGE_SIZE)
    return Operation(
        path=path,
        method=method,
        kind=kind,
        table=entry.get("table"),
        key=entry.get("key"),
        answer=spec.get("answer"),
        body=spec.get("body"),
        status=spec.get("status", DEFAULT_STATUS.get(kind, 200)),
        name=spec.get("name"),
        filters=tuple(spec.get("filters", ())),
        required_filters=tuple(spec.get("required_filters", ())),
        flags=tuple(spec.get("flags", ())),
        page_size=spec.get("page_size", DEFAULT_PAGE_SIZE),
        max_page_size=maximum,
        cursor=spec.get("cursor", False),
        many=spec.get("many", False),
    )


def _link(name: str, spec: str | dict[str, str]) -> Link:
    return Link(spec, f"{name}_id") if isinstance(spec, str) else Link(spec["table"], spec["field"])


def _table(name: str, spec: dict[str, Any]) -> TableDescription:
    return TableDescription(
        name=name,
        unique=tuple(tuple(fields) for fields in spec.get("unique", ())),
        indexes=tuple(spec.get("indexes", ())),
        defaults=spec.get("defaults", {}),
        link=spec.get("link", False),
        integer_ids=spec.get("integer_ids", False),
        cascade=tuple(spec.get("cascade", ())),
        in_use=tuple(spec.get("in_use", ())),
    )
