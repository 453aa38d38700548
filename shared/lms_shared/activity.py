"""What a command is doing, said in the log while it runs: calls made, what it waits for, and until when.

One process runs one command, so there is one `ACTIVITY`. Whoever makes a call or waits says so here; `progress_logged`
tells it at least every 30 seconds, also while nothing else happens, and once at the end of a read. The line is
`sync progress` and a JSON object with `calls`, what the command adds, such as `records` and `written`, and if they
apply `waiting_for`, `waiting_seconds` and `eta_seconds`.
"""

from __future__ import annotations

import json
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any

logger = logging.getLogger("airbyte")

PROGRESS = "sync progress "
EVERY_SECONDS = 30.0
INTERVAL_VARIABLE = "LMS_PROGRESS_SECONDS"
"""Environment variable with another interval in seconds, for a program that shows the progress to a person."""
SHORTEST_WAIT = 1.0
"""Shorter waits are part of the normal course of things and are not told."""


class Pace:
    """How long it takes to do what is left as fast as what was done since this was made. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._began = clock()

    def seconds_for(self, left: int, done: int) -> float | None:
        """Seconds for so many more; None before one is done."""
        return (self._clock() - self._began) / done * left if done > 0 else None


class Activity:
    """Calls and waits of this process. Safe for threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls = 0
        self._waits_for = ""
        self._waits_until = self._ready_at = -math.inf
        self._estimate: Callable[[], float | None] = lambda: None
        self._expected: Callable[[], int | None] = lambda: None

    def called(self) -> None:
        """A request goes out, a repeated one included."""
        with self._lock:
            self._calls += 1

    def waits(self, what: str, seconds: float) -> None:
        """Calls wait so long for this, such as "the quota of the connection (600 a minute)"."""
        until = self._clock() + seconds
        with self._lock:
            if seconds >= SHORTEST_WAIT and until > self._waits_until:
                self._waits_for, self._waits_until = what, until

    def expects(self, seconds: float) -> None:
        """The command takes about this long from now on, at the quota that it has."""
        with self._lock:
            self._ready_at = self._clock() + seconds

    def estimates(
        self, seconds_left: Callable[[], float | None], records: Callable[[], int | None] = lambda: None
    ) -> None:
        """From now on these are asked, each time that the progress is told: how long the command still takes, and how
        many records there will be in all. Each gives None while nobody knows."""
        with self._lock:
            self._estimate, self._expected = seconds_left, records

    def as_json(self) -> dict[str, Any]:
        """`calls`; `records_expected` if they are known; while calls wait `waiting_for` and `waiting_seconds`;
        `eta_seconds` until the command is ready, or, where nobody knows when that is, until the wait is over."""
        now, estimate, records = self._clock(), self._estimate(), self._expected()
        expected = {} if records is None else {"records_expected": records}
        with self._lock:
            waits = self._waits_until - now
            waiting = {"waiting_for": self._waits_for, "waiting_seconds": math.ceil(waits)} if waits > 0 else {}
            left = max(waits, self._ready_at - now, estimate or 0.0)
            return {
                "calls": self._calls,
                **expected,
                **waiting,
                **({"eta_seconds": math.ceil(left)} if left > 0 else {}),
            }


ACTIVITY = Activity()


@contextmanager
def progress_logged(
    more: Callable[[], Mapping[str, Any]] = dict, activity: Activity = ACTIVITY, *, at_end: bool = True
) -> Iterator[None]:
    """Logs the progress while it lasts, and `at_end` where it got to. `more` gives what else is told, in any thread."""
    over = threading.Event()

    def tell() -> None:
        logger.info("%s%s", PROGRESS, json.dumps({**more(), **activity.as_json()}))

    def tell_now_and_then() -> None:
        while not over.wait(_interval()):
            tell()

    thread = threading.Thread(target=tell_now_and_then, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if at_end:
        tell()


def _interval() -> float:
    try:
        return max(0.01, float(os.environ.get(INTERVAL_VARIABLE, EVERY_SECONDS)))
    except ValueError:
        return EVERY_SECONDS
