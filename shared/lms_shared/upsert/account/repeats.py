"""Keys that come more than once in a sync with other values: each of them is written, in each sync again."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.account.counters import Remarks
from lms_shared.upsert.item import Item, identity

SLOTS = 131_072
"""Keys that are remembered at a time. One whose place another key has taken meanwhile is forgotten, so that the memory
stays the same however many there are; a repetition is not told then."""


class Repeats:
    """Remembers keys and values of the batches that were written, as hashes, each key at the place it falls to."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._keys, self._values = array("q", bytes(8 * SLOTS)), array("q", bytes(8 * SLOTS))

    def look_at(self, declaration: ObjectDeclaration, batch: Iterable[Item]) -> None:
        """Takes note of a batch. Records that compete for the best one, such as completions, do not repeat."""
        if declaration.supersedes is not None:
            return
        said: dict[int, int] = {}
        for item in batch:
            person = item.values.get("external_reference")
            key = hash((item.stream, item.object_name, identity(declaration, item), person))
            values = hash(str(sorted(item.values.items())))
            slot = key % SLOTS
            if self._keys[slot] == key and self._values[slot] != values:
                self._remarks.repeated(item.stream, item.object_name)
            said[key] = values
        for key, values in said.items():
            self._keys[key % SLOTS], self._values[key % SLOTS] = key, values
