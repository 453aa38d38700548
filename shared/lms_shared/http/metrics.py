"""What is counted of the calls of an API: requests by what they are made for, and which operations went well.

A label is set around a piece of work, in the thread that does it. An operation is a kind of call, such as
`PATCH users/{}` or the name of a GraphQL operation, whatever it is made for; which ones went well, and in which order,
tells a poisoned record from a broken API.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from contextvars import ContextVar

from lms_shared.activity import ACTIVITY

_LABEL: ContextVar[str] = ContextVar("request_label", default="")


class counted_as:  # noqa: N801 - a context manager, entered for each record
    """Counts the requests made inside under the label."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __enter__(self) -> None:
        self._token = _LABEL.set(self._label)

    def __exit__(self, *_: object) -> None:
        _LABEL.reset(self._token)


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


_WORD = re.compile(r"[a-z]+([_-][a-z]+)*")
"""Segments of a path that are words of the API. Ids have digits (Skilljar API, identifiers), hosts have dots."""


class SuccessLog:
    """When each operation last went well, as the number of a success. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._latest: dict[str, int] = {}

    def note(self, operation: str) -> None:
        """A call of the operation went well."""
        with self._lock:
            self._number += 1
            self._latest[operation] = self._number

    def mark(self) -> int:
        """The moment now, for `since`."""
        with self._lock:
            return self._number

    def since(self, mark: int, operation: str) -> bool:
        """Whether a call of the operation went well after a moment."""
        with self._lock:
            return self._latest.get(operation, 0) > mark


def operation_of(method: str, path: str) -> str:
    """The kind of a REST call: its path without ids and query."""
    segments = path.partition("?")[0].strip("/").split("/")
    return f"{method} {'/'.join(one if _WORD.fullmatch(one) else '{}' for one in segments)}"
