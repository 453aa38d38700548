"""Puts records aside on disk: what waits for long must not fill the memory."""

from __future__ import annotations

import pickle
import tempfile
from typing import Any, BinaryIO, cast

from lms_shared.upsert.item import Place


class SpillFile:
    """Plain objects in a temporary file, which is emptied whenever nothing is left in it."""

    def __init__(self) -> None:
        # Lives as long as the sync; close() ends it.
        self._file = cast(BinaryIO, tempfile.TemporaryFile(prefix="lms-spill-"))  # noqa: SIM115
        self._kept = 0

    def put(self, value: Any) -> Place:
        """Writes an object out."""
        content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        offset = self._file.seek(0, 2)
        self._file.write(content)
        self._kept += 1
        return Place(offset, len(content))

    def take(self, place: Place) -> Any:
        """Reads an object back, once."""
        value = self.look(place)
        self.drop(place)
        return value

    def look(self, place: Place) -> Any:
        """Reads an object that stays."""
        self._file.seek(place.offset)
        return pickle.loads(self._file.read(place.length))  # noqa: S301 - our own file, unlinked at once

    def drop(self, _: Place) -> None:
        """An object is not needed any more."""
        self._kept -= 1
        if self._kept == 0:
            self._file.truncate(0)

    def close(self) -> None:
        """Removes the file."""
        self._file.close()
