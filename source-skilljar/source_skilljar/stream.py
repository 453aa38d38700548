"""A stream as the CDK reads it, made of its declaration: schema, key, cursor, and the lists that make it up."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from importlib.resources import files
from typing import Any

from airbyte_cdk.models import AirbyteStream, SyncMode
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor, CursorField, FinalStateCursor
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_skilljar.cursors.checkpoint import Beginning
from source_skilljar.cursors.parent_cursor import ParentCursor, ParentFilter
from source_skilljar.cursors.quiet_lists import QuietLists
from source_skilljar.cursors.record_cursor import RecordCursor, RowFilter, Skips, Takes
from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.declarations import CursorDeclaration, Parents, StreamDeclaration
from source_skilljar.partitions.list_partition import ListPartition
from source_skilljar.partitions.parent_rows import ListIds
from source_skilljar.run_context import RunContext
from source_skilljar.v2.cursor import WindowCursor
from source_skilljar.v2.parts import V2Parts
from source_skilljar.v2.streams import V2Stream

READ_UNTIL = "read_until"
"""The key in the state of a stream whose parents take turns: the moment up to which all turns were read."""


@cache
def schema_of(name: str) -> Mapping[str, Any]:
    """The JSON schema of a stream's records."""
    return dict(json.loads(files(__package__).joinpath("schemas", f"{name}.json").read_text("utf-8")))


def make_stream(declared: StreamDeclaration, context: RunContext, state: Mapping[str, Any]) -> SkilljarStream:
    """The stream. `state` is what the last sync left for it, empty to read everything."""
    lists = _Lists(declared, context)
    if declared.cursor is None:
        full = _FullRead(declared.name, context.messages, context.ends)
        everything = partial(lists.all, {}, lambda row: True, lambda ids: False)
        return SkilljarStream(_shown(declared), full, everything, context.ends)
    beginning = Beginning(declared.name, state_key(declared.cursor), state, context.settings.start, context.began)
    make = _row_cursor if declared.cursor.parents is None else _parent_cursor
    cursor = make(declared.cursor, beginning, lists, context)
    return SkilljarStream(_shown(declared), cursor, cursor.partitions, context.ends)


def make_v2_stream(stream: V2Stream, context: RunContext, state: Mapping[str, Any]) -> SkilljarStream:
    """A stream of version 2; the context has a client for it."""
    assert context.version_two is not None  # without a client there are no such streams
    cursor = WindowCursor(stream.name, state, context.messages)
    parts = V2Parts(stream, context, context.version_two, cursor)
    return SkilljarStream(
        CatalogEntry(stream.name, stream.key, stream.time, True), cursor, parts.generate, context.ends
    )


def _shown(declared: StreamDeclaration) -> CatalogEntry:
    cursor = declared.cursor
    return CatalogEntry(declared.name, declared.key, cursor.field if cursor else None, cursor is not None)


def state_key(cursor: CursorDeclaration) -> str:
    """The key of the time in a stream's state."""
    if cursor.parents is Parents.ROTATING:
        return READ_UNTIL
    return str(cursor.state or cursor.field)


def rotation_period(declared: StreamDeclaration, days: int) -> timedelta | None:
    """How long a parent's turn is away at most; None for a stream whose parents take no turns."""
    turns = declared.cursor is not None and declared.cursor.parents is Parents.ROTATING
    return timedelta(days=days) if turns else None


def _row_cursor(cursor: CursorDeclaration, beginning: Beginning, lists: _Lists, context: RunContext) -> RecordCursor:
    stamps = () if cursor.rows else tuple(path for path in (cursor.path or cursor.field, cursor.or_else) if path)
    row_filter = RowFilter(stamps, timedelta(days=cursor.look_back_days), cursor.server_filter)
    quiet = _quiet_lists(lists.declared, beginning, context)
    return RecordCursor(beginning, context.messages, context.ends, row_filter, lists.all, quiet)


def leaves_out_quiet_lists(declared: StreamDeclaration, context: RunContext) -> bool:
    """Whether a client of version 2 may say which lists of a stream are left out. Where another stream needs their rows
    as well, they are read anyway."""
    has_changes = declared.cursor is not None and declared.cursor.v2_changes is not None
    return has_changes and context.version_two is not None and declared.list_address not in context.shared_lists


def _quiet_lists(declared: StreamDeclaration, beginning: Beginning, context: RunContext) -> QuietLists | None:
    changes = declared.cursor.v2_changes if declared.cursor else None
    if changes is None or context.version_two is None or not leaves_out_quiet_lists(declared, context):
        return None
    settings = context.settings
    return QuietLists(
        beginning.state,
        beginning.began,
        partial(context.version_two.changed_parents, changes),
        str(declared.placeholder),
        timedelta(days=settings.max_staleness_days),
        timedelta(days=settings.lookback_days),
    )


def _parent_cursor(cursor: CursorDeclaration, beginning: Beginning, lists: _Lists, context: RunContext) -> ParentCursor:
    settings = context.settings
    period = rotation_period(lists.declared, settings.max_staleness_days)
    parent_filter = ParentFilter(cursor.path or cursor.field, cursor.skips_old_parents, period)
    groups = partial(context.parents.groups, lists.declared)
    return ParentCursor(
        beginning, context.messages, context.ends, parent_filter, groups, lists.open, settings.num_workers
    )


class _Lists:
    """Opens the lists that a stream is read in."""

    def __init__(self, declared: StreamDeclaration, context: RunContext) -> None:
        self.declared = declared
        self._context = context

    def all(self, query: Mapping[str, str], takes: Takes, skips: Skips) -> Iterable[Partition]:
        """Every list that is not left out, until the stream is given up."""
        for ids in self._context.parents.lists(self.declared):
            if self._context.ends.is_given_up(self.declared.name):
                return
            if not self._is_too_old(ids) and not skips(ids):
                yield self.open(ids, takes, query)

    def open(self, ids: ListIds, takes: Takes, query: Mapping[str, str] | None = None) -> Partition:
        """One list."""
        read = partial(self._context.records, self.declared, {**ids.values, **ids.columns}, query)
        return ListPartition(self.declared, ids, read, self._context.ends, takes)

    def _is_too_old(self, ids: ListIds) -> bool:
        """Whether the rows have the time of a parent, and that is before the start date."""
        cursor, start = self.declared.cursor, self._context.settings.start
        if cursor is None or cursor.rows is None or start is None or ids.stamp is None or ids.stamp.moment is None:
            return False
        return ids.stamp.moment < start


@dataclass(frozen=True)
class CatalogEntry:
    """What the catalog says of a stream: name, key and cursor field, if any, and whether it is read incrementally."""

    name: str
    key: tuple[str, ...]
    cursor_field: str | None
    is_incremental: bool


class SkilljarStream(DefaultStream):
    """A stream with its cursor. It is incremental also where no field of its records shows what is new, because the
    state remembers that."""

    def __init__(
        self, shown: CatalogEntry, cursor: Cursor, partitions: Callable[[], Iterable[Partition]], ends: StreamEnds
    ) -> None:
        super().__init__(
            partition_generator=_Partitions(shown.name, partitions, ends),
            name=shown.name,
            json_schema=partial(schema_of, shown.name),
            primary_key=list(shown.key),
            cursor_field=CursorField(shown.cursor_field) if shown.cursor_field else None,
            logger=logging.getLogger(f"airbyte.{shown.name}"),
            cursor=cursor,
        )
        self._is_incremental = shown.is_incremental

    def as_airbyte_stream(self) -> AirbyteStream:
        stream = super().as_airbyte_stream()
        if self._is_incremental and SyncMode.incremental not in stream.supported_sync_modes:
            stream.supported_sync_modes.append(SyncMode.incremental)
            stream.source_defined_cursor = True
            stream.is_resumable = True
        return stream


class _FullRead(FinalStateCursor):
    """The end of a stream that is read in full."""

    def __init__(self, stream: str, messages: MessageRepository, ends: StreamEnds) -> None:
        super().__init__(stream, None, messages)
        self._stream = stream
        self._ends = ends

    def ensure_at_least_one_state_emitted(self) -> None:
        self._ends.say(self._stream)
        if not self._ends.has_failed(self._stream):
            super().ensure_at_least_one_state_emitted()


class _Partitions(PartitionGenerator):
    def __init__(self, stream: str, partitions: Callable[[], Iterable[Partition]], ends: StreamEnds) -> None:
        self._stream = stream
        self._partitions = partitions
        self._ends = ends

    def generate(self) -> Iterable[Partition]:
        try:
            yield from self._partitions()
        except Exception as error:
            self._ends.failed(self._stream, error)
            raise
