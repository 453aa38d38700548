"""Emits the rows of a list that are new by their own stamp. The API cannot filter, so all pages are read."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_skilljar.checkpoint import Checkpoint
from source_skilljar.drive import Drive, DriveRule
from source_skilljar.failures import Failures
from source_skilljar.filtered_partition import FilteredPartition
from source_skilljar.fingerprints import MAX_ROWS, Fingerprints
from source_skilljar.timestamps import format_timestamp


@dataclass(frozen=True)
class RecordRule:
    """`drive` says where stamp and watched fields stand, `key` which fields tell rows apart. `look_back` is how far
    before the state rows are taken again; `server_filter` is the query parameter, if any, that filters by the stamp."""

    drive: DriveRule
    key: Sequence[str]
    look_back: timedelta = timedelta()
    server_filter: str | None = None


class RecordCursor(Checkpoint):
    """Rows whose stamp is not before the state, rows without one, and rows whose watched fields changed."""

    def __init__(
        self,
        stream: str,
        field: str,
        rule: RecordRule,
        state: Mapping[str, Any],
        start: datetime | None,
        messages: MessageRepository,
        failures: Failures,
        began: Callable[[], datetime],
        open_partitions: Callable[[Mapping[str, str]], Iterable[Partition]],
    ) -> None:
        """`open_partitions` gives the stream's partitions; its argument is added to the query of each."""
        super().__init__(stream, field, state, start, messages, failures, began)
        self._rule = rule
        self._open_partitions = open_partitions
        reached = self._reached - rule.look_back if self._reached is not None else None
        self._bound = max((moment for moment in (reached, start) if moment is not None), default=None)
        self._highest: datetime | None = None
        self._digests = array("Q")
        self._opened = 0
        self._closed = 0
        self._all_opened = False

    def partitions(self) -> Iterator[Partition]:
        server_filter = self._rule.server_filter
        query = {server_filter: format_timestamp(self._bound)} if server_filter and self._bound is not None else {}
        for partition in self._open_partitions(query):
            if self._is_given_up:
                return
            with self._lock:
                self._opened += 1
            yield FilteredPartition(partition, self._failures, self._takes)
        with self._lock:
            self._all_opened = True

    def close_partition(self, partition: Partition) -> None:
        with self._lock:
            self._closed += 1

    def ensure_at_least_one_state_emitted(self) -> None:
        """The new state when all was read, the old one when something failed."""
        with self._lock:
            if self._all_opened and self._opened == self._closed and not self._is_given_up:
                watched = bool(self._rule.drive.watch)
                seen = Fingerprints.of(self._digests) if watched else None
                self._set_state(self._capped(self._highest), seen)
            self._emit()

    def _takes(self, record: Record) -> bool:
        drive = self._rule.drive.read(tuple(record.get(name) for name in self._rule.key), record)
        with self._lock:
            if drive.digest is not None and len(self._digests) <= MAX_ROWS:
                self._digests.append(drive.digest)
            if drive.moment is not None and (self._highest is None or drive.moment > self._highest):
                self._highest = drive.moment
        return self._is_new(drive)

    def _is_new(self, drive: Drive) -> bool:
        is_known = self._known is not None and drive.digest is not None and drive.digest in self._known
        if drive.moment is None:
            return not is_known
        if self._start is not None and drive.moment < self._start:
            return False
        if self._bound is None or drive.moment > self._bound:
            return True
        if drive.moment == self._bound:
            return not is_known
        return self._known is not None and drive.digest is not None and not is_known
