"""Partitions of course_progress: windows of time in parallel, or one pass where windows cannot be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from lms_shared.http.list_answer import Row
from lms_shared.source.parts_cursor import PartsGenerator
from source_pluralsight.api.errors import OF_THE_QUERY, PluralsightError
from source_pluralsight.cursors.instants import EPOCH, Instant, instant_of, newest, shifted
from source_pluralsight.cursors.progress import ProgressCursor
from source_pluralsight.cursors.progress_state import UPDATED_ON, ProgressState, Window
from source_pluralsight.dialect import HEAL_DAYS, DateForm
from source_pluralsight.partitions.lists import note
from source_pluralsight.partitions.rows import Step, Tally
from source_pluralsight.partitions.stream_reader import END, RowsPage, Run, StreamReader
from source_pluralsight.partitions.windows import (
    MILLISECOND,
    Half,
    Layout,
    boundary_in,
    layouts,
    plan_windows,
    proven,
    whole_part,
)

WINDOWS_PER_WORKER = 4
"""Windows for each worker: enough for the last ones to end at about the same time, few enough for full pages."""
LOOKED_AT = 20
"""Rows that are looked at in each half."""


class ProgressPartition(Partition):
    """One part of course_progress. See `ProgressPart` for what the cursor reads of it."""

    def __init__(
        self,
        reader: StreamReader,
        cursor: ProgressCursor,
        steps: Iterable[Step],
        tally: Tally,
        part: Mapping[str, Any],
        clock: Instant,
        window: Window | None = None,
        first: RowsPage | None = None,
    ) -> None:
        """`window` is what the part covers, and `first` its first page if that was read already."""
        self._reader = reader
        self._cursor = cursor
        self._steps = tuple(steps)
        self._tally = tally
        self._part = part
        self._clock = clock
        self._window = window
        self._first = first
        self.newest: Instant | None = None
        self.incomplete_since: Instant | None = None
        self.was_skipped = False

    @property
    def covered(self) -> Window | None:
        """The window that is done once the part is read; one that reaches up to now is done up to its newest row."""
        if self._window is None or self._window.end != self._clock:
            return self._window
        return self._window.cut(self.newest or self._window.start)

    def read(self) -> Iterator[Record]:
        if self._cursor.has_failed:
            self.was_skipped = True
            return
        name = self.stream_name()
        try:
            for found in self._reader.pages(self._part, first=self._first, unsettled=self._note_unsettled):
                note(found, self._tally)
                rows = found.page.rows
                changed = newest(row.get(UPDATED_ON) for row in rows)
                self.newest = max(filter(None, (self.newest, changed)), default=None)
                self._note_lost(found)
                for step in self._steps:
                    rows = step(rows)
                for row in rows:
                    yield Record(row, name)
        except BaseException:
            self._cursor.failed()
            raise

    def _note_unsettled(self) -> None:
        """Rows left the window while it was read, twice: what may have slipped past is read by the next sync."""
        if self._window is not None:
            since = self._window.start
            self.incomplete_since = min(self.incomplete_since or since, since)

    def _note_lost(self, found: RowsPage) -> None:
        young = shifted(self._clock, -HEAL_DAYS.assumed)
        for lost in found.lost:
            # A row that does not say when it changed may be as young as any.
            since = lost.updated_on or young
            if since >= young:
                self.incomplete_since = min(self.incomplete_since or since, since)

    def to_slice(self) -> Mapping[str, Any]:
        return self._part

    def stream_name(self) -> str:
        return self._reader.plan.name

    def __hash__(self) -> int:
        return id(self)


class ProgressParts(PartsGenerator[ProgressCursor]):
    """Looks at the list, decides how to read it, and gives the parts. The open end comes when all others are read."""

    def __init__(
        self,
        reader: StreamReader,
        cursor: ProgressCursor,
        steps: Iterable[Step],
        tally: Tally,
        before: ProgressState | None,
        clock: Instant,
    ) -> None:
        super().__init__(cursor)
        self._reader = reader
        self._run: Run = reader.run
        self._steps = tuple(steps)
        self._tally = tally
        self._before = before
        self._clock = clock

    def _parts(self) -> Iterator[Partition]:
        settings = self._run.settings
        start = EPOCH if self._before is None else shifted(self._before.updated_on, -settings.look_back)
        if settings.start_date is not None:
            start = max(start, settings.start_date)
        wanted = () if start == EPOCH else (not_older_than(start, self._run),)
        steps = (*wanted, *self._steps)
        found = self._reader.page(whole_part(start), None)
        first = found.page
        if first.following is None or first.count is None:
            self._tally.expect(first.count, first)
            yield self._part(whole_part(start), steps, first=found)
            return
        windows = _Windows(self._reader, start, self._clock, first.count, [row.get(UPDATED_ON) for row in first.rows])
        layout = windows.prove()
        if layout is None:
            self._tally.expect(first.count, first)
            yield self._part(whole_part(start), steps, first=found)
            return
        for window in windows.plan(layout, self._before, lambda rows: self._tally.expect(rows, first)):
            yield self._part(layout.part(window), steps, layout.covers(window))
        if windows.without_time > 0:
            yield self._part(whole_part(EPOCH), (_without_time, *self._steps))
        # Rows that change while the windows are read move behind all of them.
        if self._cursor.wait_for_parts():
            yield self._part(whole_part(self._clock), steps)

    def _part(
        self,
        part: Mapping[str, Any],
        steps: Iterable[Step],
        window: Window | None = None,
        first: RowsPage | None = None,
    ) -> ProgressPartition:
        self._cursor.opened()
        return ProgressPartition(self._reader, self._cursor, steps, self._tally, part, self._clock, window, first)


class _Windows:
    """The look at the start, and the plan that follows from it."""

    def __init__(self, reader: StreamReader, start: Instant, clock: Instant, total: int, sample: Iterable[Any]) -> None:
        self._reader = reader
        self._start = start
        self._clock = clock
        self._total = total
        self._changes = [one for one in map(instant_of, sample) if one is not None]
        self._pieces: list[tuple[Window, int]] = []
        self.without_time = 0
        """Rows that no window has, since they do not say when they changed."""

    def prove(self) -> Layout | None:
        """How windows lie, None if there can be none."""
        form = self._reader.run.learned.date_form
        if not any(argument.value == END for argument in self._reader.plan.query.arguments):
            return None
        boundary = boundary_in(self._changes, self._clock, form)
        if boundary is None:
            return None
        for layout in layouts(form):
            first = Window(layout.first_start(self._start), boundary)
            second = Window(layout.next_start(boundary), None)
            if first.start > boundary:
                return None
            try:
                halves = self._look(layout, first), self._look(layout, second)
                before, after = halves
                whole = self._total
                if before.count + after.count < whole and self._start == EPOCH:
                    whole = self._look(layout, Window(shifted(EPOCH, MILLISECOND))).count
            except PluralsightError as refused:
                if refused.resolution.trouble not in OF_THE_QUERY:
                    raise
                return None
            if self._reader.run.learned.date_form is not form:
                return self.prove()
            if proven(whole, before, after, boundary, layout):
                self.without_time = self._total - whole
                self._pieces = [(first, before.count), (Window(second.start, self._clock), after.count)]
                return layout
        return None

    def plan(self, layout: Layout, before: ProgressState | None, known: Callable[[int], object]) -> Iterator[Window]:
        """The windows up to now. `known` is told before the first how many rows all of them have."""
        settings = self._reader.run.settings
        target = max(settings.page_size, self._total // (WINDOWS_PER_WORKER * settings.num_workers))
        pieces = self._pieces
        with ThreadPoolExecutor(max_workers=settings.num_workers) as pool:

            def counts(windows: list[Window]) -> list[int]:
                return list(pool.map(lambda window: self._look(layout, window).count, windows))

            if before is not None and before.done:
                left = [
                    Window(one.start, one.end or self._clock)
                    for one in before.remaining(self._start, settings.look_back)
                ]
                pieces = list(zip(left, counts(left), strict=True))
            known(sum(rows for _, rows in pieces))
            yield from plan_windows(pieces, target, layout, counts)

    def _look(self, layout: Layout, window: Window) -> Half:
        page = self._reader.look(layout.part(window), LOOKED_AT)
        changes = [one for one in (instant_of(row.get(UPDATED_ON)) for row in page.rows) if one is not None]
        return Half(page.count or 0, changes)


def not_older_than(start: Instant, run: Run) -> Step:
    """Leaves out rows that changed before `start`, which only days as bounds bring along."""

    def step(rows: list[Row]) -> list[Row]:
        if run.learned.date_form is DateForm.INSTANT:
            return rows
        return [row for row in rows if (instant_of(row.get(UPDATED_ON)) or start) >= start]

    return step


def _without_time(rows: list[Row]) -> list[Row]:
    return [row for row in rows if instant_of(row.get(UPDATED_ON)) is None]
