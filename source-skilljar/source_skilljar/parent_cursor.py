"""Reads the children of those parents that changed since the last sync: a call per changed parent, not per parent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record, StreamSlice

from source_skilljar.checkpoint import Checkpoint
from source_skilljar.drive import Drive
from source_skilljar.failures import Failures
from source_skilljar.filtered_partition import FilteredPartition
from source_skilljar.fingerprints import Fingerprints, collected
from source_skilljar.listing import dig
from source_skilljar.read_ahead import read_ahead
from source_skilljar.router import Unit
from source_skilljar.timestamps import parse_timestamp

LOGGER = logging.getLogger("airbyte.source_skilljar")

UNITS_PER_CHECKPOINT = 500
"""Parents between two state messages. A parent costs a call, so this is a state every few minutes at most."""
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Progress:
    """How far the reading of a unit is."""

    opened: int = 0
    closed: int = 0
    is_complete: bool = False
    """Whether all its partitions are opened."""

    @property
    def is_done(self) -> bool:
        return self.is_complete and self.opened == self.closed


class ParentCursor(Checkpoint):
    """Parents are read in the order of their stamps, so the stamp up to which all are read is a state to resume from.

    A changed parent is one with a stamp after the state, or one whose watched fields are not in the summary. The latter
    come first; until they are read the old state stands, and from then on the new summary goes with it.
    """

    def __init__(
        self,
        stream: str,
        state_key: str,
        state: Mapping[str, Any],
        start: datetime | None,
        messages: MessageRepository,
        failures: Failures,
        began: Callable[[], datetime],
        units: Callable[[], Iterable[Unit]],
        open_partition: Callable[[StreamSlice], Partition],
        is_not_served: Callable[[], bool],
        num_workers: int,
        own_field: str | None = None,
        skips_old_parents: bool = True,
    ) -> None:
        """`own_field` (dotted) is the children's own stamp, to which the start date applies. `skips_old_parents`: no
        child is newer than its parent, so a parent before the start date need not be asked."""
        super().__init__(stream, state_key, state, start, messages, failures, began)
        self._units = units
        self._open_partition = open_partition
        self._is_not_served = is_not_served
        self._num_workers = num_workers
        self._own_field = own_field
        self._skips_old_parents = skips_old_parents
        self._selected: list[Unit] = []
        self._progress: dict[int, _Progress] = {}
        self._unit_of: dict[int, int] = {}
        self._first_undone = 0
        self._last_emitted = 0
        self._highest: datetime | None = None
        self._seen: Fingerprints | None = None
        self._all_opened = False

    def partitions(self) -> Iterator[Partition]:
        self._plan()
        slices = read_ahead((partial(_listed, unit) for unit in self._selected), self._num_workers)
        for number, of_unit in enumerate(slices):
            with self._lock:
                progress = self._progress[number] = _Progress()
            for stream_slice in of_unit:
                if self._is_given_up:
                    return
                partition = FilteredPartition(self._open_partition(stream_slice), self._failures, self._takes)
                with self._lock:
                    progress.opened += 1
                    self._unit_of[id(partition)] = number
                yield partition
            with self._lock:
                progress.is_complete = True
                self._advance()
        with self._lock:
            self._all_opened = True

    def close_partition(self, partition: Partition) -> None:
        with self._lock:
            number = self._unit_of.pop(id(partition))
            # Once the stream is given up, partitions end without having been read.
            if not self._is_given_up:
                self._progress[number].closed += 1
                self._advance()

    def ensure_at_least_one_state_emitted(self) -> None:
        """The new state when all was read, the last safe one when something failed."""
        with self._lock:
            if self._all_opened and self._first_undone == len(self._selected) and not self._is_not_served():
                self._set_state(self._capped(self._highest), self._seen)
            self._emit()

    def _plan(self) -> None:
        """List all parents, and choose and order those to read."""
        drives: list[Drive] = []
        for unit in self._units():
            if unit.drive is None:
                self._selected.append(unit)
                continue
            drives.append(unit.drive)
            if self._is_changed(unit.drive):
                self._selected.append(unit)
        self._selected.sort(key=self._order)
        digests = collected(drive.digest for drive in drives)
        self._seen = Fingerprints.of(digests) if digests else None
        self._highest = max((drive.moment for drive in drives if drive.moment is not None), default=None)
        LOGGER.info(
            "Stream %s: %d of %d parents are new or changed and will be read.",
            self._stream,
            len(self._selected),
            len(drives),
        )

    def _is_changed(self, drive: Drive) -> bool:
        if self._is_too_old(drive):
            return False
        if self._is_after_state(drive):
            return True
        if drive.digest is not None and self._known is not None:
            return drive.digest not in self._known
        return drive.moment is None

    def _is_too_old(self, drive: Drive) -> bool:
        if not self._skips_old_parents or self._start is None or drive.moment is None:
            return False
        return drive.moment < self._start

    def _is_after_state(self, drive: Drive) -> bool:
        return self._reached is None or (drive.moment is not None and drive.moment > self._reached)

    def _order(self, unit: Unit) -> datetime:
        if unit.drive is None or unit.drive.moment is None or not self._is_after_state(unit.drive):
            return _FIRST
        return unit.drive.moment

    def _advance(self) -> None:
        """Move past the units that are done, and send a state when enough of them are."""
        while (progress := self._progress.get(self._first_undone)) is not None and progress.is_done:
            del self._progress[self._first_undone]
            self._first_undone += 1
        if self._first_undone - self._last_emitted < UNITS_PER_CHECKPOINT or self._first_undone == len(self._selected):
            return
        self._last_emitted = self._first_undone
        moment = self._settled()
        if moment is None or self._is_not_served():
            return
        self._set_state(moment, self._seen)
        self._emit()

    def _settled(self) -> datetime | None:
        """The latest stamp all of whose parents are read; None while there is none, or where time does not count."""
        undone = self._order(self._selected[self._first_undone])
        if undone == _FIRST:
            return None
        done = (self._order(self._selected[number]) for number in range(self._first_undone - 1, -1, -1))
        latest = next((moment for moment in done if moment < undone), _FIRST)
        return self._capped(None if latest == _FIRST else latest)

    def _takes(self, record: Record) -> bool:
        if self._own_field is None or self._start is None:
            return True
        moment = parse_timestamp(dig(record, self._own_field))
        return moment is None or moment >= self._start


def _listed(unit: Unit) -> list[StreamSlice]:
    return list(unit.slices())
