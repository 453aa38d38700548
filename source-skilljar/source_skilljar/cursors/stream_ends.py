"""How the streams of a sync end: whether one is given up, and what of its lists and rows was left out on the way."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

LOGGER = logging.getLogger("airbyte.source_skilljar")

ENOUGH = 3
"""Lists of a stream that fail, each after all its retries, before the others are not tried any more."""


class StreamEnds:
    """Failures and omissions by stream. Safe for threads."""

    def __init__(self, is_refused: Callable[[str], bool]) -> None:
        """`is_refused` says whether nothing but refusals came for a stream, and nobody knows what it has."""
        self.is_refused = is_refused
        self._lock = threading.Lock()
        self._failed: Counter[str] = Counter()
        self._without_key: Counter[str] = Counter()
        self._gone: Counter[str] = Counter()
        self._status: dict[str, int] = {}

    def failed(self, stream: str, error: Exception) -> None:
        """A partition failed. What the user has to mend ends the stream at once."""
        fatal = isinstance(error, AirbyteTracedException) and error.failure_type is FailureType.config_error
        with self._lock:
            self._failed[stream] += ENOUGH if fatal else 1

    def is_given_up(self, stream: str) -> bool:
        """Whether so much failed that the rest of the stream is not tried. Its failures were reported."""
        with self._lock:
            return self._failed[stream] >= ENOUGH

    def has_failed(self, stream: str) -> bool:
        """Whether a part of the stream failed."""
        with self._lock:
            return self._failed[stream] > 0

    def is_whole(self, stream: str) -> bool:
        """Whether nothing of the stream failed, so that its state may move."""
        return not self.has_failed(stream) and not self.is_refused(stream)

    def without_key(self, stream: str) -> None:
        """A row was left out because a part of its key is null."""
        with self._lock:
            self._without_key[stream] += 1

    def parent_gone(self, stream: str, status: int) -> None:
        """A list was left out because what it hangs on is gone: Skilljar answers this status."""
        with self._lock:
            self._gone[stream] += 1
            self._status[stream] = status

    def say(self, stream: str) -> None:
        """Log what was left out, when the stream ends."""
        with self._lock:
            gone, without_key = self._gone.pop(stream, 0), self._without_key.pop(stream, 0)
        if gone:
            LOGGER.warning(
                "Stream %s: skipped %d of its lists, for which Skilljar answers HTTP %d: %s.",
                stream,
                gone,
                self._status[stream],
                "the organization does not have this feature, as none was answered"
                if self.is_refused(stream)
                else "what they belong to was deleted while the stream was read",
            )
        if without_key:
            LOGGER.warning(
                "Stream %s: %d rows were left out, because a part of their primary key is null. That is a failure of "
                "the API.",
                stream,
                without_key,
            )
