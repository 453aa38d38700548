"""The quota of an API over all threads, and what they do when it is used up: they wait together.

Where the API asks one call to wait, that is for all: others that went on would be refused as well, and may be counted
against the quota all the same. After a refusal one call goes first; with each that gets through, one more may be made
at the same time, because a quota over a moving window has room for few calls when its wait is over.

Other programs use the same quota (Skilljar API, rate limits: all keys of an organization share it), so refusals are
limited by time and not by number: a sync that keeps every wait may still be refused many times in a row.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any

import requests
from airbyte_cdk.sources.streams.call_rate import CallRateLimitHit, MovingWindowCallRatePolicy

from lms_shared.activity import ACTIVITY

logger = logging.getLogger("airbyte")


def retry_after(response: requests.Response | None) -> float | None:
    """Seconds that an answer asks to wait, given as number or as date.

    None where it asks for nothing that can be waited for: no header, one that cannot be read, zero, a moment gone by.
    """
    text = "" if response is None else response.headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text, response)
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _seconds_until(text: str, response: requests.Response | None) -> float:
    moment = _moment(text)
    if moment is None:
        return 0.0
    # By the clock that set the moment, where the answer shows it: ours may differ.
    told = _moment("" if response is None else response.headers.get("Date", ""))
    return (moment - (told or datetime.now(UTC))).total_seconds()


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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


WINDOW = 60.0
"""Seconds of an API's short window. A longer wait that it asks for is about its long one, of an hour as a rule."""
MARGIN = 0.5
"""Seconds added to a wait that is asked for (Skilljar API, errors)."""


@dataclass(frozen=True)
class RetryBudget:
    """How many seconds a client puts up with refusals since a call last got through."""

    seconds: float
    long_waits: float
    """For waits of more than a minute that the API asks for, all together; these do not count as `seconds`."""


SYNC = RetryBudget(seconds=300.0, long_waits=3900.0)
"""Five windows of a minute; an hour's quota is waited for once."""
CHECK = RetryBudget(seconds=10.0, long_waits=0.0)
"""Somebody is waiting for the answer."""


class RetryBudgetSpent(Exception):
    """Calls are refused for longer than the client waits; `seconds` is for how long that has been so."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"refused for {seconds:.0f} s")
        self.seconds = seconds


class RateLimitGate:
    """The pauses of one client. Safe for threads."""

    def __init__(self, budget: RetryBudget) -> None:
        self._budget = budget
        self._changed = threading.Condition()
        self._in_flight = 0
        self._room = math.inf
        """Calls that may be made at the same time."""
        self._refused_at = self._over = -math.inf
        self._trouble_since: float | None = None
        self._long_waits = 0.0

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Waits until a call may be made, which is made inside; gives the moment that it began."""
        begun = self._wait()
        try:
            yield begun
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _wait(self) -> float:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._in_flight < self._room)
                now = monotonic()
                if now >= self._over:
                    self._in_flight += 1
                    return now
                left = self._over - now
            sleep(left)

    def passed(self, begun: float) -> None:
        """A call that began at this moment was not refused."""
        with self._changed:
            # Calls that were on their way when another was refused do not show that there is room again.
            if begun >= self._refused_at:
                self._trouble_since = None
                self._long_waits = 0.0
                self._room += 1
                self._changed.notify_all()

    def refused(self, begun: float, asked: float | None, own: float) -> float:
        """A call that began at this moment was refused.

        `asked` are the seconds that the API asks to wait, which all calls do; where it does not ask, this call alone is
        to wait its `own`. Gives by how many seconds that puts off the next call, and raises RetryBudgetSpent where that
        would be too long.
        """
        with self._changed:
            now = monotonic()
            if self._trouble_since is None:
                self._trouble_since = now
            if asked is None:
                more = own
                self._spend(now, now + own, own, long=False)
            else:
                until = now + asked + MARGIN
                more = max(0.0, until - max(now, self._over))
                self._spend(now, until, more, long=asked > WINDOW)
                self._over = max(self._over, until)
            ACTIVITY.waits("the API, which refuses calls for now", more)
            self._refused_at = now
            self._room = 1
            return more

    def _spend(self, now: float, until: float, more: float, *, long: bool) -> None:
        assert self._trouble_since is not None
        if long:
            enough = self._long_waits + more <= self._budget.long_waits
            self._long_waits += more if enough else 0.0
        else:
            enough = until <= self._trouble_since + self._budget.seconds + self._long_waits
        if not enough:
            raise RetryBudgetSpent(now - self._trouble_since)
