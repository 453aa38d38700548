"""Ends a stream that fails again and again, so that trouble does not cost a call, and an error, for every parent."""

from __future__ import annotations

import threading
from collections import Counter

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

ENOUGH = 3
"""Lists of a stream that fail, each after all its retries, before the others are not tried any more."""


class Failures:
    """Failed partitions by stream. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def note(self, stream: str, error: Exception) -> None:
        """A partition failed. What the user has to mend ends the stream at once."""
        fatal = isinstance(error, AirbyteTracedException) and error.failure_type is FailureType.config_error
        with self._lock:
            self._counts[stream] += ENOUGH if fatal else 1

    def are_enough(self, stream: str) -> bool:
        """Whether the stream is given up. It is INCOMPLETE then, since its failures were reported."""
        with self._lock:
            return self._counts[stream] >= ENOUGH
