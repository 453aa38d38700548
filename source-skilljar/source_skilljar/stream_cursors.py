"""Gives the streams that the CDK built from the manifest the cursors that the manifest declares for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from airbyte_cdk.sources.declarative.stream_slicers.declarative_partition_generator import (
    DeclarativePartitionFactory,
    StreamSlicerPartitionGenerator,
)
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import StreamSlice

from source_skilljar.checkpoint import Checkpoint
from source_skilljar.drive import DriveRule
from source_skilljar.filtered_partition import FilteredPartition, until_given_up
from source_skilljar.parent_cursor import ParentCursor
from source_skilljar.record_cursor import RecordCursor, RecordRule
from source_skilljar.router import ParentRouter
from source_skilljar.sync import Sync


@dataclass(frozen=True)
class CursorDeclaration:
    """`listing.cursor` of a stream in the manifest.

    `field` is the cursor field in the catalogue. Without `parent`, rows are filtered by it, or by the dotted `path`
    that it repeats; `or_else` stands in for a missing stamp, and rows whose `watch` fields changed count as new.
    With `parent`, the parents are filtered by their stamp and `parent` is the key in the state.
    """

    field: str
    path: str | None = None
    or_else: str | None = None
    watch: tuple[str, ...] = ()
    look_back_days: int = 0
    server_filter: str | None = None
    parent: str | None = None
    skips_old_parents: bool = True

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> CursorDeclaration:
        """Raises TypeError for an unknown key."""
        values = {key: value for key, value in declared.items() if key != "$parameters"}
        return cls(**{**values, "watch": tuple(values.get("watch", ()))})


def with_cursor(
    stream: DefaultStream,
    declared: CursorDeclaration,
    key: list[str],
    state: Mapping[str, Any],
    sync: Sync,
    messages: MessageRepository,
) -> DefaultStream:
    """The same stream, incremental."""
    # The manifest cannot name another kind of cursor and the stream does not show what it was made of, so its two
    # parts are taken from where the CDK keeps them.
    generator = cast(StreamSlicerPartitionGenerator, stream._stream_partition_generator)
    factory: DeclarativePartitionFactory = generator._partition_factory
    slicer = generator._stream_slicer
    start = sync.settings.start
    cursor: Checkpoint
    if declared.parent is None:

        def open_partitions(query: Mapping[str, str]) -> Iterable[Partition]:
            for stream_slice in slicer.stream_slices():
                yield factory.create(
                    StreamSlice(
                        partition=stream_slice.partition, cursor_slice=query, extra_fields=stream_slice.extra_fields
                    )
                )

        stamps = [declared.path or declared.field, *([declared.or_else] if declared.or_else else [])]
        rule = RecordRule(
            DriveRule(stamps, declared.watch), key, timedelta(days=declared.look_back_days), declared.server_filter
        )
        cursor = RecordCursor(
            stream.name,
            declared.field,
            rule,
            state,
            start,
            messages,
            sync.failures,
            lambda: sync.began,
            open_partitions,
        )
    else:
        router = cast(ParentRouter, slicer)
        cursor = ParentCursor(
            stream.name,
            declared.parent,
            state,
            start,
            messages,
            sync.failures,
            lambda: sync.began,
            router.units,
            factory.create,
            lambda: sync.availability.is_refused(stream.name),
            sync.settings.num_workers,
            declared.path or declared.field,
            declared.skips_old_parents,
        )
    return DefaultStream(
        partition_generator=_Partitions(cursor.partitions),
        name=stream.name,
        json_schema=stream.get_json_schema,
        primary_key=key,
        cursor_field=CursorField(declared.field),
        logger=logging.getLogger(f"airbyte.{stream.name}"),
        cursor=cursor,
    )


def without_cursor(stream: DefaultStream, key: list[str], sync: Sync) -> DefaultStream:
    """The same stream, read in full, and given up when it fails too often."""

    def partitions() -> Iterable[Partition]:
        opened = until_given_up(stream.generate_partitions(), stream.name, sync.failures)
        return (FilteredPartition(partition, sync.failures) for partition in opened)

    return DefaultStream(
        partition_generator=_Partitions(partitions),
        name=stream.name,
        json_schema=stream.get_json_schema,
        primary_key=key,
        cursor_field=None,
        logger=logging.getLogger(f"airbyte.{stream.name}"),
        cursor=stream.cursor,
    )


class _Partitions(PartitionGenerator):
    def __init__(self, partitions: Callable[[], Iterable[Partition]]) -> None:
        self._partitions = partitions

    def generate(self) -> Iterable[Partition]:
        return self._partitions()
