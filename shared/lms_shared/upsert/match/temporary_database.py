"""Databases that live as long as a sync, for what must not fill the memory.

Each is a private file of SQLite, with no name that another process could open: it is gone when the connection closes,
and when the process is killed.
"""

from __future__ import annotations

import pickle
import sqlite3
from typing import Any

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
