"""SIGTERM and Ctrl-C end a sync at once, whatever it waits for, with the states of what is settled."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarSandbox
from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.skilljar_academy import DOMAIN
from lms_shared.dev.testing.syncs import Stream, messages, raw_catalog

HOUR = 3600
WAITS = {
    "for the quota": FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, "POST", retry_after=HOUR, skip=2),
    "for an answer": FaultRule(FaultKind.SLOW, method="POST", delay=HOUR, skip=2),
}
"""What a sync waits for after its second learner; anything but the signal ends it in an hour."""


class Waiting(FaultPlan):
    """Tells when a rule strikes."""

    def __init__(self, rules: Sequence[FaultRule]) -> None:
        super().__init__(rules)
        self.met = threading.Event()

    def decide(self, method: str, path: str, query: bytes, body: bytes) -> FaultRule | None:
        rule = super().decide(method, path, query, body)
        if rule is not None:
            self.met.set()
        return rule


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> ConnectorProcesses:
    return ConnectorProcesses("destination_skilljar.run:run", tmp_path_factory.mktemp("processes"))


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_wait_with_the_settled_states_and_a_failure(
    processes: ConnectorProcesses, tmp_path: Path, wait: str, how: signal.Signals
) -> None:
    people = [Stream("users", [{"email": f"person{number}@example.com"} for number in range(9)])]
    catalog, config = tmp_path / "catalog.json", tmp_path / "config.json"
    catalog.write_text(json.dumps(raw_catalog(people)))
    with SandboxServer(SkilljarSandbox.empty()) as server:
        storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
        access = {"api_key": DEMO_KEY, "domain_name": DOMAIN, "base_url": f"{server.url}/v1"}
        config.write_text(json.dumps({**access, "batch_size": 1, "object_storage_config": storage}))
        waiting = server.faults = Waiting([WAITS[wait]])
        sent = messages(people, state_every=1)
        process = processes.start("write", "--config", str(config), "--catalog", str(catalog), sent=sent)
        assert waiting.met.wait()
        os.kill(process.pid, how)
        assert process.wait() == 1
    states = [one["state"]["stream"]["stream_state"]["sent"] for one in process.of("STATE")]
    assert states == [1, 2]
    (trace,) = process.of("TRACE")
    assert trace["trace"]["error"]["failure_type"] == "transient_error"
    assert (tmp_path / "report.html").exists()
