"""The connector's process is killed at every write, and started again from the last state that it printed."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal

import pytest

from lms_shared.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.sandbox.requests_log import WriteEvent
from lms_shared.sandbox.server import SandboxServer
from lms_shared.sandbox.skilljar import DEMO_KEY, SkilljarOptions, SkilljarSandbox
from lms_shared.sandbox.skilljar.options import LabelsOnCreate
from lms_shared.testing.processes import ConnectorProcess, ConnectorProcesses
from lms_shared.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.testing.syncs import Stream, messages, raw_catalog

Moment = Literal["before", "after"]

ADOPTED = "Made by hand"
SCENARIO = [
    Stream("users", [a_user(first_name="Ada", external_reference="e-1"), a_user(GRACE)]),
    Stream("groups", [a_group()]),
    Stream("content", [a_course("c-1"), a_course("c-2", ADOPTED), a_course("c-3"), a_course("c-4", active=False)]),
    Stream("group_members", [a_member()]),
    Stream("assignments", [an_assignment(), an_assignment(GRACE, "c-2")]),
    Stream("completions", [a_completion(), a_completion(email=GRACE, course="c-3")]),
]
"""All unified objects: new ones, an adopted course, and three courses of equal title."""
ROWS = ("users", "domain_users", "groups", "group_users", "courses", "labels", "course_labels", "lessons")
LINKS = ("published_courses", "course_enrollments", "course_progress", "signup_values")


class Sweep:
    """A served academy whose connector can be killed."""

    def __init__(self, processes: ConnectorProcesses, folder: Path, server: SandboxServer) -> None:
        self._processes = processes
        self._server = server
        self._catalog = folder / "catalog.json"
        self._catalog.write_text(json.dumps(raw_catalog(SCENARIO)))
        self._config = folder / "config.json"
        config = {
            "api_key": DEMO_KEY,
            "domain_name": "academy.example.com",
            "base_url": f"{server.url}/v1",
            "user_reference_signup_field": "Employee ID",
            "requests_per_minute": 1_000_000,
            "requests_per_hour": 1_000_000,
            "batch_size": 2,
        }
        self._config.write_text(json.dumps(config))

    def write(self, since: dict[str, int] | None = None) -> ConnectorProcess:
        """Starts the connector with all records after the given states."""
        sent = messages(SCENARIO, state_every=1, since=since)
        return self._processes.start("write", "--config", str(self._config), "--catalog", str(self._catalog), sent=sent)

    def kill_at(self, write: int, moment: Moment, faults: float = 0.0) -> None:
        """The next process is killed at a write, before or after the server carries it out.

        `faults` is the share of all requests that meet a fault, before the death and after it.
        """
        self._server.faults = FaultPlan.mixed(faults, seed=write)
        pid: Future[int] = Future()

        def hook(event: WriteEvent) -> None:
            # A write that meets a fault may never be carried out; then it is the next one.
            if event.number >= write and event.phase == moment:
                # No request of a dead process is carried out, not even the one that it was killed at.
                self._server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])
                os.kill(pid.result(), signal.SIGKILL)

        self._server.requests.reset()
        self._server.on_write = hook
        killed = self.write()
        pid.set_result(killed.pid)
        assert killed.wait() == -signal.SIGKILL
        self._server.on_write = None
        self._server.faults = FaultPlan.mixed(faults, seed=-write)
        again = self.write(states(killed))
        assert again.wait() == 0, again.messages


def states(process: ConnectorProcess) -> dict[str, int]:
    """Where the next process starts: the last printed state of each stream."""
    return {
        one["state"]["stream"]["stream_descriptor"]["name"]: one["state"]["stream"]["stream_state"]["sent"]
        for one in process.of("STATE")
    }


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> ConnectorProcesses:
    return ConnectorProcesses("destination_skilljar.run:run", tmp_path_factory.mktemp("processes"))


def an_organisation(labels: LabelsOnCreate) -> SkilljarSandbox:
    """Empty, but for a course that somebody made by hand."""
    sandbox = SkilljarSandbox.empty(SkilljarOptions(labels_on_create=labels))
    texts = {"title": ADOPTED, "short_description": ADOPTED, "long_description_html": ""}
    times = {"created_at": "2026-01-01T00:00:00Z", "modified_at": "2026-01-01T00:00:00Z"}
    sandbox.store.add("courses", **texts, **times, enforce_sequential_navigation=True)
    return sandbox


def contents(sandbox: SkilljarSandbox) -> dict[str, Any]:
    """Everything that may not differ, and of how much there is how many."""
    state = sandbox.state()
    return {**sandbox.canonical(), "counts": {name: len(state[name]) for name in (*ROWS, *LINKS)}}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("labels", list(LabelsOnCreate))
def test_killed_at_any_write_and_started_again_from_its_last_state_it_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, labels: LabelsOnCreate, moment: Moment
) -> None:
    undisturbed = an_organisation(labels)
    with SandboxServer(undisturbed) as server:
        assert Sweep(processes, tmp_path, server).write().wait() == 0
        writes = server.requests.writes
    wanted = contents(undisturbed)
    assert wanted["counts"]["courses"] == 4
    assert wanted["counts"]["course_enrollments"] == 3
    for write in range(1, writes + 1):
        sandbox = an_organisation(labels)
        with SandboxServer(sandbox) as server:
            Sweep(processes, tmp_path, server).kill_at(write, moment)
        assert contents(sandbox) == wanted, f"killed {moment} write {write} of {writes}"


def test_killed_while_a_fifth_of_all_requests_fail_it_still_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path
) -> None:
    undisturbed = an_organisation(LabelsOnCreate.IGNORED)
    with SandboxServer(undisturbed) as server:
        assert Sweep(processes, tmp_path, server).write().wait() == 0
        writes = server.requests.writes
    for write in range(2, writes + 1, 5):
        sandbox = an_organisation(LabelsOnCreate.IGNORED)
        with SandboxServer(sandbox) as server:
            Sweep(processes, tmp_path, server).kill_at(write, "after", faults=0.2)
        assert contents(sandbox) == contents(undisturbed), f"killed after write {write} of {writes}"
