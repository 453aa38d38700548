"""The parts of a stream of version 2: what changed first, then the windows whose turn it is."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from lms_shared.source.parts_cursor import PartsGenerator
from source_skilljar.cursors.timestamps import parse_timestamp
from source_skilljar.partitions.parent_stamp import digest_of_row
from source_skilljar.run_context import RunContext
from source_skilljar.v2.cursor import WindowCursor
from source_skilljar.v2.reader import V2Reader
from source_skilljar.v2.streams import V2Stream
from source_skilljar.v2.windows import Window

Row = dict[str, Any]
MOST_REMEMBERED = 200_000
"""Changed rows that are told from those of the windows read after them; those beyond come twice."""


class SeenRows:
    """The changed rows of a sync: one may have been enrolled, be in progress and have its turn, and comes once.

    Safe for threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digests: set[int] = set()

    def is_new(self, row: Row, *, remember: bool) -> bool:
        """Whether a row did not come before with the same values."""
        digest = digest_of_row(row)
        with self._lock:
            if digest in self._digests:
                return False
            if remember and len(self._digests) < MOST_REMEMBERED:
                self._digests.add(digest)
            return True


class V2Partition(Partition):
    """One query of a stream. See `V2Part` for what the cursor reads of it."""

    def __init__(
        self,
        stream: V2Stream,
        reader: V2Reader,
        cursor: WindowCursor,
        query: Mapping[str, str],
        seen: SeenRows,
        start: datetime | None,
        window: Window | None = None,
    ) -> None:
        """`window` is the window of the rows' own time, for a part that is one."""
        self._stream = stream
        self._reader = reader
        self._cursor = cursor
        self._query = query
        self._seen = seen
        self._start = start
        self.window = window
        self.times = array("d")
        self.was_skipped = False

    def read(self) -> Iterator[Record]:
        if self._cursor.has_failed:
            self.was_skipped = True
            return
        try:
            for page in self._reader.pages(self._stream, self._query):
                for row in page:
                    if self._takes(row):
                        yield Record(row, self._stream.name)
        except BaseException:
            self._cursor.failed()
            raise

    def _takes(self, row: Row) -> bool:
        moment = parse_timestamp(row.get(self._stream.time))
        if moment is not None:
            if self._start is not None and moment < self._start:
                return False
            if self.window is not None:
                self.times.append(moment.timestamp())
        return self._seen.is_new(row, remember=self.window is None)

    def to_slice(self) -> Mapping[str, Any]:
        return dict(self._query)

    def stream_name(self) -> str:
        return self._stream.name

    def __hash__(self) -> int:
        return id(self)


class V2Parts(PartsGenerator[WindowCursor]):
    """Plans a sync and gives its parts. Windows come when all changes are read, so that a row never ends older than it
    was seen."""

    def __init__(self, stream: V2Stream, context: RunContext, reader: V2Reader, cursor: WindowCursor) -> None:
        super().__init__(cursor)
        self._stream = stream
        self._context = context
        self._reader = reader
        self._seen = SeenRows()

    def _parts(self) -> Iterator[Partition]:
        stream, settings = self._stream, self._context.settings
        self._reader.require(stream)
        self._reader.prepare(stream)
        plan = self._cursor.plan(
            self._context.began(),
            settings.start,
            timedelta(days=settings.lookback_days),
            timedelta(days=settings.max_staleness_days),
        )
        if plan.changes_since is not None:
            for name in stream.changes:
                yield self._part(Window(plan.changes_since, None).filters(name))
            if stream.always:
                yield self._part(stream.always)
            if not self._cursor.wait_for_parts():
                return
            self._cursor.changes_are_read()
        for window in plan.windows:
            yield self._part(window.filters(stream.window), window)

    def _part(self, query: Mapping[str, str], window: Window | None = None) -> V2Partition:
        self._cursor.opened()
        return V2Partition(
            self._stream, self._reader, self._cursor, query, self._seen, self._context.settings.start, window
        )
