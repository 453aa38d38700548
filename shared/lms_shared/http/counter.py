"""Counts requests by what they are made for. A label is set around a piece of work, in the thread that does it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lms_shared.activity import ACTIVITY

_LABEL: ContextVar[str] = ContextVar("request_label", default="")


@contextmanager
def counted_as(label: str) -> Iterator[None]:
    """Counts the requests made inside under the label."""
    token = _LABEL.set(label)
    try:
        yield
    finally:
        _LABEL.reset(token)


class RequestCounter:
    """Requests sent, by label; safe for threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def sent(self) -> None:
        """One request goes out, a repeated one included."""
        ACTIVITY.called()
        with self._lock:
            self._counts[_LABEL.get()] += 1

    def made(self, label: str) -> int:
        """Requests under a label."""
        with self._lock:
            return self._counts[label]

    @property
    def total(self) -> int:
        with self._lock:
            return self._counts.total()
