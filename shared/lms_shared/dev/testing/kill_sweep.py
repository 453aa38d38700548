"""Kills a destination's process at a write, starts it again from the last state that it printed, and lets it finish."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from lms_shared.dev.sandbox.faults import REFUSING, SPOILED, FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.kill_points import KillPoint, KillPoints, is_at
from lms_shared.dev.testing.processes import ConnectorProcess, ConnectorProcesses
from lms_shared.dev.testing.syncs import Stream, messages, raw_catalog

Moment = Literal["before", "after"]

SHORT_WAITS = {"lms_shared.http.client.FIRST_WAIT": 0.01, "lms_shared.upsert.apply.apply.FIRST_WAIT": 0.01}
"""For `ConnectorProcesses`: retries that do not keep a test waiting."""
TROUBLES = tuple(
    (set(FaultKind) - {FaultKind.SLOW} - SPOILED - REFUSING) | {FaultKind.EMPTY_BODY, FaultKind.NO_CONTENT}
)


def troubles(share: float, seed: int) -> FaultPlan:
    """Every kind of trouble, for a share of all requests, where nobody is asked to wait."""
    rules = [FaultRule(kind, probability=share / len(TROUBLES), retry_after=0) for kind in sorted(TROUBLES)]
    return FaultPlan(rules, seed=seed, max_in_a_row=3)


class KillSweep:
    """A served LMS, and a connector that writes a scenario to it and can be killed."""

    def __init__(
        self,
        processes: ConnectorProcesses,
        folder: Path,
        server: SandboxServer,
        scenario: Sequence[Stream],
        config: Mapping[str, Any],
    ) -> None:
        """`folder` takes the files of the config, which is one for `server`, and of the catalog."""
        self._processes = processes
        self._server = server
        self._scenario = scenario
        self._catalog = folder / "catalog.json"
        self._catalog.write_text(json.dumps(raw_catalog(scenario)))
        self._config = folder / "config.json"
        self._config.write_text(json.dumps({"batch_size": 2, **config}))

    def write(self, since: Mapping[str, int] | None = None) -> ConnectorProcess:
        """Starts the connector with all records after the given states."""
        sent = messages(self._scenario, state_every=1, since=since)
        return self._processes.start("write", "--config", str(self._config), "--catalog", str(self._catalog), sent=sent)

    def undisturbed(self) -> KillPoints:
        """Lets a process write everything, and says where one can be killed."""
        points = KillPoints()
        self._server.on_write = points
        through = self.write()
        assert through.wait() == 0, through.messages
        self._server.on_write = None
        return points

    def kill_at(self, point: KillPoint, moment: Moment, faults: float = 0.0) -> bool:
        """The next process is killed at a write, before or after the server carries it out, and another goes on.

        `faults` is the share of all requests that meet trouble, before the death and after it. False where the process
        was through by then: how many records share a request can be a matter of time.
        """
        seed = crc32(str(point).encode())
        self._server.faults = troubles(faults, seed)
        pid: Future[int] = Future()
        reached = False

        def hook(event: WriteEvent) -> None:
            nonlocal reached
            # A write that meets trouble may never be carried out; then it is the next one.
            reached = reached or is_at(event, point)
            if reached and event.phase == moment:
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
        self._server.faults = troubles(faults, seed=-seed)
        again = self.write(_states(killed))
        assert again.wait() == 0, again.messages
        return code != 0


def _states(process: ConnectorProcess) -> dict[str, int]:
    """Where the next process starts: the last printed state of each stream."""
    return {
        one["state"]["stream"]["stream_descriptor"]["name"]: one["state"]["stream"]["stream_state"]["sent"]
        for one in process.of("STATE")
    }
