"""The conformance suite on destination-skilljar: every promise of the engine over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Literal

import pytest
import requests
from requests.adapters import HTTPAdapter

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.destination.base import ActivationDestination
from lms_shared.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.sandbox.requests_log import WriteEvent
from lms_shared.sandbox.server import SandboxServer
from lms_shared.sandbox.skilljar import DEMO_KEY, SkilljarSandbox
from lms_shared.sandbox.skilljar.store import Row
from lms_shared.testing.bench import Bench
from lms_shared.testing.conformance import ConformanceSuite
from lms_shared.testing.memory_lms import Killed

UNANSWERED = (
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.SERVER_ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.CUT_BODY,
    FaultKind.HTML_503,
)


class SkilljarBench:
    """A pretend Skilljar behind HTTP."""

    objects = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})

    def __init__(self, **config: Any) -> None:
        self._config = config
        self._dead = threading.Event()
        self._start()

    def _start(self) -> None:
        self._sandbox = SkilljarSandbox.empty()
        self._server = SandboxServer(self._sandbox).start()

    def destination(self) -> ActivationDestination:
        return DestinationSkilljar()

    def config(self) -> dict[str, Any]:
        return {
            "api_key": DEMO_KEY,
            "domain_name": "academy.example.com",
            "base_url": f"{self._server.url}/v1",
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            **self._config,
        }

    def state(self) -> Any:
        return self._sandbox.canonical()

    def writes(self) -> int:
        return self._server.requests.writes

    def mails(self) -> int:
        return len(self._sandbox.state()["mails"])

    def reset(self) -> None:
        self.close()
        self._dead.clear()
        self._start()

    def close(self) -> None:
        self._server.stop()

    def kill_at(self, write: int, moment: Literal["before", "after"]) -> None:
        number = self.writes() + write

        def hook(event: WriteEvent) -> None:
            if event.number == number and event.phase == moment:
                self._dead.set()
                self._server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

        self._server.on_write = hook

    def call(self, send: Any, *args: Any, **kwargs: Any) -> requests.Response:
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

    def lose_answers(self, share: float) -> None:
        rules = [FaultRule(kind, probability=share / len(UNANSWERED)) for kind in UNANSWERED]
        self._server.faults = FaultPlan(rules, max_in_a_row=3)

    def no_trouble(self) -> None:
        self._dead.clear()
        self._server.on_write = None
        self._server.faults = FaultPlan()

    def title(self, reference: str) -> str | None:
        course = self._course(reference)
        return None if course is None else str(course["title"])

    def rename(self, reference: str, title: str) -> None:
        course = self._course(reference)
        assert course is not None
        self._sandbox.store["courses"].update(course, {"title": title})

    def _course(self, reference: str) -> Row | None:
        store = self._sandbox.store
        label = store["labels"].find(name=f"ext:airbyte:{reference}")
        links = store["course_labels"].where("label_id", label["id"]) if label else []
        return next((store["courses"].rows[link["course_id"]] for link in links), None)


@pytest.fixture
def _opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SkilljarBench]]:
    """Benches that end with the test; their deaths reach the destination through its transport."""
    opened: list[SkilljarBench] = []
    send = HTTPAdapter.send
    monkeypatch.setattr(HTTPAdapter, "send", lambda *args, **kwargs: opened[0].call(send, *args, **kwargs))
    yield opened
    for bench in opened:
        bench.close()


class TestSkilljar(ConformanceSuite):
    @pytest.fixture
    def bench(self, _opened: list[SkilljarBench]) -> Bench:
        _opened.append(SkilljarBench())
        return _opened[0]


class TestSkilljarWithASignupFieldForReferences(ConformanceSuite):
    @pytest.fixture
    def bench(self, _opened: list[SkilljarBench]) -> Bench:
        _opened.append(SkilljarBench(user_reference_signup_field="Employee ID"))
        return _opened[0]
