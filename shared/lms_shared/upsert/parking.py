"""Holds records whose reference is not there yet, until it arrives or the sync ends.

The records lie in a temporary file on disk; memory holds their place and what they wait for.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

Awaited = tuple[str, str, str]
"""An object, one of its key fields, and the value that is waited for."""


@dataclass(frozen=True)
class _Place:
    offset: int
    length: int


class Parking:
    """Parked records, by what they wait for."""

    def __init__(self) -> None:
        # Lives as long as the sync; close() ends it.
        self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix="lms-parked-"))  # noqa: SIM115
        self._places: dict[int, _Place] = {}
        self._waiting: dict[Awaited, list[int]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._places)

    def park(self, item: Any, awaited: tuple[Awaited, ...]) -> None:
        """Puts a record aside until one of the awaited keys arrives."""
        content = pickle.dumps(item, protocol=pickle.HIGHEST_PROTOCOL)
        offset = self._file.seek(0, 2)
        self._file.write(content)
        self._places[self._next] = _Place(offset, len(content))
        for one in awaited:
            self._waiting.setdefault(one, []).append(self._next)
        self._next += 1

    def arrived(self, key: Awaited) -> list[Any]:
        """Takes out the records that waited for a key."""
        return [self._take(place) for place in self._waiting.pop(key, ()) if place in self._places]

    def drain(self) -> Iterator[Any]:
        """Takes out all that is left, in the order in which it was parked."""
        self._waiting.clear()
        for place in list(self._places):
            yield self._take(place)

    def _take(self, number: int) -> Any:
        place = self._places.pop(number)
        self._file.seek(place.offset)
        return pickle.loads(self._file.read(place.length))  # noqa: S301 - our own file, unlinked at once

    def close(self) -> None:
        """Removes the file."""
        self._file.close()
