"""Keys that come more than once in a sync with other values: each of them is written, in each sync again."""

from __future__ import annotations

from collections.abc import Iterable

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.account.counters import Remarks
from lms_shared.upsert.item import Item, identity

REMEMBERED = 100_000
"""Keys that are remembered at a time; a repetition further apart is not told."""


class Repeats:
    """Remembers keys and values of the batches that were written, as hashes."""

    def __init__(self, remarks: Remarks) -> None:
        self._remarks = remarks
        self._values: dict[int, int] = {}

    def look_at(self, declaration: ObjectDeclaration, batch: Iterable[Item]) -> None:
        """Takes note of a batch. Records that compete for the best one, such as completions, do not repeat."""
        if declaration.supersedes is not None:
            return
        said: dict[int, int] = {}
        for item in batch:
            person = item.values.get("external_reference")
            key = hash((item.stream, item.object_name, identity(declaration, item), person))
            values = hash(str(sorted(item.values.items())))
            if self._values.get(key, values) != values:
                self._remarks.repeated(item.stream, item.object_name)
            said[key] = values
        self._values.update(said)
        while len(self._values) > REMEMBERED:
            del self._values[next(iter(self._values))]
