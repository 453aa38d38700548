"""A partition as its stream wants it: without rows that are left out, and unread once the stream is given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_skilljar.failures import Failures


class FilteredPartition(Partition):
    """`takes` is asked once for each row, in the thread that reads it."""

    def __init__(self, partition: Partition, failures: Failures, takes: Callable[[Record], bool] | None = None) -> None:
        self._partition = partition
        self._failures = failures
        self._takes = takes

    def read(self) -> Iterator[Record]:
        if self._failures.are_enough(self.stream_name()):
            return
        try:
            yield from filter(self._takes, self._partition.read()) if self._takes else self._partition.read()
        except Exception as error:
            self._failures.note(self.stream_name(), error)
            raise

    def to_slice(self) -> Mapping[str, Any] | None:
        return self._partition.to_slice()

    def stream_name(self) -> str:
        return self._partition.stream_name()

    def __hash__(self) -> int:
        return hash(self._partition)


def until_given_up(partitions: Iterable[Partition], stream: str, failures: Failures) -> Iterator[Partition]:
    """The partitions of a stream, no further than to the failure that was one too many."""
    for partition in partitions:
        if failures.are_enough(stream):
            return
        yield partition
