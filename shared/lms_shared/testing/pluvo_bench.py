"""A pretend Pluvo behind HTTP as a bench of the conformance suite."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import requests

from lms_shared.destination.base import ActivationDestination
from lms_shared.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.sandbox.pluvo import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoOptions, PluvoSandbox
from lms_shared.sandbox.requests_log import WriteEvent
from lms_shared.sandbox.server import SandboxServer
from lms_shared.testing.memory_lms import Killed

UNANSWERED = (
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.SERVER_ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.CUT_BODY,
    FaultKind.HTML_503,
)
UNLIMITED = 1_000_000


class PluvoBench:
    """An organization that starts empty."""

    objects = frozenset({"users", "groups", "group_members", "content", "assignments", "completions"})

    def __init__(
        self, connector: Callable[[], ActivationDestination], options: PluvoOptions | None = None, **config: Any
    ) -> None:
        """`config` holds keys beside those of the connection."""
        self._connector = connector
        self._options = options
        self._config = config
        self._dead = threading.Event()
        self._start()

    def _start(self) -> None:
        self.sandbox = PluvoSandbox.empty(self._options)
        self.server = SandboxServer(self.sandbox).start()

    def destination(self) -> ActivationDestination:
        return self._connector()

    def config(self) -> dict[str, Any]:
        return {
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "base_url": self.server.url,
            "requests_per_minute": UNLIMITED,
            **self._config,
        }

    def state(self) -> Any:
        return self.sandbox.canonical()

    def writes(self) -> int:
        return self.server.requests.writes

    def mails(self) -> int:
        return len(self.sandbox.state()["mails"])

    def reset(self) -> None:
        self.close()
        self._dead.clear()
        self._start()

    def close(self) -> None:
        self.server.stop()

    def kill_at(self, write: int, moment: Literal["before", "after"]) -> None:
        number = self.writes() + write

        def hook(event: WriteEvent) -> None:
            if event.number == number and event.phase == moment:
                self._dead.set()
                self.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

        self.server.on_write = hook

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
        self.server.faults = FaultPlan(rules, max_in_a_row=3)

    def no_trouble(self) -> None:
        self._dead.clear()
        self.server.on_write = None
        self.server.faults = FaultPlan()

    def title(self, reference: str) -> str | None:
        organization = self.sandbox.organization
        found = organization.trainings.find("ref", reference) or organization.offers.find("ref", reference)
        return None if found is None else found.title

    def rename(self, reference: str, title: str) -> None:
        organization = self.sandbox.organization
        training = organization.trainings.find("ref", reference)
        if training is not None:
            organization.save(organization.trainings, replace(training, title=title))
            return
        offer = organization.offers.find("ref", reference)
        assert offer is not None
        organization.save(organization.offers, replace(offer, title=title))
