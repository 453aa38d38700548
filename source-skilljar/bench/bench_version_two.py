"""Reads the progress of a whole organization through both versions of the API: calls at first, and after a few changes.

The bounds are those that the README tells of: a first read takes a page of 100 rows each and one in twenty more, the
next one the pages of what changed and of what is in progress, and five more.
"""

from __future__ import annotations

import logging
import math
from datetime import UTC, datetime
from typing import Any

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateMessage,
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)

from lms_shared.dev.benchmarks.rows import Measured as Row
from lms_shared.dev.benchmarks.rows import arguments, tell
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from source_skilljar.source import SourceSkilljar

PLENTY = 10**6
PAGE = 100


class Measured:
    """One read: calls, records, and the state at its end."""

    def __init__(self, server: SandboxServer, name: str, states: list[AirbyteStateMessage]) -> None:
        self.rows: list[Any] = []
        self.states = states
        server.requests.reset()
        for message in _read(server, name, states):
            if message.type is Type.RECORD and message.record is not None:
                self.rows.append(message.record.data)
            elif message.type is Type.STATE and message.state is not None:
                self.states = [message.state]
        self.calls = server.requests.total

    def line(self, title: str) -> str:
        """A line of the result."""
        return f"{title:<44}{self.calls:>8,} calls {len(self.rows):>8,} records"


def _read(server: SandboxServer, name: str, states: list[AirbyteStateMessage]) -> Any:
    config = {
        "api_key": DEMO_KEY,
        "base_url": f"{server.url}/v1",
        "v2_base_url": f"{server.url}/v2",
        "v2_client_id": DEMO_V2_CLIENT_ID,
        "v2_client_secret": DEMO_V2_CLIENT_SECRET,
        "requests_per_minute": PLENTY,
        "requests_per_hour": PLENTY,
    }
    stream = AirbyteStream(name=name, json_schema={}, supported_sync_modes=[SyncMode.incremental])
    configured = ConfiguredAirbyteStream(stream, SyncMode.incremental, DestinationSyncMode.append_dedup)
    catalog = ConfiguredAirbyteCatalog([configured])
    messages: Any = SourceSkilljar(catalog, config, states).read(logging.getLogger(), config, catalog, states)
    yield from (message for message in messages if isinstance(message, AirbyteMessage))


def main() -> None:
    """Measure and print; fails where a read takes more calls than its bound."""
    parser = arguments(__doc__)
    parser.add_argument("--users", type=int, help="4,000 by default, or 10,000")
    parser.add_argument("--courses", type=int, default=12)
    parser.add_argument("--enrollments", type=int, default=5, help="of each learner; 5 by default")
    given = parser.parse_args()
    users = given.users or (10_000 if given.large else 4_000)
    logging.disable(logging.CRITICAL)
    options = SkilljarOptions(enrollments_each=given.enrollments)
    sandbox = SkilljarSandbox(users=users, courses=given.courses, options=options)
    with SandboxServer(sandbox) as server:
        baseline = Measured(server, "user_course_progress", [])
        first = Measured(server, "enrollments", [])
        changed = _complete(sandbox, len(first.rows) // 100)
        second = Measured(server, "enrollments", first.states)
    going = sum(row["progress_status"] == "in_progress" for row in second.rows)
    most_first = 1.05 * math.ceil(len(first.rows) / PAGE)
    most_second = math.ceil(changed / PAGE) + math.ceil(going / PAGE) + 5
    print(f"{users:,} learners, {len(first.rows) / users:.1f} enrollments each")
    print(baseline.line("user_course_progress, version 1, first read"))
    print(first.line(f"enrollments, first read (at most {most_first:.0f})"))
    print(second.line(f"enrollments, 1 % completed (at most {most_second})"))
    work, version_one = f"source-skilljar, progress of {users:,} learners", "version 1, all of it"
    tell(
        Row(f"{work} by version 2, first read", first.calls, "calls", version_one, baseline.calls, most_first),
        Row(f"{work} by version 2, 1 % changed", second.calls, "calls", version_one, baseline.calls, most_second),
    )
    if first.calls > most_first or second.calls > most_second:
        raise SystemExit("Version 2 takes more calls than it should.")


def _complete(sandbox: SkilljarSandbox, number: int) -> int:
    """Completes some courses anew; how many."""
    done = [row for row in list(sandbox.store["course_progress"]) if row.get("completed_at")][:number]
    for row in done:
        sandbox.store["course_progress"].update(row, {"completed_at": datetime.now(UTC).isoformat()})
    return len(done)


if __name__ == "__main__":
    main()
