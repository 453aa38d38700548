"""Records in memory, found by every key that the API looks them up by."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar


class Record(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """The key of the record."""


R = TypeVar("R", bound=Record)
Key = Callable[[Any], Hashable]


class Duplicate(Exception):
    """Another record has the same value in a field that must be unique."""

    def __init__(self, kind: str, field: str) -> None:
        super().__init__(f"{kind} with this {field} already exists")
        self.kind = kind
        self.field = field


def _fold(key: Hashable) -> Hashable:
    return key.casefold() if isinstance(key, str) else key


def _folding(key_of: Key) -> Key:
    return lambda row: _fold(key_of(row))


class Table(Generic[R]):
    """Records of one kind in the order in which they came, with unique and other indexes; keys of None are left out.

    The texts of the unique indexes named in `folded` are told apart regardless of case.
    """

    def __init__(
        self,
        kind: str,
        unique: Mapping[str, Key] | None = None,
        indexes: Mapping[str, Key] | None = None,
        folded: frozenset[str] = frozenset(),
    ) -> None:
        self.kind = kind
        self._rows: dict[str, R] = {}
        self._folded = folded
        self._unique_keys = {name: _folding(key) if name in folded else key for name, key in (unique or {}).items()}
        self._index_keys = indexes or {}
        self._unique: dict[str, dict[Hashable, str]] = {name: {} for name in self._unique_keys}
        self._indexes: dict[str, dict[Hashable, dict[str, None]]] = {name: {} for name in self._index_keys}

    @property
    def content(self) -> tuple[Any, ...]:
        """All that the table holds, indexes included."""
        return self._rows, self._unique, self._indexes

    @content.setter
    def content(self, content: tuple[Any, ...]) -> None:
        self._rows, self._unique, self._indexes = content

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._rows

    def __getitem__(self, row_id: str) -> R:
        return self._rows[row_id]

    def get(self, row_id: str | None) -> R | None:
        """The record with that id."""
        return None if row_id is None else self._rows.get(row_id)

    def find(self, name: str, key: Hashable) -> R | None:
        """The record with that key in a unique index; the id is one."""
        if name == "id":
            return self.get(str(key))
        return self.get(self._unique[name].get(_fold(key) if name in self._folded else key))

    def where(self, name: str, key: Hashable) -> list[R]:
        """The records with that key in an index, in the order in which they came."""
        return [self._rows[row_id] for row_id in self._indexes[name].get(key, ())]

    def count(self, name: str, key: Hashable) -> int:
        """How many records have that key in an index."""
        return len(self._indexes[name].get(key, ()))

    def put(self, row: R) -> R:
        """Add a record, or replace the one with its id. Raises Duplicate, and then nothing has changed."""
        for name, key_of in self._unique_keys.items():
            if self._unique[name].get(key_of(row), row.id) != row.id:
                raise Duplicate(self.kind, name)
        if (old := self._rows.get(row.id)) is not None:
            self._unindex(old, row)
        self._rows[row.id] = row
        for name, key_of in self._unique_keys.items():
            if (key := key_of(row)) is not None:
                self._unique[name][key] = row.id
        for name, key_of in self._index_keys.items():
            if (key := key_of(row)) is not None:
                self._indexes[name].setdefault(key, {})[row.id] = None
        return row

    def delete(self, row: R) -> None:
        """Forget a record."""
        self._unindex(row, None)
        del self._rows[row.id]

    def _unindex(self, old: R, new: R | None) -> None:
        """Take a record out of the indexes where its successor does not keep its place."""
        for name, key_of in self._unique_keys.items():
            if (key := key_of(old)) is not None and (new is None or key_of(new) != key):
                del self._unique[name][key]
        for name, key_of in self._index_keys.items():
            if (key := key_of(old)) is not None and (new is None or key_of(new) != key):
                del self._indexes[name][key][old.id]


class Links:
    """Pairs of ids, found from both sides, in the order in which they were made."""

    def __init__(self) -> None:
        self._rights: dict[str, dict[str, None]] = {}
        self._lefts: dict[str, dict[str, None]] = {}

    @property
    def content(self) -> tuple[Any, ...]:
        """All pairs, from both sides."""
        return self._rights, self._lefts

    @content.setter
    def content(self, content: tuple[Any, ...]) -> None:
        self._rights, self._lefts = content

    def has(self, left: str, right: str) -> bool:
        """Whether the pair is there."""
        return right in self._rights.get(left, ())

    def rights(self, left: str) -> Sequence[str]:
        """The right sides of a left one."""
        return tuple(self._rights.get(left, ()))

    def lefts(self, right: str) -> Sequence[str]:
        """The left sides of a right one."""
        return tuple(self._lefts.get(right, ()))

    def count(self, left: str) -> int:
        """How many right sides a left one has."""
        return len(self._rights.get(left, ()))

    def add(self, left: str, right: str) -> None:
        """Make a pair, if it is not there."""
        self._rights.setdefault(left, {})[right] = None
        self._lefts.setdefault(right, {})[left] = None

    def remove(self, left: str, right: str) -> None:
        """Break a pair, if it is there."""
        self._rights.get(left, {}).pop(right, None)
        self._lefts.get(right, {}).pop(left, None)

    def replace(self, left: str, rights: Sequence[str]) -> None:
        """Let a left side have these right ones and no others."""
        for right in self.rights(left):
            self.remove(left, right)
        for right in rights:
            self.add(left, right)
