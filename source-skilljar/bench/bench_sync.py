"""Reads a whole organization three times: calls, calls per record, and time under latency.

The baseline is what a reader does that makes one call after the other and lists for every stream by itself whatever
leads to it. The second sync follows on activity of a few users and a change of one course, the third on nothing.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from airbyte_cdk.models import (
    AirbyteStateMessage,
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)

from lms_shared.dev.benchmarks.rows import Measured, arguments, tell
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import DEMO_KEY, SkilljarSandbox
from source_skilljar.source import SourceSkilljar

CHANGED = "2026-10-01T10:00:00Z"
PLENTY = 10**6
USERS, COURSES = 540, 56
MOST_CALLS = {"first": 5_700, "changed": 950}
"""Of an organization of the default size."""


@dataclass
class Sync:
    """One or more reads: records, calls, seconds, and the states at the end."""

    records: int = 0
    calls: int = 0
    seconds: float = 0.0
    states: dict[str, AirbyteStateMessage] = field(default_factory=dict)

    def line(self, title: str) -> str:
        """A line of the result."""
        share = f"{self.calls / self.records:.2f}" if self.records else "-"
        counts = f"{self.calls:>7,} calls {self.records:>8,} records {share:>6} calls/record"
        return f"{title:<28}{counts} {self.seconds:>7.1f} s"


def read(
    server: SandboxServer, streams: list[AirbyteStream], workers: int, states: list[AirbyteStateMessage], total: Sync
) -> Sync:
    """Read streams into `total`; raises RuntimeError when one does not complete."""
    config: dict[str, Any] = {
        "api_key": DEMO_KEY,
        "base_url": f"{server.url}/v1",
        "num_workers": workers,
        "requests_per_minute": PLENTY,
        "requests_per_hour": PLENTY,
    }
    catalog = ConfiguredAirbyteCatalog(
        [ConfiguredAirbyteStream(stream, SyncMode.incremental, DestinationSyncMode.append_dedup) for stream in streams]
    )
    server.requests.reset()
    started = time.monotonic()
    for message in SourceSkilljar(catalog, config, states).read(logging.getLogger(), config, catalog, states):
        if message.type == Type.RECORD:
            total.records += 1
        elif message.type == Type.STATE and message.state is not None and message.state.stream is not None:
            total.states[message.state.stream.stream_descriptor.name] = message.state
    total.seconds += time.monotonic() - started
    total.calls += server.requests.total
    return total


def main() -> None:
    """Measure and print; fails when the connector makes more calls than the baseline."""
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--courses", type=int, default=COURSES)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds added to each call")
    parser.add_argument("--workers", type=int, default=6)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sandbox = SkilljarSandbox(users=given.users, courses=given.courses)
    streams = SourceSkilljar().discover(logging.getLogger(), {"api_key": DEMO_KEY}).streams
    with SandboxServer(sandbox, latency=given.latency) as server:
        alone = Sync()
        for stream in streams:
            read(server, [stream], 1, [], alone)
        first = read(server, streams, given.workers, [], Sync())
        for user in list(sandbox.store["users"])[: max(1, given.users // 50)]:
            sandbox.store["users"].update(user, {"latest_activity": CHANGED})
        sandbox.store["courses"].update(next(iter(sandbox.store["courses"])), {"modified_at": CHANGED})
        second = read(server, streams, given.workers, list(first.states.values()), Sync())
        third = read(server, streams, given.workers, list(second.states.values()), Sync())
    print(f"{len(streams)} streams, {given.users} users, {given.latency * 1000:.0f} ms per call")
    print(alone.line("baseline, stream by stream"))
    print(first.line(f"first sync, {given.workers} workers"))
    print(second.line("second sync, some rows changed"))
    print(third.line("third sync, none changed"))
    work = f"source-skilljar, {len(streams)} streams, {given.users} users"
    most = MOST_CALLS if (given.users, given.courses) == (USERS, COURSES) else {}
    tell(
        Measured(f"{work}, first sync", first.calls, "calls", "stream by stream", alone.calls, most.get("first")),
        Measured(f"{work}, some rows changed", second.calls, "calls", "first sync", first.calls, most.get("changed")),
        Measured(f"{work}, none changed", third.calls, "calls", "first sync", first.calls),
        Measured(f"{work}, first sync", first.seconds, "seconds", "stream by stream", alone.seconds),
    )
    if first.calls >= alone.calls or first.records != alone.records:
        raise SystemExit("The connector does not do better than the baseline.")


if __name__ == "__main__":
    main()
