"""Runs syncs of a destination inside the test's process, over the same lines that Airbyte would send."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airbyte_cdk.models import ConfiguredAirbyteCatalog, ConfiguredAirbyteCatalogSerializer

from lms_shared.destination.base import ActivationDestination
from lms_shared.privacy import MaskEmails
from lms_shared.wire.parsing import parse_lines


@dataclass(frozen=True)
class Stream:
    """A stream of a made-up source, and its records in the order in which they are sent."""

    name: str
    records: Sequence[Mapping[str, Any]] = ()
    sync_mode: str = "append_dedup"
    object_name: str | None = None
    """`destination_object_name` of the configured stream."""
    fields: Sequence[str] = ()
    """The fields of its schema."""
    source_mode: str = "full_refresh"
    primary_key: Sequence[str] = ()
    sync_id: int | None = None


@dataclass
class Run:
    """What a sync did, as far as Airbyte can see it."""

    states: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None
    log: list[str] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)

    @property
    def summaries(self) -> list[dict[str, Any]]:
        """The `sync summary` lines."""
        marker = "sync summary "
        return [json.loads(line.partition(marker)[2]) for line in self.log if line.startswith(marker)]

    @property
    def positions(self) -> list[tuple[str, int]]:
        """The states that came out, as stream and number of its records."""
        return [
            (one["stream"]["stream_descriptor"]["name"], one["stream"]["stream_state"]["sent"]) for one in self.states
        ]

    def total(self, name: str) -> int:
        """One count of the summaries, over all streams."""
        return sum(int(one[name]) for one in self.summaries)

    def counted(self, name: str) -> float:
        """One of the `destinationStats`, over all states."""
        return float(sum(one["destinationStats"].get(name, 0) for one in self.states))


def record(stream: str, data: Any) -> dict[str, Any]:
    """A RECORD message."""
    return {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1}}


def state(stream: str, value: Any) -> dict[str, Any]:
    """A STATE message of one stream."""
    descriptor = {"stream_descriptor": {"name": stream}, "stream_state": value}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": descriptor}}


def status(stream: str, value: str) -> dict[str, Any]:
    """A stream status."""
    body = {"stream_descriptor": {"name": stream}, "status": value}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": body}}


def catalog(streams: Iterable[Stream]) -> ConfiguredAirbyteCatalog:
    """The configured catalog of streams."""
    return ConfiguredAirbyteCatalogSerializer.load(raw_catalog(streams))


def raw_catalog(streams: Iterable[Stream]) -> dict[str, Any]:
    """The configured catalog of streams, as JSON."""
    return {"streams": [_configured(one) for one in streams]}


def _configured(stream: Stream) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {} for name in stream.fields}} if stream.fields else {}
    return {
        "stream": {
            "name": stream.name,
            "json_schema": schema,
            "supported_sync_modes": ["full_refresh", "incremental"],
        },
        "sync_mode": stream.source_mode,
        "destination_sync_mode": stream.sync_mode,
        **({"destination_object_name": stream.object_name} if stream.object_name else {}),
        **({"sync_id": stream.sync_id} if stream.sync_id is not None else {}),
        **({"primary_key": [[name] for name in stream.primary_key]} if stream.primary_key else {}),
    }


def messages(
    streams: Iterable[Stream], *, state_every: int = 0, since: Mapping[str, int] | None = None
) -> Iterator[dict[str, Any]]:
    """What a source sends: streams one after the other, each ended by a state and by status COMPLETE.

    The state of a stream is the number of its records that were sent; `since` starts after so many of them.
    """
    for stream in streams:
        first = (since or {}).get(stream.name, 0)
        for number, data in enumerate(stream.records[first:], first + 1):
            yield record(stream.name, data)
            if state_every and number % state_every == 0:
                yield state(stream.name, {"sent": number})
        yield state(stream.name, {"sent": len(stream.records)})
        yield status(stream.name, "COMPLETE")


def last_states(*runs: Run) -> dict[str, int]:
    """Where the next sync starts: the last state of each stream that came out."""
    return {
        one["stream"]["stream_descriptor"]["name"]: one["stream"]["stream_state"]["sent"]
        for run in runs
        for one in run.states
    }


def lines(sent: Iterable[Mapping[str, Any] | bytes]) -> Iterator[bytes]:
    """Messages as the lines of a pipe; bytes pass as they are."""
    for one in sent:
        yield one if isinstance(one, bytes) else json.dumps(one, allow_nan=True).encode() + b"\n"


def sync(
    destination: ActivationDestination,
    config: Mapping[str, Any],
    streams: Sequence[Stream],
    sent: Iterable[Mapping[str, Any] | bytes] | None = None,
) -> Run:
    """Writes messages (by default all that the streams hold) and gathers what came of it; failures are in `error`."""
    run = Run()
    with _logged(run.log):
        try:
            parsed = parse_lines(lines(messages(streams) if sent is None else sent))
            for one in destination.sync(config, catalog(streams), parsed):
                run.states.append(one)
        except BaseException as error:
            run.error = error
    run.rejects = reject_lines(config)
    return run


def reject_lines(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of the rejects files in the configured folder."""
    folder = (config.get("object_storage_config") or {}).get("path")
    paths = sorted(Path(folder).glob("rejects-*.jsonl")) if folder else []
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


class _Gather(logging.Handler):
    def __init__(self, texts: list[str]) -> None:
        super().__init__(logging.INFO)
        self._texts = texts

    def emit(self, record: logging.LogRecord) -> None:
        self._texts.append(record.getMessage())


@contextmanager
def _logged(texts: list[str]) -> Iterator[None]:
    """Gathers the log as a user sees it: with e-mail addresses masked."""
    logger = logging.getLogger("airbyte")
    handler, level = _Gather(texts), logger.level
    handler.addFilter(MaskEmails())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
