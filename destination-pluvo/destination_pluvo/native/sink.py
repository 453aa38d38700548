"""What all resources of the API have in common that are found by keys of their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from lms_shared.adapter.adapter import EntitySink
from lms_shared.adapter.keys import Key
from lms_shared.adapter.remote import RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import KEY_SEPARATOR, ObjectDeclaration

SEPARATOR = KEY_SEPARATOR
"""Stands between the parts of a key that is made of several fields."""


class NativeSink(EntitySink):
    """Looks rows up and remembers them; a resource says what is asked and what a row holds."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, rows: RemoteIndex[Row] | None = None) -> None:
        """`rows` are given where another object writes the same rows; else they are looked up by `fetch`."""
        super().__init__(declaration)
        self.api = api
        self._lookup = rows or RemoteIndex(
            declaration.name,
            id_of=self.row_id,
            keys_of=self._keys,
            askable=frozenset(key.field for key in declaration.keys),
            fetch=self.fetch,
        )

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return [self.remote(row) for row in rows]

    def row_id(self, row: Row) -> str:
        return str(row["id"])

    def remote(self, row: Row) -> RemoteObject:
        return RemoteObject(self.row_id(row), self.fields(row), stamped=True, own=True, parts={"row": row})

    def noted(self, row: Row, instead_of: Row | None = None) -> RemoteObject:
        """The object after a write."""
        self._lookup.put(row, instead_of)
        return self.remote(row)

    def forget(self, row: Row) -> None:
        """The row is gone."""
        self._lookup.drop(row)

    def fetch(self, key: Key) -> list[Row]:
        """Asks Pluvo for the rows with a key, where no `rows` are given."""
        raise NotImplementedError

    @abstractmethod
    def fields(self, row: Row) -> Mapping[str, Any]:
        """What a row holds, in the fields of the declaration."""

    def _keys(self, row: Row) -> Iterator[Key]:
        for key in self.declaration.keys:
            value = self.declaration.key_value(key, self.fields(row))
            if value is not None:
                yield Key(key.field, value)


def given(values: Mapping[str, Any], *names: str) -> Row:
    """The named values that there are."""
    return {name: values[name] for name in names if name in values}
