"""A pretend Skilljar for each test, and Airbyte commands run on the source in this process."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStream,
    AirbyteStreamState,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    StreamDescriptor,
    SyncMode,
    Type,
)
from airbyte_cdk.test import entrypoint_wrapper

from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from lms_shared.http import rate_limit
from source_skilljar.source import SourceSkilljar

PLENTY = 1_000_000
"""A quota that no test uses up."""


@dataclass
class Site:
    """A served sandbox."""

    sandbox: SkilljarSandbox
    server: SandboxServer

    def config(self, **extra: Any) -> dict[str, Any]:
        """A configuration that reads it."""
        return {
            "api_key": DEMO_KEY,
            "base_url": f"{self.server.url}/v1",
            "requests_per_minute": PLENTY,
            "requests_per_hour": PLENTY,
            **extra,
        }

    def v2_config(self, **extra: Any) -> dict[str, Any]:
        """A configuration with a client of version 2."""
        client = {"v2_client_id": DEMO_V2_CLIENT_ID, "v2_client_secret": DEMO_V2_CLIENT_SECRET}
        return self.config(**client, v2_base_url=f"{self.server.url}/v2", **extra)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of one of its tables."""
        return [dict(row) for row in self.sandbox.store[table]]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call its API as an administrator would."""
        answer = requests.request(method, f"{self.server.url}/v1/{path}", json=body, auth=(DEMO_KEY, ""), timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def change(self, table: str, row_id: str, **fields: Any) -> None:
        """Change a row behind the API's back."""
        store = self.sandbox.store[table]
        row = store.get(row_id)
        assert row is not None
        store.update(row, fields)

    def calls(self) -> dict[str, int]:
        """Calls by route since the last time that this was asked."""
        counted = dict(self.server.requests.by_route)
        self.server.requests.reset()
        return {route.removeprefix("GET /v1/"): count for route, count in counted.items()}


@dataclass
class Result:
    """What a `read` wrote."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """How many of a stream's records were written before each of its states."""
    ends: dict[str, str] = field(default_factory=dict)
    statuses: list[tuple[str, str]] = field(default_factory=list)
    """All statuses of streams, in their order; the CDK gives one RUNNING of its own with the first record."""
    reasons: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[str | None, str]] = field(default_factory=list)
    """Text and failure type."""
    logs: list[tuple[str, str]] = field(default_factory=list)
    """Level and text."""
    text: str = ""

    def last_states(self) -> dict[str, dict[str, Any]]:
        """The state of each stream."""
        return {name: states[-1] for name, states in self.states.items()}

    def warnings(self) -> list[str]:
        """Texts of warnings."""
        return [text for level, text in self.logs if level == "WARN"]

    def keys(self, name: str, *fields: str) -> list[tuple[Any, ...]]:
        """The values of some fields of a stream's records, sorted. The CDK writes no field that is null."""
        return sorted(tuple(record.get(field, "") for field in fields) for record in self.records[name])


@dataclass(frozen=True)
class Commands:
    """The commands, each on a source made for it, as the command line does."""

    folder: Path

    def check(self, config: dict[str, Any]) -> tuple[str, str]:
        """Status and message."""
        file = self.folder / "config.json"
        file.write_text(json.dumps(config))
        entrypoint = AirbyteEntrypoint(SourceSkilljar(config=config))
        lines = entrypoint.run(AirbyteEntrypoint.parse_args(["check", "--config", str(file)]))
        messages = [json.loads(line) for line in lines]
        status = next(message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS")
        return status["status"], status.get("message", "")

    def catalog(self, config: dict[str, Any]) -> dict[str, AirbyteStream]:
        """The discovered streams by name."""
        output = entrypoint_wrapper.discover(SourceSkilljar(config=config), config)
        message = next(m for m in output.get_message_iterator() if m.type == Type.CATALOG)
        return {stream.name: stream for stream in message.catalog.streams}

    def read(
        self,
        config: dict[str, Any],
        streams: Iterable[str],
        state: dict[str, dict[str, Any]] | None = None,
        mode: SyncMode = SyncMode.incremental,
    ) -> Result:
        """Read the streams of these names."""
        catalog = ConfiguredAirbyteCatalog([_configured(name, mode) for name in streams])
        states = [_state(name, value) for name, value in (state or {}).items()]
        source = SourceSkilljar(catalog, config, states)
        output = entrypoint_wrapper.read(source, config, catalog, states, expecting_exception=None)
        return _result(output)


def _configured(name: str, mode: SyncMode) -> ConfiguredAirbyteStream:
    modes = [SyncMode.full_refresh, SyncMode.incremental]
    stream = AirbyteStream(name=name, json_schema={}, supported_sync_modes=modes)
    return ConfiguredAirbyteStream(stream, mode, DestinationSyncMode.append_dedup)


def _state(name: str, value: dict[str, Any]) -> AirbyteStateMessage:
    state = AirbyteStreamState(StreamDescriptor(name=name), AirbyteStateBlob(value))
    return AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state)


def _result(output: Any) -> Result:
    result = Result()
    for message in output.get_message_iterator():
        if message.type == Type.RECORD:
            result.records[message.record.stream].append(message.record.data)
        elif message.type == Type.STATE:
            state = message.state.stream
            name = state.stream_descriptor.name
            result.states[name].append(dict(state.stream_state.__dict__))
            result.counts[name].append(len(result.records.get(name, [])))
        elif message.type == Type.LOG:
            result.logs.append((message.log.level.value, message.log.message))
        elif message.type == Type.TRACE and message.trace.error:
            result.errors.append((message.trace.error.message, message.trace.error.failure_type.value))
        elif message.type == Type.TRACE and message.trace.stream_status:
            status = message.trace.stream_status
            result.ends[status.stream_descriptor.name] = status.status.value
            result.statuses.append((status.stream_descriptor.name, status.status.value))
            result.reasons.update(reason.type.value for reason in status.reasons or [])
    result.text = "\n".join(text for _, text in result.logs) + "\n".join(str(error) for error in result.errors)
    return result


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Airbyte commands."""
    return Commands(tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """Serve a sandbox: `serve(options, faults, users=…, courses=…)`."""
    with ExitStack() as stack:

        def start(options: SkilljarOptions | None = None, faults: FaultPlan | None = None, **sizes: int) -> Site:
            sandbox = SkilljarSandbox(options=options, **sizes)
            return Site(sandbox, stack.enter_context(SandboxServer(sandbox, faults=faults)))

        yield start


@dataclass(frozen=True)
class WholeRead:
    """One read of all streams."""

    site: Site
    catalog: dict[str, AirbyteStream]
    result: Result
    calls: dict[str, int]


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeRead]:
    """All streams, read once."""
    commands = Commands(tmp_path_factory.mktemp("whole"))
    sandbox = SkilljarSandbox()
    with SandboxServer(sandbox) as server:
        site = Site(sandbox, server)
        catalog = commands.catalog(site.config())
        assert not site.server.requests.total
        result = commands.read(site.config(num_workers=12), catalog)
        yield WholeRead(site, catalog, result, site.calls())


class Clock:
    """Time that passes only while the connector waits."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        with self._lock:
            return sum(self.waited)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.waited.append(seconds)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the connector would have waited; no test waits."""
    clock = Clock()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(rate_limit, "sleep", clock.sleep)
    monkeypatch.setattr(rate_limit, "monotonic", clock.monotonic)
    return clock.waited
