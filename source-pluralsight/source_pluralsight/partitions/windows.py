"""Plans the windows of time in which a long list is read, from counts alone.

Whether `endDate` cuts by the time of change is inferred (Pluralsight reference, section 6), so a look at the start must
prove it: two halves of the list sum to the whole, and rows lie in the half where their time says. Without that proof
there are no windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from source_pluralsight.cursors.instants import EPOCH, Instant, moment_of, shifted, written
from source_pluralsight.cursors.progress_state import Window
from source_pluralsight.dialect import DAY_MARGIN, DateForm
from source_pluralsight.partitions.stream_reader import END, START, WHOLE_DAYS

Counts = Callable[[list[Window]], list[int]]
"""Gives the numbers of rows of several windows."""

MOST_PARTS = 8
"""Parts into which a window is cut at once; their counts are asked for at the same time."""
ROOM = 1.5
"""A window may have so many times the rows that it should have before it is cut once more."""
SHORTEST = timedelta(minutes=1)
"""A window of this length is not cut, however many rows it has: a load stamps all of its rows with one moment."""
_DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
_BACKWARDS = (timedelta(days=4 * 365), timedelta(days=2 * 365), timedelta(days=365))
"""Where a window without a beginning is cut, from its end: most rows are young."""


@dataclass(frozen=True)
class Half:
    """A look at a part of the list: how many rows it has, and when some of them changed."""

    count: int
    changes: Sequence[Instant]


@dataclass(frozen=True)
class Layout:
    """How windows lie side by side, in which form of dates.

    `gap` is from the end of a window to the start of the next: a day where the API takes in the whole last day, nothing
    where it does not, and a millisecond of overlap for instants, whose boundaries may or may not be taken in.
    """

    form: DateForm
    gap: timedelta

    def part(self, window: Window) -> dict[str, Any]:
        """What is asked for to read a window."""
        start = None if window.start == EPOCH else window.start
        return {START: start, END: window.end, WHOLE_DAYS: self.form is DateForm.DAY}

    def aligned(self, instant: Instant) -> Instant:
        """The latest boundary that a window may have at or before an instant."""
        return f"{instant[:10]}T00:00:00.000Z" if self.form is DateForm.DAY and instant != EPOCH else instant

    def first_start(self, start: Instant) -> Instant:
        """Where the first window starts, so that nothing from `start` on is missed."""
        if self.form is DateForm.DAY and start != EPOCH:
            return self.aligned(shifted(start, -DAY_MARGIN.assumed))
        return start

    def next_start(self, end: Instant) -> Instant:
        """Where the window after one with this end starts."""
        return shifted(end, self.gap)

    def covers(self, window: Window) -> Window:
        """What is read once the window is: up to where the next one starts, if they leave a gap."""
        if window.end is None:
            return window
        return Window(window.start, max(window.end, self.next_start(window.end)))


def layouts(form: DateForm) -> tuple[Layout, ...]:
    """The layouts to try, the likelier first."""
    if form is DateForm.DAY:
        return Layout(form, _DAY), Layout(form, timedelta())
    return (Layout(form, -MILLISECOND),)


def boundary_in(changes: Iterable[Instant], below: Instant, form: DateForm) -> Instant | None:
    """An instant that has rows on both sides as far as a sample shows, and no row on it; None if there is none."""
    known = sorted({one if form is DateForm.INSTANT else one[:10] for one in changes if one < below})
    if not known:
        return None
    if form is DateForm.DAY:
        return f"{known[(len(known) - 1) // 2]}T00:00:00.000Z"
    place = (len(known) - 1) // 2
    lower = known[place]
    upper = known[place + 1] if place + 1 < len(known) else below
    # Loads stamp many rows with one moment, on a whole second as a rule.
    beside = f"{lower[:20]}777Z"
    return beside if lower < beside < upper else lower


def proven(whole: int, before: Half, after: Half, boundary: Instant, layout: Layout) -> bool:
    """Whether two halves show that windows cut by the time of change.

    `before` ends at the boundary, and `after` starts where the next window would.
    """
    latest, earliest = boundary, layout.next_start(boundary)
    if layout.form is DateForm.DAY:
        latest, earliest = shifted(boundary, _DAY + DAY_MARGIN.assumed), shifted(boundary, -DAY_MARGIN.assumed)
    return (
        before.count > 0
        and after.count > 0
        and before.count + after.count == whole
        and all(one <= latest for one in before.changes)
        and all(one >= earliest for one in after.changes)
    )


def plan_windows(pieces: Iterable[tuple[Window, int]], target: int, layout: Layout, count: Counts) -> Iterator[Window]:
    """Windows of about `target` rows over some windows of which the numbers of rows are known, in order.

    Neighbors that are small together become one window.
    """
    pending: Window | None = None
    rows = 0
    for window, number in _leaves(pieces, target, layout, count):
        if pending is not None and pending.end is not None and rows + number <= target:
            pending, rows = Window(pending.start, window.end), rows + number
            continue
        if pending is not None:
            yield pending
        pending, rows = window, number
    if pending is not None:
        yield pending


def _leaves(
    pieces: Iterable[tuple[Window, int]], target: int, layout: Layout, count: Counts
) -> Iterator[tuple[Window, int]]:
    for window, number in pieces:
        parts = _cut(window, min(MOST_PARTS, ceil(number / target)), layout) if number > target * ROOM else [window]
        if len(parts) == 1:
            yield window, number
            continue
        counts = count(parts[:-1])
        # The last part has the others' remainder: that counts add up was proven.
        numbers = [*counts, max(0, number - sum(counts))]
        yield from _leaves(zip(parts, numbers, strict=True), target, layout, count)


def _cut(window: Window, parts: int, layout: Layout) -> list[Window]:
    """The window in so many parts of about the same length; fewer where it is too short for that."""
    assert window.end is not None  # an open window has no length
    end = moment_of(window.end)
    if window.start == EPOCH:
        moments = [end - back for back in _BACKWARDS]
    else:
        start = moment_of(window.start)
        if end - start <= SHORTEST:
            return [window]
        moments = [start + (end - start) * number / parts for number in range(1, parts)]
    found: list[Window] = []
    at = window.start
    for boundary in map(layout.aligned, map(written, moments)):
        if at <= boundary < window.end and (at < boundary or layout.gap > timedelta()):
            found.append(Window(at, boundary))
            at = layout.next_start(boundary)
    return [*found, Window(at, window.end)] if at <= window.end else found


def whole_part(start: Instant) -> Mapping[str, Any]:
    """What is asked for to read everything from an instant on."""
    return {START: None if start == EPOCH else start}
