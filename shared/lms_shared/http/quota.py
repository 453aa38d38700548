"""The quota of an API over all threads: so many calls within a moving window."""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

from airbyte_cdk.sources.streams.call_rate import CallRateLimitHit, MovingWindowCallRatePolicy

from lms_shared.activity import ACTIVITY

logger = logging.getLogger("airbyte")

SAID_FROM = 5.0
"""Waits from this many seconds on are said in the log."""


class CallTimes(MovingWindowCallRatePolicy):
    """The CDK's policy, which remembers when calls were made and nothing else of them.

    The CDK's own one keeps every request, headers and body and all, until it is out of the longest window: of an hour's
    calls with long descriptions that is more than all else that a sync needs.
    """

    _said_until = 0.0

    def try_acquire(self, request: Any, weight: int) -> None:
        """Takes a call, or raises CallRateLimitHit with the time to wait."""
        try:
            super().try_acquire("call", weight)
        except CallRateLimitHit as hit:
            self._say(hit)
            raise

    def _say(self, hit: CallRateLimitHit) -> None:
        """Says a long wait, once for all threads that wait for it."""
        seconds, now = hit.time_to_wait.total_seconds(), monotonic()
        ACTIVITY.waits("the quota of this connection", seconds)
        if seconds >= SAID_FROM and now >= self._said_until:
            self._said_until = now + seconds
            rate = hit.rate.removeprefix("limit=")
            logger.info("The connector's share of the quota (%s) is used up; calls wait %.0f s.", rate, seconds)
