"""The connector's process is killed at every write, and started again from the last state that it printed."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import Future
from pathlib import Path
from typing import Literal

import pytest

from lms_shared.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.sandbox.pluvo import DEMO_CERTIFICATE_ID, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.sandbox.pluvo.records import Training
from lms_shared.sandbox.requests_log import WriteEvent
from lms_shared.sandbox.server import SandboxServer
from lms_shared.testing.processes import ConnectorProcess, ConnectorProcesses
from lms_shared.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.testing.syncs import Stream, messages, raw_catalog

Moment = Literal["before", "after"]

ADOPTED = "Made by hand"
SCENARIO = [
    Stream("users", [a_user(name="Ada", external_reference="e-1"), a_user(GRACE, name="Grace", active=False)]),
    Stream("groups", [a_group(external_reference="g-1")]),
    Stream("content", [a_course("c-1"), a_course("c-2", ADOPTED), a_course("c-3"), a_course("c-4", active=False)]),
    Stream("group_members", [a_member()]),
    Stream("assignments", [an_assignment(), an_assignment(GRACE, "c-2")]),
    Stream("completions", [a_completion(), a_completion(email=GRACE, course="c-3")]),
]
"""All unified objects: new ones, adopted content, content of equal title, and what is inactive from the start."""


class Sweep:
    """A served organization whose connector can be killed."""

    def __init__(self, processes: ConnectorProcesses, folder: Path, server: SandboxServer, content_object: str) -> None:
        self._processes = processes
        self._server = server
        self._catalog = folder / "catalog.json"
        self._catalog.write_text(json.dumps(raw_catalog(SCENARIO)))
        self._config = folder / "config.json"
        config = {
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "base_url": server.url,
            "content_object": content_object,
            "certificate_id": DEMO_CERTIFICATE_ID,
            "send_notifications": True,
            "requests_per_minute": 1_000_000,
            "batch_size": 2,
        }
        self._config.write_text(json.dumps(config))

    def write(self, since: dict[str, int] | None = None) -> ConnectorProcess:
        """Starts the connector with all records after the given states."""
        sent = messages(SCENARIO, state_every=1, since=since)
        return self._processes.start("write", "--config", str(self._config), "--catalog", str(self._catalog), sent=sent)

    def kill_at(self, write: int, moment: Moment) -> bool:
        """The next process is killed at a write, before or after the server carries it out, and another goes on.

        False where it was through by then: how many records share a document is a matter of time.
        """
        pid: Future[int] = Future()

        def hook(event: WriteEvent) -> None:
            if event.number == write and event.phase == moment:
                # No request of a dead process is carried out, not even the one that it was killed at.
                self._server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])
                os.kill(pid.result(), signal.SIGKILL)

        self._server.requests.reset()
        self._server.on_write = hook
        killed = self.write()
        pid.set_result(killed.pid)
        code = killed.wait()
        assert code in (0, -signal.SIGKILL), killed.messages
        self._server.on_write = None
        self._server.faults = FaultPlan()
        again = self.write(states(killed))
        assert again.wait() == 0, again.messages
        return code != 0


def states(process: ConnectorProcess) -> dict[str, int]:
    """Where the next process starts: the last printed state of each stream."""
    return {
        one["state"]["stream"]["stream_descriptor"]["name"]: one["state"]["stream"]["stream_state"]["sent"]
        for one in process.of("STATE")
    }


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> ConnectorProcesses:
    return ConnectorProcesses("destination_pluvo.run:run", tmp_path_factory.mktemp("processes"))


def an_organization() -> PluvoSandbox:
    """Empty, but for a training that somebody made by hand."""
    sandbox = PluvoSandbox.empty()
    organization = sandbox.organization
    identity = organization.new_identity(None)
    organization.save(organization.trainings, Training(**identity, title=ADOPTED, is_active=True))
    return sandbox


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_killed_at_any_write_and_started_again_from_its_last_state_it_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, content_object: str, moment: Moment
) -> None:
    undisturbed = an_organization()
    with SandboxServer(undisturbed) as server:
        assert Sweep(processes, tmp_path, server, content_object).write().wait() == 0
        writes = server.requests.writes
    wanted = undisturbed.canonical()
    assert len(wanted["portfolio_items"]) == 4
    assert len(wanted["issued_certificates"]) == 2
    kills = 0
    for write in range(1, writes + 1):
        sandbox = an_organization()
        with SandboxServer(sandbox) as server:
            kills += Sweep(processes, tmp_path, server, content_object).kill_at(write, moment)
        assert sandbox.canonical() == wanted, f"killed {moment} write {write} of {writes}"
    assert kills > writes / 2
