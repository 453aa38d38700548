"""A pretend Pluralsight for each test, and Airbyte commands run on the source in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
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
from lms_shared.dev.sandbox.pluralsight.options import DEMO_KEY, PluralsightOptions
from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.http import rate_limit
from source_pluralsight.api import client
from source_pluralsight.source import SourcePluralsight


@dataclass
class Site:
    """A served sandbox."""

    sandbox: PluralsightSandbox
    server: SandboxServer

    def config(self, **extra: Any) -> dict[str, Any]:
        """A configuration that reads it."""
        endpoint = f"{self.server.url}/graphql"
        return {"api_key": DEMO_KEY, "partner_name": "Acme", "endpoint": endpoint, **extra}

    def requests_for(self, query: str) -> int:
        """Requests with this root field."""
        return self.server.requests.count(f"POST /graphql {query}")


@dataclass(frozen=True)
class Commands:
    """The commands, each on a source made for it, as the command line does."""

    folder: Path

    def check(self, config: dict[str, Any]) -> dict[str, Any]:
        """The connection status."""
        file = self.folder / "config.json"
        file.write_text(json.dumps(config))
        entrypoint = AirbyteEntrypoint(SourcePluralsight(config=config))
        lines = entrypoint.run(AirbyteEntrypoint.parse_args(["check", "--config", str(file)]))
        messages = [json.loads(line) for line in lines]
        return next(message["connectionStatus"] for message in messages if message["type"] == "CONNECTION_STATUS")

    def discover(self, config: dict[str, Any], **options: Any) -> Any:
        """The output of `discover`."""
        return entrypoint_wrapper.discover(SourcePluralsight(config=config), config, **options)

    def catalog(self, config: dict[str, Any]) -> dict[str, AirbyteStream]:
        """The discovered streams by name."""
        message = next(m for m in self.discover(config).get_message_iterator() if m.type == Type.CATALOG)
        return {stream.name: stream for stream in message.catalog.streams}

    def read(self, config: dict[str, Any], streams: Any, state: Any = None, debug: bool = False) -> Any:
        """The output of `read`. `streams` are names or discovered streams; `state` is one of course_progress."""
        catalog = ConfiguredAirbyteCatalog([_configured(stream) for stream in streams])
        states = [] if state is None else [_state("course_progress", state)]
        source = SourcePluralsight(catalog, config, states)
        return entrypoint_wrapper.read(source, config, catalog, states, debug=debug)


def _configured(stream: str | AirbyteStream) -> ConfiguredAirbyteStream:
    if isinstance(stream, str):
        modes = [SyncMode.full_refresh, SyncMode.incremental]
        stream = AirbyteStream(name=stream, json_schema={}, supported_sync_modes=modes)
    mode = SyncMode.incremental if stream.name == "course_progress" else SyncMode.full_refresh
    return ConfiguredAirbyteStream(stream, mode, DestinationSyncMode.append_dedup)


def _state(stream: str, value: dict[str, Any]) -> AirbyteStateMessage:
    state = AirbyteStreamState(StreamDescriptor(name=stream), AirbyteStateBlob(value))
    return AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=state)


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Airbyte commands."""
    return Commands(tmp_path)


@pytest.fixture(scope="session")
def shared_commands(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Airbyte commands, for worlds that several tests share."""
    return Commands(tmp_path_factory.mktemp("commands"))


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """Serve a sandbox: `serve(options, users=…, progress=…)`."""
    with ExitStack() as stack:

        def start(options: PluralsightOptions | None = None, faults: FaultPlan | None = None, **sizes: int) -> Site:
            sandbox = PluralsightSandbox(options=options, **sizes)
            return Site(sandbox, stack.enter_context(SandboxServer(sandbox, faults=faults)))

        yield start


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that retries would have waited; no test waits."""
    seconds: list[float] = []
    clock = SimpleNamespace(now=time.monotonic())

    def wait(more: float) -> None:
        seconds.append(more)
        clock.now += more

    monkeypatch.setattr(client, "sleep", wait)
    monkeypatch.setattr(rate_limit, "sleep", wait)
    monkeypatch.setattr(rate_limit, "monotonic", lambda: clock.now)
    return seconds
