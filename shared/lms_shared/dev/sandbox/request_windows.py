"""Counts requests against limits such as so many a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


class RequestWindows:
    """Limits over sliding windows: pairs of a number of requests (None: no limit) and seconds. Refused ones do not
    count. `clock` gives seconds."""

    def __init__(self, limits: Iterable[tuple[int | None, float]], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._windows = [(limit, seconds, deque[float]()) for limit, seconds in limits if limit is not None]

    def take(self) -> float:
        """Count one request and return 0, or return the seconds until there is room for it."""
        now = self._clock()
        wait = 0.0
        for limit, seconds, taken in self._windows:
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) >= limit:
                wait = max(wait, taken[0] + seconds - now)
        if wait <= 0:
            for _, _, taken in self._windows:
                taken.append(now)
        return wait
