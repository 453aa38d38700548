"""What is known of the rows of a collection, by key: answers of look-ups, or all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from lms_shared.adapter.remote import Key
from lms_shared.disk import SpillingDict

Row = TypeVar("Row")


class KnownRows(Generic[Row]):
    """Rows, of many keys on disk. Not safe for threads by itself."""

    def __init__(self, id_of: Callable[[Row], str], keys_of: Callable[[Row], Iterable[Key]], in_memory: int) -> None:
        """`in_memory`: keys whose rows are held in memory."""
        self._id_of = id_of
        self._keys_of = keys_of
        self._in_memory = in_memory
        self._rows: SpillingDict[tuple[Row, ...]] = SpillingDict(in_memory)
        self.all_listed = False
        """Whether it is all of the collection, so that a key without rows has none."""

    def __contains__(self, key: Key) -> bool:
        return self.all_listed or key in self._rows

    def of(self, key: Key) -> list[Row] | None:
        """The rows with a key; None where nobody has asked for it."""
        rows = self._rows.get(key)
        if rows is None:
            return [] if self.all_listed else None
        return list(rows)

    def learn(self, key: Key, rows: list[Row]) -> None:
        """Takes a fresh answer, also for the other keys of its rows: what is known of these is older."""
        for row in rows:
            self.note(row)
        self._rows.put(key, tuple(rows))

    def note(self, row: Row, instead_of: Row | None = None) -> None:
        """Takes a row that was just read or written. A key that was never looked up stays unknown: the row need not be
        the only one that carries it."""
        if instead_of is not None:
            self.drop(instead_of)
        keys = list(self._keys_of(row))
        self._drop(row, keys)
        for key in keys:
            if key in self:
                self._rows.put(key, (*(self._rows.get(key) or ()), row))

    def drop(self, row: Row) -> None:
        """A row is gone."""
        self._drop(row, self._keys_of(row))

    def _drop(self, row: Row, keys: Iterable[Key]) -> None:
        for key in keys:
            rows = self._rows.get(key)
            if rows:
                self._rows.put(key, tuple(one for one in rows if self._id_of(one) != self._id_of(row)))

    def forget(self, key: Key) -> None:
        """Nothing is known of a key any more; of no use once all is listed."""
        self._rows.drop(key)

    def take_all(self, rows: Iterable[Row]) -> None:
        """Takes all rows of the collection in place of what was known."""
        self.take_listed(self.listed(rows))

    def listed(self, rows: Iterable[Row]) -> SpillingDict[tuple[Row, ...]]:
        """All rows of the collection by their keys, read one by one, for `take_listed`."""
        listed: SpillingDict[tuple[Row, ...]] = SpillingDict(self._in_memory)
        for row in rows:
            alone = (row,)  # one for all keys: there may be many rows
            for key in self._keys_of(row):
                held = listed.get(key)
                if held is None:
                    listed.put(key, alone)
                # While a list is read page by page, a row may move to a later page and come twice.
                elif all(self._id_of(one) != self._id_of(row) for one in held):
                    listed.put(key, (*held, row))
        return listed

    def take_listed(self, listed: SpillingDict[tuple[Row, ...]]) -> None:
        """Takes them in place of what was known."""
        self._rows, self.all_listed = listed, True
