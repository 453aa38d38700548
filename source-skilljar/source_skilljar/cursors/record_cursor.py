"""Emits the rows of a list that are new or changed. The API cannot filter, so all pages are read."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

from source_skilljar.cursors.checkpoint import Beginning, Checkpoint
from source_skilljar.cursors.fingerprints import MAX_ROWS, Fingerprints
from source_skilljar.cursors.quiet_lists import QuietLists
from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.cursors.timestamps import format_timestamp, parse_timestamp
from source_skilljar.partitions.parent_rows import ListIds
from source_skilljar.partitions.parent_stamp import digest_of_row
from source_skilljar.records.shape import dig

Row = dict[str, Any]
Takes = Callable[[Row], bool]
Skips = Callable[[ListIds], bool]


@dataclass(frozen=True)
class RowFilter:
    """`stamps` are dotted paths of a row's time, tried in order; none where only the row as a whole tells. `look_back`
    is how far before the state rows are taken again; `server_filter` is the query parameter, if any, that filters by
    the time."""

    stamps: tuple[str, ...]
    look_back: timedelta = timedelta()
    server_filter: str | None = None


class RecordCursor(Checkpoint):
    """Rows whose stamp is not before the state, and rows that were not there the last time with the same values."""

    def __init__(
        self,
        beginning: Beginning,
        messages: MessageRepository,
        ends: StreamEnds,
        row_filter: RowFilter,
        open_partitions: Callable[[Mapping[str, str], Takes, Skips], Iterable[Partition]],
        quiet: QuietLists | None = None,
    ) -> None:
        """`open_partitions` gives the stream's partitions, for a query to add to each, the rows they are to take, and
        the lists that are left out. `quiet` says which these are; None for none."""
        super().__init__(beginning, messages, ends)
        self._quiet = quiet
        self._filter = row_filter
        self._open_partitions = open_partitions
        self._highest: datetime | None = None
        self._digests = array("Q")
        self._opened = 0
        self._closed = 0
        self._all_opened = False

    @cached_property
    def _bound(self) -> datetime | None:
        """The time before which only changed rows are emitted."""
        reached = self._reached - self._filter.look_back if self._reached is not None else None
        return max((moment for moment in (reached, self._start) if moment is not None), default=None)

    def partitions(self) -> Iterator[Partition]:
        name = self._filter.server_filter
        query = {name: format_timestamp(self._bound)} if name and self._bound is not None else {}
        for partition in self._open_partitions(query, self._takes, self._skips):
            if self._is_given_up:
                return
            with self._lock:
                self._opened += 1
            yield partition
        with self._lock:
            self._all_opened = True

    def close_partition(self, partition: Partition) -> None:
        with self._lock:
            self._closed += 1

    def ensure_at_least_one_state_emitted(self) -> None:
        """The new state when all was read, the old one when something failed."""
        with self._lock:
            if self._all_opened and self._opened == self._closed and self._ends.is_whole(self._stream):
                self._set_state(self._capped(self._highest), self._summary())
                if self._quiet is not None:
                    self._state.update(self._quiet.to_state())
            self._emit()

    def _summary(self) -> Fingerprints | None:
        """The summary of all rows: where lists were left out, of those that were read besides those known before."""
        if self._quiet is not None and self._quiet.has_skipped and self._known is not None:
            return self._known.joined(self._digests)
        return Fingerprints.of(self._digests)

    def _skips(self, ids: ListIds) -> bool:
        if self._quiet is None:
            return False
        with self._lock:
            self._digests.append(self._quiet.digest(ids))
        return self._quiet.skips(ids, self._known)

    def _takes(self, row: Row) -> bool:
        moment = next(
            (found for path in self._filter.stamps if (found := parse_timestamp(dig(row, path))) is not None), None
        )
        digest = digest_of_row(row)
        with self._lock:
            if len(self._digests) <= MAX_ROWS:
                self._digests.append(digest)
            if moment is not None and (self._highest is None or moment > self._highest):
                self._highest = moment
        return self._is_new(moment, digest)

    def _is_new(self, moment: datetime | None, digest: int) -> bool:
        if moment is not None and self._start is not None and moment < self._start:
            return False
        if moment is not None and (self._bound is None or moment > self._bound):
            return True
        if self._known is None:
            # Nothing but the time can tell then.
            return moment is None or moment == self._bound
        return digest not in self._known
