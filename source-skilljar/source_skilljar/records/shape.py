"""What a row becomes before it leaves: parents' ids and key copies added, secrets dropped, the rest as it came."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lms_shared.http.list_answer import NotAList
from source_skilljar.declarations import StreamDeclaration

Row = dict[str, Any]

SECRETS = frozenset(
    {
        "login_token",
        "invite_url",
        "target_url",
        "basic_auth_username",
        "basic_auth_password",
        "additional_headers",
        "download_url",
    }
)
"""Skilljar reference, 1.1, secrets in answers: credentials of webhooks, single-use links, and links that work without
a key."""


def rows_of(declared: StreamDeclaration, answered: list[Row]) -> list[Row]:
    """The stream's rows in those of an answer.

    Raises NotAList where no answered row has the field that holds the stream's rows: then the answer does not say that
    there are none.
    """
    if declared.rows_in is not None:
        return _inner_rows(declared, declared.rows_in, answered)
    if declared.rows_or_row_in is not None:
        return [inner for row in answered for inner in _inner_or_row(row, declared.rows_or_row_in)]
    if declared.unwrap is not None:
        return [_unwrapped(row, declared.unwrap) for row in answered]
    return answered


def _inner_rows(declared: StreamDeclaration, name: str, answered: list[Row]) -> list[Row]:
    if answered and all(name not in row for row in answered):
        raise NotAList(f"'{name}' is missing in every row")
    found: list[Row] = []
    for row in answered:
        kept = {copy: dig(row, path) for copy, path in declared.kept.items()}
        found.extend({**kept, **inner} for inner in _objects(row.get(name), name))
    return found


def _objects(value: Any, name: str) -> list[Row]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(inner, dict) for inner in value):
        raise NotAList(f"'{name}' of a row is not a list of objects")
    return value


def _inner_or_row(row: Row, name: str) -> list[Row]:
    return [dict(inner) for inner in _objects(row[name], name)] if isinstance(row.get(name), list) else [row]


def _unwrapped(row: Row, name: str) -> Row:
    inner = row.get(name)
    if not isinstance(inner, dict):
        return row
    return {**{field: value for field, value in row.items() if field != name}, **inner}


class RecordShape:
    """Shapes the rows of one stream."""

    def __init__(self, declared: StreamDeclaration, domains: frozenset[str]) -> None:
        """`domains` are host names in lower case whose rows are wanted; empty for all."""
        self._declared = declared
        self._domains = domains
        self._secrets = SECRETS | set(declared.secrets)

    def records(self, answered: list[Row], ids: Mapping[str, Any]) -> Iterator[Row]:
        """The records in the rows of an answer; `ids` are those of the parents. Raises NotAList as rows_of does."""
        added = {name: value for name, value in ids.items() if name != self._declared.own_id}
        for row in rows_of(self._declared, answered):
            if self._domains and not self._is_wanted(row):
                continue
            without(row, self._secrets)
            row.update(added)
            for name, path in self._declared.copies.items():
                if row.get(name) is None:
                    row[name] = dig(row, path)
            yield row

    def _is_wanted(self, row: Row) -> bool:
        domain = row.get(self._declared.domain_field)
        return domain is None or str(domain).lower() in self._domains


def dig(row: Mapping[str, Any], path: str) -> Any:
    """The value under a dotted path, None where a part of it is missing."""
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def without(value: Any, names: Collection[str]) -> None:
    """Drop the fields of these names at any depth."""
    if isinstance(value, dict):
        for name in [name for name in value if name in names]:
            del value[name]
        for inner in value.values():
            if isinstance(inner, dict | list):
                without(inner, names)
    elif isinstance(value, list):
        for inner in value:
            without(inner, names)
