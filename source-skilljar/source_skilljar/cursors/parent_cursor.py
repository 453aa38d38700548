"""Reads the children of some parents only: of those that changed since the last sync, and of those whose turn it is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

from source_skilljar.cursors.checkpoint import Beginning, Checkpoint
from source_skilljar.cursors.fingerprints import Fingerprints, collected
from source_skilljar.cursors.prefetch import prefetch
from source_skilljar.cursors.rotation import due_moment
from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.cursors.timestamps import parse_timestamp
from source_skilljar.partitions.parent_rows import ListIds, ParentGroup
from source_skilljar.partitions.parent_stamp import ParentStamp
from source_skilljar.records.shape import dig

LOGGER = logging.getLogger("airbyte.source_skilljar")

GROUPS_PER_CHECKPOINT = 500
"""Parents between two state messages. A parent costs a call, so this is a state every few minutes at most."""
_FIRST = datetime.min.replace(tzinfo=UTC)

Row = dict[str, Any]
OpenPartition = Callable[[ListIds, Callable[[Row], bool]], Partition]


@dataclass(frozen=True)
class ParentFilter:
    """`own_field` (dotted) is the children's own time, to which the start date applies. `skips_old_parents`: no child
    is newer than its parent, so a parent from before the start date need not be asked. With `period`, a parent's turn
    comes once in each period, and its time does not count; None where only changed parents are read."""

    own_field: str | None = None
    skips_old_parents: bool = True
    period: timedelta | None = None


@dataclass(slots=True)
class _Progress:
    """How far the reading of a group is."""

    opened: int = 0
    closed: int = 0
    is_complete: bool = False
    """Whether all its partitions are opened."""

    @property
    def is_done(self) -> bool:
        return self.is_complete and self.opened == self.closed


class ParentCursor(Checkpoint):
    """Parents are read in the order of their moments, so the moment up to which all are read is a state to resume from.

    The moment is the parent's stamp, or, where parents take turns, that of its last turn. A parent is read if its
    moment is after the state, or if its watched fields are not in the summary. The latter come first; until they are
    read the old state stands, and from then on the new summary goes with it.
    """

    def __init__(
        self,
        beginning: Beginning,
        messages: MessageRepository,
        ends: StreamEnds,
        parent_filter: ParentFilter,
        groups: Callable[[], Iterable[ParentGroup]],
        open_partition: OpenPartition,
        num_workers: int,
    ) -> None:
        super().__init__(beginning, messages, ends)
        self._filter = parent_filter
        self._groups = groups
        self._open_partition = open_partition
        self._num_workers = num_workers
        self._selected: list[ParentGroup] = []
        self._progress: dict[int, _Progress] = {}
        self._group_of: dict[int, int] = {}
        self._first_undone = 0
        self._last_emitted = 0
        self._highest: datetime | None = None
        self._seen: Fingerprints | None = None
        self._all_opened = False

    def partitions(self) -> Iterator[Partition]:
        self._plan()
        lists = prefetch((partial(_listed, group) for group in self._selected), self._num_workers)
        for number, of_group in enumerate(lists):
            with self._lock:
                progress = self._progress[number] = _Progress()
            for ids in of_group:
                if self._is_given_up:
                    return
                partition = self._open_partition(ids, self._takes)
                with self._lock:
                    progress.opened += 1
                    self._group_of[id(partition)] = number
                yield partition
            with self._lock:
                progress.is_complete = True
                self._advance()
        with self._lock:
            self._all_opened = True

    def close_partition(self, partition: Partition) -> None:
        with self._lock:
            number = self._group_of.pop(id(partition))
            # Once the stream is given up, partitions end without having been read.
            if not self._is_given_up:
                self._progress[number].closed += 1
                self._advance()

    def ensure_at_least_one_state_emitted(self) -> None:
        """The new state when all was read, the last safe one when something failed."""
        with self._lock:
            is_done = self._all_opened and self._first_undone == len(self._selected)
            if is_done and self._ends.is_whole(self._stream):
                self._set_state(self._capped(self._highest), self._seen)
            self._emit()

    def _plan(self) -> None:
        """List all parents, and choose and order those to read."""
        stamps: list[ParentStamp] = []
        for group in self._groups():
            if group.stamp is None:
                self._selected.append(group)
                continue
            stamps.append(group.stamp)
            if self._is_chosen(group.stamp):
                self._selected.append(group)
        self._selected.sort(key=self._order)
        digests = collected(stamp.digest for stamp in stamps)
        self._seen = Fingerprints.of(digests) if digests else None
        moments = (self._moment(stamp) for stamp in stamps)
        self._highest = max((moment for moment in moments if moment is not None), default=None)
        LOGGER.info(
            "Stream %s: the children of %d of %d parents will be read.", self._stream, len(self._selected), len(stamps)
        )

    def _moment(self, stamp: ParentStamp) -> datetime | None:
        if self._filter.period is None:
            return stamp.moment
        return due_moment(stamp.key, self._beginning.began(), self._filter.period)

    def _is_chosen(self, stamp: ParentStamp) -> bool:
        if self._is_too_old(stamp):
            return False
        moment = self._moment(stamp)
        if self._is_after_state(moment):
            return True
        if stamp.digest is not None and self._known is not None:
            return stamp.digest not in self._known
        return moment is None

    def _is_too_old(self, stamp: ParentStamp) -> bool:
        if not self._filter.skips_old_parents or self._start is None or stamp.moment is None:
            return False
        return stamp.moment < self._start

    def _is_after_state(self, moment: datetime | None) -> bool:
        return self._reached is None or (moment is not None and moment > self._reached)

    def _order(self, group: ParentGroup) -> datetime:
        moment = self._moment(group.stamp) if group.stamp is not None else None
        return moment if moment is not None and self._is_after_state(moment) else _FIRST

    def _advance(self) -> None:
        """Move past the groups that are done, and send a state when enough of them are."""
        while (progress := self._progress.get(self._first_undone)) is not None and progress.is_done:
            del self._progress[self._first_undone]
            self._first_undone += 1
        if self._first_undone - self._last_emitted < GROUPS_PER_CHECKPOINT or self._first_undone == len(self._selected):
            return
        self._last_emitted = self._first_undone
        moment = self._settled()
        if moment is None or self._ends.is_refused(self._stream):
            return
        self._set_state(moment, self._seen)
        self._send()

    def _settled(self) -> datetime | None:
        """The latest moment all of whose parents are read; None while there is none, or where time does not count."""
        undone = self._order(self._selected[self._first_undone])
        if undone == _FIRST:
            return None
        done = (self._order(self._selected[number]) for number in range(self._first_undone - 1, -1, -1))
        latest = next((moment for moment in done if moment < undone), _FIRST)
        return self._capped(None if latest == _FIRST else latest)

    def _takes(self, row: Row) -> bool:
        if self._filter.own_field is None or self._start is None:
            return True
        moment = parse_timestamp(dig(row, self._filter.own_field))
        return moment is None or moment >= self._start


def _listed(group: ParentGroup) -> list[ListIds]:
    return list(group.lists())
