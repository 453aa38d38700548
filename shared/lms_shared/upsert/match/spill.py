"""Puts objects aside on disk: what waits for long must not fill the memory."""

from __future__ import annotations

from typing import Any

from lms_shared.upsert.item import Place
from lms_shared.upsert.match.temporary_database import packed, temporary_database, unpacked

_SCHEMA = "CREATE TABLE spilled (number INTEGER PRIMARY KEY AUTOINCREMENT, content BLOB NOT NULL)"


class Spill:
    """Plain objects in a temporary database, which uses the room of what was taken out again."""

    def __init__(self) -> None:
        self._database = temporary_database(_SCHEMA)

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
