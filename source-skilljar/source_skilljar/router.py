"""Makes a slice of each parent row: flat partitions that hold the ids of all ancestors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from airbyte_cdk.sources.declarative.partition_routers import SubstreamPartitionRouter
from airbyte_cdk.sources.declarative.partition_routers.substream_partition_router import ParentStreamConfig
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Config, Record, StreamSlice

from source_skilljar.drive import Drive, DriveRule, drive_of, with_drive
from source_skilljar.listing import dig


@dataclass(frozen=True, slots=True)
class Unit:
    """Slices that are driven together: one for a parent row, or those of all rows below one driving row."""

    drive: Drive | None
    slices: Callable[[], Iterable[StreamSlice]]


@dataclass
class ParentRouter(SubstreamPartitionRouter):
    """`parent_key` may be a dotted path; rows without a value have no children.

    `drive` says where a parent row's stamp stands. Parents whose `skip_field` has the `skip_value` have no
    children. `distinct` reads each value once, however many rows name it.
    """

    parent_stream_configs: list[ParentStreamConfig]
    config: Config
    parameters: InitVar[Mapping[str, Any]]
    drive: Mapping[str, Any] | None = None
    skip_field: str | None = None
    skip_value: Any = None
    distinct: bool = False

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        super().__post_init__(parameters)
        self._rule = DriveRule(**_declared(self.drive)) if self.drive else None

    def stream_slices(self) -> Iterable[StreamSlice]:
        """All slices."""
        for unit in self.units():
            yield from unit.slices()

    def units(self) -> Iterator[Unit]:
        """All slices, by what drives them. Parents are listed as the units are taken, and read as deep as needed."""
        seen: set[object] | None = set() if self.distinct else None
        for parent in self.parent_stream_configs:
            for partition in parent.stream.generate_partitions():
                if self._rule is not None:
                    yield from self._driven(parent, partition, seen)
                else:
                    yield self._below(parent, partition, seen)

    def _driven(self, parent: ParentStreamConfig, partition: Partition, seen: set[object] | None) -> Iterator[Unit]:
        assert self._rule is not None  # asked by the caller
        for values, record in self._children(parent, partition, seen):
            yield _unit(values, self._rule.read(tuple(values.values()), record))

    def _below(self, parent: ParentStreamConfig, partition: Partition, seen: set[object] | None) -> Unit:
        drive = drive_of(_slice_of(partition))

        def slices() -> Iterator[StreamSlice]:
            for values, _ in self._children(parent, partition, seen):
                yield with_drive(values, drive)

        return Unit(drive, slices)

    def _children(
        self, parent: ParentStreamConfig, partition: Partition, seen: set[object] | None
    ) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
        key = str(parent.parent_key.eval(self.config))  # type: ignore[union-attr] # made an interpolated string by the CDK
        field = str(parent.partition_field.eval(self.config))  # type: ignore[union-attr] # the same
        above = {} if self.distinct else _slice_of(partition).partition
        for record in partition.read():
            value = dig(record, key)
            if value is None or not self._has_children(record) or (seen is not None and value in seen):
                continue
            if seen is not None:
                seen.add(value)
            yield {**above, field: value}, record

    def _has_children(self, record: Record) -> bool:
        return self.skip_field is None or record.get(self.skip_field) != self.skip_value


def _unit(values: Mapping[str, Any], drive: Drive) -> Unit:
    return Unit(drive, lambda: [with_drive(values, drive)])


def _slice_of(partition: Partition) -> StreamSlice:
    declared = partition.to_slice()
    return declared if isinstance(declared, StreamSlice) else StreamSlice(partition={}, cursor_slice={})


def _declared(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "$parameters"}
