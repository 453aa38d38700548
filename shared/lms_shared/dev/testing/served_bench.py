"""A bench of the conformance suite whose LMS is a pretend one behind HTTP."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol, Self

import pytest
import requests
from requests.adapters import HTTPAdapter

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.lms import PretendLms
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.kill_points import KillPoint, KillPoints, is_at
from lms_shared.dev.testing.memory_lms import Killed

UNANSWERED = (
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.SERVER_ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.CUT_BODY,
    FaultKind.HTML_503,
)
UNLIMITED = 1_000_000
"""A quota that no test uses up."""


class ComparableLms(PretendLms, Protocol):
    """A pretend LMS that can be compared with another."""

    def canonical(self) -> Any:
        """What it holds, free of ids, order and times of writing."""


class ServedBench(ABC):
    """The server, its troubles, and a destination that can die. Subclasses say what is peculiar to their LMS."""

    objects = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})
    server: SandboxServer

    def __init__(self) -> None:
        self._dead = threading.Event()

    @contextmanager
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Self]:
        """Serves the LMS; the destination's death reaches it through its transport, `requests`."""
        send = HTTPAdapter.send
        monkeypatch.setattr(HTTPAdapter, "send", lambda *args, **kwargs: self._call(send, *args, **kwargs))
        self._start()
        try:
            yield self
        finally:
            self.server.stop()

    @abstractmethod
    def empty(self) -> ComparableLms:
        """An empty LMS, from now on the one under test."""

    @abstractmethod
    def destination(self) -> ActivationDestination: ...

    @abstractmethod
    def config(self) -> dict[str, Any]: ...

    @abstractmethod
    def title(self, reference: str) -> str | None: ...

    @abstractmethod
    def rename(self, reference: str, title: str) -> None: ...

    @abstractmethod
    def is_open(self, reference: str) -> bool: ...

    @abstractmethod
    def close(self, reference: str) -> None: ...

    def _start(self) -> None:
        self._lms = self.empty()
        self.server = SandboxServer(self._lms).start()
        self._points = self.server.on_write = KillPoints()

    def state(self) -> Any:
        return self._lms.canonical()

    def writes(self) -> int:
        return self.server.requests.writes

    def mails(self) -> int:
        return len(self._lms.state()["mails"])

    def reset(self) -> None:
        self.server.stop()
        self._dead.clear()
        self._start()

    def kill_points(self) -> KillPoints:
        return self._points

    def kill_at(self, point: KillPoint, moment: Literal["before", "after"]) -> None:
        def hook(event: WriteEvent) -> None:
            if is_at(event, point) and event.phase == moment:
                self._dead.set()
                self.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

        self.server.on_write = hook

    def lose_answers(self, share: float) -> None:
        rules = [FaultRule(kind, probability=share / len(UNANSWERED)) for kind in UNANSWERED]
        self.server.faults = FaultPlan(rules, max_in_a_row=3)

    def no_trouble(self) -> None:
        self._dead.clear()
        self.server.on_write = None
        self.server.faults = FaultPlan()

    def _call(self, send: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """A call of the destination's process, as far as it is alive."""
        try:
            response: requests.Response = send(*args, **kwargs)
        except requests.RequestException:
            self._end_if_dead()
            raise
        self._end_if_dead()
        return response

    def _end_if_dead(self) -> None:
        if self._dead.is_set():
            raise Killed("at a write")
