"""The organization's request quota: so many calls a minute and an hour, all keys together."""

from __future__ import annotations

import math
from collections import deque

from lms_shared.sandbox.skilljar.errors import ApiError
from lms_shared.sandbox.skilljar.options import SkilljarOptions

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0


class Quota:
    """Counts the requests of the last minute and the last hour. Refused ones do not count."""

    def __init__(self, options: SkilljarOptions) -> None:
        self._clock = options.clock
        limits = ((options.requests_per_minute, MINUTE_SECONDS), (options.requests_per_hour, HOUR_SECONDS))
        self._windows = [(limit, seconds, deque[float]()) for limit, seconds in limits if limit is not None]

    def take(self) -> None:
        """Count one request. Raises 429, with the whole seconds until there is room in Retry-After."""
        now = self._clock()
        wait = 0.0
        for limit, seconds, taken in self._windows:
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) >= limit:
                wait = max(wait, taken[0] + seconds - now)
        if wait > 0:
            whole = max(1, math.ceil(wait))
            raise ApiError(
                429,
                {"detail": f"Request was throttled. Expected available in {whole} seconds."},
                {"Retry-After": str(whole)},
            )
        for _, _, taken in self._windows:
            taken.append(now)
