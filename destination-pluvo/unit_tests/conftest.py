"""An organization of a pretend Pluvo behind real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from destination_pluvo import api
from destination_pluvo.batch import Batcher
from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.sandbox.pluvo import PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.http import client
from lms_shared.upsert.apply import apply

Open = Callable[..., PluvoOrganization]
LONG = 0.5
"""Seconds within which every thread that is not kept waiting has made its call, also on a busy machine."""


class Callers:
    """The threads that the engine works with: how many of them have something to do."""

    def __init__(self) -> None:
        self.batchers: list[PatientBatcher] = []
        self._lock = threading.Lock()
        self._tasks = 0
        self._workers = 0

    def map(self, pool: ThreadPoolExecutor, task: Callable[..., Any], *values: Iterable[Any]) -> Iterator[Any]:
        """`ThreadPoolExecutor.map`, with its tasks counted."""
        arguments = list(zip(*values, strict=False))
        with self._lock:
            self._tasks += len(arguments)
            self._workers = pool._max_workers

        def counted(given: tuple[Any, ...]) -> Any:
            try:
                return task(*given)
            finally:
                with self._lock:
                    self._tasks -= 1
                for one in self.batchers:
                    one.look_again()

        return Executor.map(pool, counted, arguments)

    def all_wait(self) -> bool:
        """Whether no thread can make a call before it has the answer to its last one."""
        return sum(one.waiting for one in self.batchers) >= min(self._tasks, self._workers)


class PatientBatcher(Batcher):
    """Sends a document that is not full when all callers wait, not once nobody has called for a moment."""

    def __init__(self, callers: Callers, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._all_wait = callers.all_wait
        callers.batchers.append(self)

    @property
    def waiting(self) -> int:
        return len(self._waiting) + self._on_their_way

    def look_again(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _is_due(self) -> bool:
        with self._changed:
            # A thread that waits for what another one reads makes no call, and is not seen here.
            self._changed.wait_for(lambda: not self._waiting or self._is_time() or self._all_wait(), LONG)
            if not self._waiting:
                self._dispatchers -= 1
                return False
            return True


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (apply, client):
        monkeypatch.setattr(module, "FIRST_WAIT", 0.0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not change what is in the documents."""
    callers = Callers()

    def counted_map(pool: ThreadPoolExecutor, task: Callable[..., Any], *values: Iterable[Any]) -> Iterator[Any]:
        return callers.map(pool, task, *values)

    monkeypatch.setattr(ThreadPoolExecutor, "map", counted_map)
    monkeypatch.setattr(api, "Batcher", lambda *arguments: PatientBatcher(callers, *arguments))


@pytest.fixture
def open_organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens empty organizations with switches of the pretend Pluvo, until the test is over."""
    with ExitStack() as stack:

        def start(**switches: Any) -> PluvoOrganization:
            sandbox = PluvoSandbox.empty(PluvoOptions(**switches))
            server = stack.enter_context(SandboxServer(sandbox))
            return PluvoOrganization(sandbox, server, DestinationPluvo, tmp_path_factory.mktemp("rejects"))

        yield start


@pytest.fixture
def organization(open_organization: Open) -> PluvoOrganization:
    """An empty organization that behaves as expected."""
    return open_organization()
