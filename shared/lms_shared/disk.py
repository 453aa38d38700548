"""What a sync keeps on disk: what grows with the number of records must not fill the memory.

Each database is a private file of SQLite that lives as long as a sync, with no name that another process could open: it
is gone when the connection closes, and when the process is killed.
"""

from __future__ import annotations

import pickle
import sqlite3
import threading
from typing import Any, Generic, TypeVar, cast

_SETTINGS = """
PRAGMA journal_mode = OFF;  -- a sync that cannot write it ends; nothing is ever rolled back
PRAGMA foreign_keys = ON;
"""


def temporary_database(schema: str) -> sqlite3.Connection:
    """A new database with the tables of a schema; each statement stands at once.

    One thread uses it. Another one may close it, as when a sync is cancelled.
    """
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.executescript(_SETTINGS + schema)
    return database


def packed(value: Any) -> bytes:
    """An object as the content of a cell: JSON would lose integers beyond 64 bits, halves of characters and types."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpacked(content: bytes) -> Any:
    """The object that was packed."""
    return pickle.loads(content)  # noqa: S301 - from our own database, which nobody else can open


_TABLE = "CREATE TABLE held (key BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO held VALUES (?, ?)"
_GET = "SELECT content FROM held WHERE key = ?"

Key = tuple[str, ...]
"""Texts of which only the last one may hold a zero character."""
Value = TypeVar("Value")
IN_MEMORY = 10_000
"""Values that are held in memory: a few MiB, whatever they are."""
_MARKS = 2**23
"""Bits that say which keys may be on disk: most keys that are asked for are new, and asking the disk takes longest."""


class SpillingDict(Generic[Value]):
    """Plain values by key: the latest in memory, all others on disk. Safe for threads.

    A value is not to be changed in place, since what is read is a copy as soon as it was on disk.
    """

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        """`in_memory` is how many values are held in memory before they are written out, and as many that were read."""
        self._in_memory = in_memory
        self._new: dict[Key, Value] = {}
        self._read: dict[Key, Value] = {}
        self._database: sqlite3.Connection | None = None
        self._marks = bytearray()
        self._lock = threading.RLock()

    def get(self, key: Key) -> Value | None:
        """The value of a key, None where it has none."""
        value = self._new.get(key)
        if value is not None or self._database is None or not self._may_be_on_disk(key):
            return value
        with self._lock:
            value = self._new.get(key)
            if value is None:
                value = self._read.get(key)
            if value is None and (found := self._database.execute(_GET, (_cell(key),)).fetchone()):
                value = self._read[key] = cast(Value, unpacked(found[0]))
                if len(self._read) > self._in_memory:
                    self._read = {key: value}
            return value

    def __contains__(self, key: Key) -> bool:
        return self.get(key) is not None

    def put(self, key: Key, value: Value) -> None:
        """Sets the value of a key; not None."""
        with self._lock:
            self._new[key] = value
            self._read.pop(key, None)
            if len(self._new) > self._in_memory:
                self._write_out()

    def drop(self, key: Key) -> None:
        """The key has no value any more."""
        with self._lock:
            self._new.pop(key, None)
            self._read.pop(key, None)
            if self._database is not None and self._may_be_on_disk(key):
                self._database.execute("DELETE FROM held WHERE key = ?", (_cell(key),))

    def _may_be_on_disk(self, key: Key) -> bool:
        place = hash(key) % _MARKS
        return self._marks[place >> 3] >> (place & 7) & 1 == 1

    def _write_out(self) -> None:
        if self._database is None:
            self._marks = bytearray(_MARKS >> 3)
            self._database = temporary_database(_TABLE)
        once: dict[int, bytes] = {}
        """One value may be that of several keys."""
        cells = []
        for key, value in self._new.items():
            content = once.get(id(value))
            if content is None:
                content = once[id(value)] = packed(value)
            cells.append((_cell(key), content))
            place = hash(key) % _MARKS
            self._marks[place >> 3] |= 1 << (place & 7)
        cells.sort()  # neighbors share a page of the file
        self._database.execute("BEGIN")
        self._database.executemany(_PUT, cells)
        self._database.execute("COMMIT")
        self._new = {}


def _cell(key: Key) -> bytes:
    """A key as SQLite compares it, as bytes: its texts cannot hold halves of characters."""
    return "\0".join(key).encode("utf-8", "surrogatepass")
