"""Which endpoints the organization has. A feature that is missing empties its stream; a refused key ends the sync."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable

LOGGER = logging.getLogger("airbyte.source_skilljar")

GIVE_UP_AFTER = 20
"""Refusals of one endpoint, without a success, after which it is taken as not served and not called again.

Skilljar reference, 1.4: an unknown row and an endpoint that is not served answer the same 404, so one alone says
nothing.
"""


class Availability:
    """What was answered and what was refused, by stream. Safe for threads."""

    def __init__(self, check_key: Callable[[], None]) -> None:
        """`check_key` raises when the key is refused everywhere; it is called at most once, at the first refusal."""
        self._check_key = check_key
        self._lock = threading.Lock()
        self._answered: set[str] = set()
        self._refused: Counter[str] = Counter()
        self._key_lock = threading.Lock()
        self._key_is_good = False

    def answered(self, stream: str) -> None:
        """A call succeeded."""
        with self._lock:
            self._answered.add(stream)
        self._key_is_good = True

    def refused(self, stream: str, status: int, *, is_child: bool) -> None:
        """A call was answered with a refusal of this one resource. Warns once for a stream that is a single list."""
        with self._key_lock:
            if not self._key_is_good:
                self._check_key()
                self._key_is_good = True
        with self._lock:
            self._refused[stream] += 1
            is_first = self._refused[stream] == 1
        if is_first and not is_child:
            LOGGER.warning(
                "Stream %s: Skilljar answers HTTP %d for it, so it stays empty: the organization does not have this "
                "feature.",
                stream,
                status,
            )

    def is_missing(self, stream: str) -> bool:
        """Whether the endpoint was refused often and never answered, and is not called again."""
        with self._lock:
            return stream not in self._answered and self._refused[stream] >= GIVE_UP_AFTER

    def is_refused(self, stream: str) -> bool:
        """Whether nothing but refusals came."""
        with self._lock:
            return stream not in self._answered and self._refused[stream] > 0
