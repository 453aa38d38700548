"""Who takes part in a training, read from the training: for clients that may not ask what a user takes part in."""

from __future__ import annotations

import threading
from collections import OrderedDict

from destination_pluvo.api import PluvoApi, ids

MAX_REMEMBERED = 1_000_000
"""Users that are remembered over all trainings; beyond, the training that was asked for longest ago is forgotten."""
_OPERATIONS = {"PARTICIPANT": "TrainingParticipants", "TRAINER": "TrainingTrainers"}


class TrainingMembers:
    """The users of trainings in one role, each training read once. Safe for threads."""

    def __init__(self, api: PluvoApi, role: str) -> None:
        self._api = api
        self._operation = _OPERATIONS[role]
        self._lock = threading.Lock()
        self._known: OrderedDict[str, set[str]] = OrderedDict()
        self._count = 0

    def has(self, training: str, user: str, *, fresh: bool = False) -> bool:
        """Whether a user takes part; `fresh` asks Pluvo again."""
        with self._lock:
            if fresh:
                self._forget(training)
            return user in self._of(training)

    def note(self, training: str, user: str, *, present: bool) -> None:
        """Takes note that a user was just added or removed."""
        with self._lock:
            known = self._known.get(training)
            if known is None:
                return
            before = len(known)
            (known.add if present else known.discard)(user)
            self._count += len(known) - before

    def _of(self, training: str) -> set[str]:
        known = self._known.get(training)
        if known is None:
            known = self._known[training] = set(ids(self._api.nodes(self._operation, "members", id=training)))
            self._count += len(known)
            while self._count > MAX_REMEMBERED and len(self._known) > 1:
                self._forget(next(iter(self._known)))
        self._known.move_to_end(training)
        return known

    def _forget(self, training: str) -> None:
        self._count -= len(self._known.pop(training, ()))
