"""A partition without the rows that its cursor leaves out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record


class FilteredPartition(Partition):
    """`takes` is asked once for each row, in the thread that reads it."""

    def __init__(self, partition: Partition, takes: Callable[[Record], bool]) -> None:
        self._partition = partition
        self._takes = takes

    def read(self) -> Iterable[Record]:
        return (record for record in self._partition.read() if self._takes(record))

    def to_slice(self) -> Mapping[str, Any] | None:
        return self._partition.to_slice()

    def stream_name(self) -> str:
        return self._partition.stream_name()

    def __hash__(self) -> int:
        return hash(self._partition)
