"""The state of course_progress, pure: how far it was read, and which windows above that are done.

`{"updatedOn": …}` says that all rows up to there were read. While windows are open, `"windows": [[from, to], …]` are
those above it that are done, so that a sync which is cut off goes on with the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from source_pluralsight.cursors.instants import EPOCH, Instant, instant_of, shifted
from source_pluralsight.dialect import CLOCK_SLACK

UPDATED_ON, WINDOWS = "updatedOn", "windows"
CDK_MARKS = frozenset({"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete"})
"""Keys of the states that the CDK writes for streams without a cursor, which this one was if it was read whole."""


@dataclass(frozen=True, order=True)
class Window:
    """Rows that changed from `start` to `end`, both taken in; without an end it is open."""

    start: Instant
    end: Instant | None = None

    def cut(self, end: Instant) -> Window | None:
        """The part of the window up to `end`, None where that is nothing."""
        if self.end is not None and self.end <= end:
            return self
        return replace(self, end=end) if end >= self.start else None


@dataclass(frozen=True)
class ProgressState:
    """How far course_progress was read."""

    updated_on: Instant = EPOCH
    done: tuple[Window, ...] = ()
    """Windows above `updated_on`, in order, without overlaps."""

    def with_done(self, window: Window) -> ProgressState:
        """The state after a window with an end was read."""
        reach, apart = self.updated_on, []
        for one in _merged([*self.done, window]):
            assert one.end is not None  # an open window is never among those that are done
            if one.start <= reach:
                reach = max(reach, one.end)
            else:
                apart.append(one)
        return ProgressState(reach, tuple(apart))

    def remaining(self, start: Instant, look_back: timedelta) -> list[Window]:
        """What is left to read from `start` on.

        Of the windows that are done, the newest part is read again: rows land late there, as they do before any state.
        """
        newest = max((one.end for one in self.done if one.end is not None), default=EPOCH)
        left, at = [], start
        for one in self.done:
            kept = one.cut(shifted(newest, -look_back))
            if kept is None or kept.end is None or kept.end <= at:
                continue
            if kept.start > at:
                left.append(Window(at, kept.start))
            at = kept.end
        return [*left, Window(at)]

    def to_json(self) -> dict[str, Any]:
        """The state as it goes into a message."""
        windows = {WINDOWS: [[one.start, one.end] for one in self.done]} if self.done else {}
        return {UPDATED_ON: self.updated_on, **windows}


@dataclass(frozen=True)
class StateRead:
    """A state that came in, as far as it can be believed, and what is wrong with it."""

    state: ProgressState | None
    complaint: str | None = None


def read_state(value: Mapping[str, Any], clock: Instant) -> StateRead:
    """Reads a state. One that is ahead of the API's clock, or of a foreign shape, is None with a complaint.

    None without a complaint: there is no state.
    """
    if not value or not CDK_MARKS.isdisjoint(value):
        return StateRead(None)
    updated_on = instant_of(value.get(UPDATED_ON))
    if updated_on is None:
        return StateRead(None, "has a shape that this connector does not know")
    limit = shifted(clock, CLOCK_SLACK.assumed)
    if updated_on > limit:
        return StateRead(None, f"lies ahead of the API's clock ({updated_on}), so later changes would be missed")
    windows = [window for window in map(_window, value.get(WINDOWS) or ()) if window is not None]
    state = ProgressState(min(updated_on, clock))
    for window in windows:
        if window.end is not None and window.end <= limit:
            state = state.with_done(window)
    return StateRead(state)


def _window(value: Any) -> Window | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    start, end = map(instant_of, value)
    return None if start is None or end is None or end < start else Window(start, end)


def _merged(windows: Iterable[Window]) -> list[Window]:
    merged: list[Window] = []
    for one in sorted(windows):
        last = merged[-1] if merged else None
        if last is not None and last.end is not None and one.end is not None and one.start <= last.end:
            merged[-1] = replace(last, end=max(last.end, one.end))
        else:
            merged.append(one)
    return merged
