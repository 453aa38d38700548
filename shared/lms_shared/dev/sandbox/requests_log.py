"""What was asked of a pretend LMS: counts by route, by reads and writes, by status and by fault."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from lms_shared.dev.sandbox.lms import RequestClass


@dataclass(frozen=True, slots=True)
class WriteEvent:
    """A write on its way: `before` it is executed, and `after` it was committed with its answer still unsent.

    `number` counts the writes from 1 and is the same in both phases. `after` never comes for a write that a
    fault kept from being executed. `label` is the one that it is counted under; `status` is what the LMS answered,
    known in phase `after` only.
    """

    phase: Literal["before", "after"]
    number: int
    method: str
    path: str
    label: str
    status: int | None = None


WriteHook = Callable[[WriteEvent], None]


class RequestLog:
    """Thread-safe counters. Control requests are not in them; requests that met a fault are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Set every counter to zero."""
        with self._lock:
            self._routes: Counter[str] = Counter()
            self._statuses: Counter[int] = Counter()
            self._faults: Counter[str] = Counter()
            self._lists: dict[tuple[str, str], bool] = {}
            self._reads = 0
            self._writes = 0

    def record(self, request: RequestClass) -> int:
        """Count a request that came in; returns the number of writes so far."""
        with self._lock:
            self._routes[request.label] += 1
            if request.is_write:
                self._writes += 1
            else:
                self._reads += 1
            return self._writes

    def record_status(self, status: int) -> None:
        """Count an answer of the LMS itself."""
        with self._lock:
            self._statuses[status] += 1

    def record_fault(self, kind: str) -> None:
        """Count a request that met a fault."""
        with self._lock:
            self._faults[kind] += 1

    def record_lists(self, label: str, fields: Collection[str], *, later: bool) -> None:
        """Take note of an answer that held lists, in these root fields of a GraphQL document (`` for a REST answer),
        and whether it was for a later page."""
        with self._lock:
            for name in fields:
                self._lists[label, name] = self._lists.get((label, name), False) or later

    @property
    def lists(self) -> dict[tuple[str, str], bool]:
        """Calls that were answered with a list, while `SandboxServer.note_lists` is on: label and root field, and
        whether later pages were asked for."""
        with self._lock:
            return dict(self._lists)

    def count(self, label: str) -> int:
        """Requests under one label, for example `GET /v1/courses/{course_id}`."""
        with self._lock:
            return self._routes[label]

    @property
    def by_route(self) -> dict[str, int]:
        """Requests by label, the most frequent first."""
        with self._lock:
            return dict(self._routes.most_common())

    @property
    def reads(self) -> int:
        """Requests that cannot change anything."""
        return self._reads

    @property
    def writes(self) -> int:
        """Requests that may change something."""
        return self._writes

    @property
    def total(self) -> int:
        """All requests."""
        with self._lock:
            return self._reads + self._writes

    def to_json(self) -> dict[str, Any]:
        """All counters."""
        with self._lock:
            return {
                "total": self._reads + self._writes,
                "reads": self._reads,
                "writes": self._writes,
                "by_route": dict(self._routes.most_common()),
                "by_status": {str(status): count for status, count in sorted(self._statuses.items())},
                "faults": dict(sorted(self._faults.items())),
            }
