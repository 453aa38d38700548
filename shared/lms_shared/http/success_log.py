"""Remembers which operations of an API went well, and in which order: what tells a poisoned record from a broken API.

An operation is a kind of call, such as `PATCH users/{}` or the name of a GraphQL operation, whatever it is made for.
"""

from __future__ import annotations

import re
import threading

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
