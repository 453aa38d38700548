"""The quota of an API over all threads: so many calls within a moving window."""

from __future__ import annotations

from typing import Any

from airbyte_cdk.sources.streams.call_rate import MovingWindowCallRatePolicy


class CallTimes(MovingWindowCallRatePolicy):
    """The CDK's policy, which remembers when calls were made and nothing else of them.

    The CDK's own one keeps every request, headers and body and all, until it is out of the longest window: of an hour's
    calls with long descriptions that is more than all else that a sync needs.
    """

    def try_acquire(self, request: Any, weight: int) -> None:
        """Takes a call, or raises CallRateLimitHit with the time to wait."""
        super().try_acquire("call", weight)
