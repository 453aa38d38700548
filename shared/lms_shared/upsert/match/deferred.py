"""Puts records aside on disk: what waits for long must not fill the memory.

Those whose reference is not there yet are held until it arrives or the sync ends. They and what they wait for lie in a
temporary database; memory holds how many there are of each kind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from lms_shared.adapter.remote import Awaited
from lms_shared.disk import packed, temporary_database, unpacked
from lms_shared.upsert.item import Place

_SPILL = "CREATE TABLE spilled (number INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL)"


class Spill:
    """Plain objects in a temporary database, which uses the room of what was taken out again."""

    def __init__(self) -> None:
        self._database = temporary_database(_SPILL)

    def put(self, value: Any) -> Place:
        """Writes an object out."""
        (number,) = self._database.execute(
            "INSERT INTO spilled (content) VALUES (?) RETURNING number", (packed(value),)
        ).fetchall()[0]
        return Place(number)

    def take(self, place: Place) -> Any:
        """Reads an object back, once. Raises KeyError for one that is not there any more."""
        return self._content(place, "DELETE FROM spilled WHERE number = ? RETURNING content")

    def look(self, place: Place) -> Any:
        """Reads an object that stays. Raises KeyError for one that is not there any more."""
        return self._content(place, "SELECT content FROM spilled WHERE number = ?")

    def drop(self, place: Place) -> None:
        """An object is not needed any more."""
        self._database.execute("DELETE FROM spilled WHERE number = ?", (place.number,))

    def close(self) -> None:
        """Removes the database."""
        self._database.close()

    def _content(self, place: Place, statement: str) -> Any:
        rows = self._database.execute(statement, (place.number,)).fetchall()
        if not rows:
            raise KeyError(place)
        return unpacked(rows[0][0])


_SCHEMA = """
CREATE TABLE deferred (number INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, item BLOB NOT NULL);
CREATE TABLE awaited (
  key TEXT NOT NULL, number INTEGER NOT NULL REFERENCES deferred ON DELETE CASCADE, PRIMARY KEY (key, number)
) WITHOUT ROWID;
CREATE INDEX awaited_by_record ON awaited (number);
"""
_DEFER = "INSERT INTO deferred (chain, item) VALUES (?, ?) RETURNING number"
_AWAIT = "INSERT OR IGNORE INTO awaited VALUES (?, ?)"
_TAKE_ARRIVED = """
DELETE FROM deferred WHERE number IN (SELECT number FROM awaited WHERE key = ?) RETURNING number, chain, item
"""
_TAKE_NEXT = """
DELETE FROM deferred WHERE number = (
  SELECT number FROM deferred WHERE number > ? AND number <= ? AND chain IN (SELECT value FROM json_each(?))
  ORDER BY number LIMIT 1
) RETURNING number, chain, item
"""

Chain = tuple[str, frozenset[str]]
"""The object of a deferred record, and the objects that it waits for."""


class DeferredRecords:
    """Deferred records, by what they wait for. Each is taken out once."""

    def __init__(self) -> None:
        self._database = temporary_database(_SCHEMA)
        self._numbers: dict[Chain, int] = {}
        """By which numbers the database knows the chains."""
        self._chains: Counter[Chain] = Counter()
        """How many records there are of each."""
        self._last = 0

    def __len__(self) -> int:
        return self._chains.total()

    def defer(self, item: Any, awaited: tuple[Awaited, ...], object_name: str = "") -> None:
        """Puts a record of an object aside until one of the awaited keys arrives."""
        chain = (object_name, frozenset(one[0] for one in awaited))
        number = self._numbers.setdefault(chain, len(self._numbers))
        ((self._last,),) = self._database.execute(_DEFER, (number, packed(item))).fetchall()
        self._database.executemany(_AWAIT, ((_text(one), self._last) for one in awaited))
        self._chains[chain] += 1

    def arrived(self, key: Awaited) -> list[Any]:
        """Takes out the records that waited for a key, in order."""
        return [item for _, item in self._taken(_TAKE_ARRIVED, _text(key))] if self._chains else []

    def to_come(self, others: Collection[str]) -> set[str]:
        """The objects that may still be written if `others` may: those too of which a record waits for one of them."""
        coming = set(others)
        while more := {name for name, awaited in self._chains if name not in coming and awaited & coming}:
            coming |= more
        return coming

    def in_vain(self, to_come: Collection[str]) -> Iterator[Any]:
        """Takes out the records that wait for none of the objects that are still to come, one by one, in order."""
        return self._one_by_one([chain for chain in self._chains if chain[1].isdisjoint(to_come)])

    def drain(self) -> Iterator[Any]:
        """Takes out all that is there, one by one, in the order in which it was deferred."""
        self._database.execute("DELETE FROM awaited")
        return self._one_by_one(list(self._chains))

    def close(self) -> None:
        """Removes the database, with what is left in it."""
        self._database.close()

    def _one_by_one(self, chains: list[Chain]) -> Iterator[Any]:
        """Takes out what is there now of some chains; what is deferred meanwhile stays."""
        number, last, wanted = 0, self._last, json.dumps([self._numbers[one] for one in chains])
        while taken := self._taken(_TAKE_NEXT, number, last, wanted):
            ((number, item),) = taken
            yield item

    def _taken(self, statement: str, *parameters: object) -> list[tuple[int, Any]]:
        """What a statement takes out, by number."""
        rows = sorted(self._database.execute(statement, parameters).fetchall())
        chains = {number: chain for chain, number in self._numbers.items()}
        for _, chain, _ in rows:
            self._chains[chains[chain]] -= 1
        self._chains = +self._chains
        return [(number, unpacked(content)) for number, _, content in rows]


def _text(key: Awaited) -> str:
    """A key as text that SQLite takes, which halves of characters are not."""
    return json.dumps(key)
