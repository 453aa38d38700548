"""Links that a record of this sync wants inactive, so that nothing else of the sync makes them.

A completion makes the assignment that it needs. One that a record says is inactive stays so beside it, whichever of the
two comes first.
"""

from __future__ import annotations

import threading


class Withdrawals:
    """Learners and content, by id. Safe for threads."""

    def __init__(self) -> None:
        self._pairs: set[int] = set()
        self._lock = threading.Lock()

    def note(self, learner: str, content: str, *, active: bool) -> None:
        """What the latest record says of an assignment."""
        pair = hash((learner, content))
        with self._lock:
            (self._pairs.discard if active else self._pairs.add)(pair)

    def holds(self, learner: str, content: str) -> bool:
        """Whether the assignment is to be inactive."""
        return hash((learner, content)) in self._pairs
