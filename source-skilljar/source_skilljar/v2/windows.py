"""Windows of time over a list of version 2, pure: which there are, which of them are due, how far they were read.

A list is cut into windows of its rows' own time, for the first read by their age, and from then on, for the turns in
which all is read anew, into shares of about as many rows each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from source_skilljar.cursors.rotation import due_moment
from source_skilljar.cursors.timestamps import format_timestamp, parse_timestamp

READ_UNTIL, LEFT, SHARES = "read_until", "left", "shares"
"""Keys of a state."""
CDK_MARKS = frozenset({"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete"})
"""Keys of states that the CDK writes for a stream that was read in full."""

AGES = (timedelta(days=90), timedelta(days=365), timedelta(days=3 * 365))
"""Where a list is cut that nothing is known of, counted back from now. A window costs half a page more on average, so
there are few; that many calls at a time are as many as the quota of an organization allows."""
MOST_AT_ONCE = len(AGES) + 1
ROWS_PER_SHARE = 1_000
"""Rows of a share at least: ten pages, so that the last one, which is not full, weighs little."""
MOST_SHARES = 200
"""More would make the state long; shares grow instead."""


@dataclass(frozen=True)
class Window:
    """From `start` to `end`, both taken in; None is open."""

    start: datetime | None
    end: datetime | None

    def to_json(self) -> list[str | None]:
        """The two bounds."""
        return [None if one is None else format_timestamp(one) for one in (self.start, self.end)]

    def filters(self, name: str) -> dict[str, str]:
        """The query parameters for the window of a filter."""
        bounds = {"gte": self.start, "lte": self.end}
        return {f"filter[{name}_{end}]": format_timestamp(one) for end, one in bounds.items() if one is not None}

    def since(self, start: datetime | None) -> Window | None:
        """The part of it from a moment on, None for none."""
        if start is None or (self.start is not None and self.start >= start):
            return self
        return None if self.end is not None and self.end < start else Window(start, self.end)


@dataclass(frozen=True)
class WindowState:
    """How far a list was read: what is not in `left` was read at `read_until` or later. `cuts` are the moments between
    its shares."""

    read_until: datetime
    left: tuple[Window, ...] = ()
    cuts: tuple[datetime, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The state as it goes into a message."""
        state: dict[str, Any] = {READ_UNTIL: format_timestamp(self.read_until)}
        if self.left:
            state[LEFT] = [one.to_json() for one in self.left]
        return {**state, SHARES: [format_timestamp(one) for one in self.cuts]}


def read_state(value: Mapping[str, Any]) -> WindowState | None:
    """The state that came in. None for none, or one of a foreign form."""
    read_until = parse_timestamp(value.get(READ_UNTIL))
    left = [_window(one) for one in _listed(value.get(LEFT))]
    if read_until is None or None in left:
        return None
    cuts = sorted({one for one in map(parse_timestamp, _listed(value.get(SHARES))) if one is not None})
    return WindowState(read_until, tuple(one for one in left if one is not None), tuple(cuts))


def first_windows(now: datetime) -> list[Window]:
    """A whole list of which nothing is known, the youngest rows first. The newest window has no end: rows may claim to
    come from the future."""
    return shares_of([now - age for age in reversed(AGES)])[::-1]


def shares_of(cuts: Sequence[datetime]) -> list[Window]:
    """The windows between the cuts, oldest first."""
    return [Window(start, end) for start, end in pairwise([None, *cuts, None])]


def due_shares(state: WindowState, stream: str, now: datetime, period: timedelta) -> list[Window]:
    """The shares whose turn came since the state; each one's comes once in a period."""
    return [
        share
        for share in shares_of(state.cuts)
        if due_moment((stream, *share.to_json()[:1]), now, period) > state.read_until
    ]


def gathered(windows: Iterable[Window]) -> list[Window]:
    """The windows without what is in others. Neighbors are joined, down to `MOST_AT_ONCE` for each stretch without a
    gap: fewer pages that are not full, and enough windows to be read at the same time."""
    ordered = sorted(windows, key=lambda one: (one.start is not None, one.start or datetime.min))
    stretches: list[list[Window]] = []
    for one in ordered:
        last = stretches[-1][-1] if stretches else None
        if last is not None and (last.end is None or one.start is None or one.start <= last.end):
            if last.end is None or (one.end is not None and one.end <= last.end):
                continue
            stretches[-1].append(Window(last.end, one.end))
        else:
            stretches.append([one])
    return [joined for stretch in stretches for joined in _joined(stretch)]


def _joined(stretch: Sequence[Window]) -> list[Window]:
    size = -(-len(stretch) // MOST_AT_ONCE)
    parts = [stretch[at : at + size] for at in range(0, len(stretch), size)]
    return [Window(part[0].start, part[-1].end) for part in parts]


def cut_anew(cuts: Iterable[datetime], window: Window, times: Sequence[float]) -> tuple[datetime, ...]:
    """The cuts once a window was read whose rows have these times, in seconds since the epoch: those within it are such
    that shares have about `ROWS_PER_SHARE` rows."""
    ordered = sorted(times)
    places = range(ROWS_PER_SHARE, len(ordered) - ROWS_PER_SHARE // 2, ROWS_PER_SHARE)
    # Whole seconds: the rows of one load have one time, and stay in one share.
    fresh = {datetime.fromtimestamp(int(ordered[place]), UTC) for place in places}
    found = sorted(
        {one for one in cuts if not _is_inside(one, window)} | {one for one in fresh if _is_inside(one, window)}
    )
    while len(found) > MOST_SHARES:
        found = found[1::2]
    return tuple(found)


def _is_inside(moment: datetime, window: Window) -> bool:
    return (window.start is None or moment > window.start) and (window.end is None or moment < window.end)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _window(value: Any) -> Window | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    start, end = map(parse_timestamp, value)
    is_known = all(one is None or found is not None for one, found in zip(value, (start, end), strict=True))
    return Window(start, end) if is_known else None
