"""One list of a stream, as the CDK reads it: without rows that are left out, and unread once the stream is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.declarations import StreamDeclaration
from source_skilljar.partitions.parent_rows import ListIds

Row = dict[str, Any]


class ListPartition(Partition):
    """`takes` is asked once for each row, in the thread that reads it."""

    def __init__(
        self,
        declared: StreamDeclaration,
        ids: ListIds,
        read: Callable[[], Iterator[Row]],
        ends: StreamEnds,
        takes: Callable[[Row], bool],
    ) -> None:
        self._declared = declared
        self._ids = ids
        self._read = read
        self._ends = ends
        self._takes = takes

    def read(self) -> Iterator[Record]:
        name = self._declared.name
        if self._ends.is_given_up(name):
            return
        try:
            for row in self._read():
                if any(row.get(part) is None for part in self._declared.key):
                    self._ends.without_key(name)
                elif self._takes(row):
                    yield Record(row, name)
        except Exception as error:
            self._ends.failed(name, error)
            raise

    def to_slice(self) -> Mapping[str, Any] | None:
        return dict(self._ids.values)

    def stream_name(self) -> str:
        return self._declared.name

    def __hash__(self) -> int:
        return hash((self._declared.name, tuple(self._ids.values.items())))
