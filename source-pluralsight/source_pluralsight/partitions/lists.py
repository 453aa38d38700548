"""Partitions of streams that are read whole: one list, or one for each record of a parent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record

from source_pluralsight.api.errors import PluralsightError, Trouble
from source_pluralsight.partitions.rows import EachOnce, Step, Tally, with_field
from source_pluralsight.partitions.stream_reader import RowsPage, StreamReader

Seen = Callable[[list[Mapping[str, Any]]], None]


class ListPartition(Partition):
    """All rows of one list. A list of children whose parent is gone meanwhile is empty, and counted."""

    def __init__(
        self, reader: StreamReader, steps: Iterable[Step], tally: Tally, part: Mapping[str, Any] | None = None
    ) -> None:
        self._reader = reader
        self._steps = tuple(steps)
        self._tally = tally
        self._part = part or {}

    def read(self) -> Iterator[Record]:
        name = self.stream_name()
        once = EachOnce()
        try:
            for number, found in enumerate(self._reader.pages(self._part, once.again)):
                if number == 0:
                    self._tally.expect(found.page.count, found.page, was_waiting=bool(self._part))
                rows = once(found.page.rows)
                for step in self._steps:
                    rows = step(rows)
                note(found, self._tally)
                for row in rows:
                    yield Record(row, name)
        except PluralsightError as error:
            if error.resolution.trouble is not Trouble.GONE or not self._part:
                self._tally.has_failed = True
                raise
            with self._tally.lock:
                self._tally.gone_parents += 1
                self._tally.pages += 1
                self._tally.waiting_lists -= 1
        except BaseException:
            self._tally.has_failed = True
            raise

    def to_slice(self) -> Mapping[str, Any]:
        return self._part

    def stream_name(self) -> str:
        return self._reader.plan.name

    def __hash__(self) -> int:
        return id(self)


def note(found: RowsPage, tally: Tally) -> None:
    """Counts a page and its rows, and what is missing in them."""
    with tally.lock:
        tally.pages += 1
        tally.rows += len(found.page.rows)
        tally.lost_fields.update(lost.name for lost in found.lost)


class ListStream(PartitionGenerator):
    """A stream that is one list."""

    def __init__(self, reader: StreamReader, steps: Iterable[Step], tally: Tally) -> None:
        self._partition = ListPartition(reader, steps, tally)

    def generate(self) -> Iterable[Partition]:
        yield self._partition


class ParentKeys:
    """Keys of the records of a parent, read once for all its children. Safe for threads."""

    def __init__(self, reader: StreamReader, key: str) -> None:
        self._reader = reader
        self._key = key
        self._lock = threading.Lock()
        self._keys: list[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        with self._lock:
            if self._keys is None:
                pages = self._reader.pages({})
                found = (row.get(self._key) for one in pages for row in one.page.rows)
                self._keys = list(dict.fromkeys(key for key in found if key is not None))
        return iter(self._keys)


class ListPerParent(PartitionGenerator):
    """A stream that is read once for each record of its parent."""

    def __init__(self, reader: StreamReader, steps: Iterable[Step], tally: Tally, parents: ParentKeys) -> None:
        self._reader = reader
        self._steps = tuple(steps)
        self._tally = tally
        self._parents = parents

    def generate(self) -> Iterable[Partition]:
        plan = self._reader.plan
        try:
            keys = list(self._parents)
        except BaseException:
            self._tally.has_failed = True
            raise
        self._tally.expect_lists(len(keys))
        for key in keys:
            added = [with_field(plan.parent_argument, key)] if plan.adds_parent_argument else []
            yield ListPartition(self._reader, [*added, *self._steps], self._tally, {plan.parent_argument: key})
