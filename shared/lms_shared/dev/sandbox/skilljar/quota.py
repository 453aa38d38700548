"""The organization's request quota: so many calls a minute and an hour, all keys together."""

from __future__ import annotations

import math

from lms_shared.dev.sandbox.request_windows import HOUR_SECONDS, MINUTE_SECONDS, RequestWindows
from lms_shared.dev.sandbox.skilljar.errors import ApiError
from lms_shared.dev.sandbox.skilljar.options import SkilljarOptions


class Quota:
    """Counts the requests of the last minute and the last hour. Refused ones do not count."""

    def __init__(self, options: SkilljarOptions) -> None:
        limits = ((options.requests_per_minute, MINUTE_SECONDS), (options.requests_per_hour, HOUR_SECONDS))
        self._windows = RequestWindows(limits, options.clock)

    def take(self) -> None:
        """Count one request. Raises 429, with the whole seconds until there is room in Retry-After."""
        wait = self._windows.take()
        if wait > 0:
            whole = max(1, math.ceil(wait))
            raise ApiError(
                429,
                {"detail": f"Request was throttled. Expected available in {whole} seconds."},
                {"Retry-After": str(whole)},
            )
