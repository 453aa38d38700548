"""Runs a source into a destination the way Airbyte does: separate processes, and state kept only when acknowledged."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

SUMMARY = "sync summary "
_FOR_THE_DESTINATION = ("RECORD", "STATE", "TRACE")


class ChainError(Exception):
    """A connector failed; the text is its own message."""


@dataclass(frozen=True)
class Stream:
    """A stream that is synced, and how."""

    name: str
    sync_mode: str = "full_refresh"
    destination_sync_mode: str = "append_dedup"


@dataclass
class SyncResult:
    """What one sync did."""

    records: dict[str, int] = field(default_factory=dict)
    """Records that the source sent, by stream."""
    summaries: list[dict[str, Any]] = field(default_factory=list)
    """The destination's own counts, by stream and object."""
    states: list[dict[str, Any]] = field(default_factory=list)
    """The last acknowledged state of each stream: what the next sync starts from."""
    states_acknowledged: int = 0

    @property
    def written(self) -> int:
        """Objects that were created, changed or deactivated."""
        return sum(one["created"] + one["updated"] + one["deactivated"] for one in self.summaries)

    @property
    def rejected(self) -> int:
        return sum(one["rejected"] for one in self.summaries)

    @property
    def requests(self) -> int:
        return sum(one["requests"] for one in self.summaries)


@dataclass(frozen=True)
class Connector:
    """An installed connector and its config."""

    name: str
    config: Mapping[str, Any]
    folder: Path
    """Where the files for its command line are kept."""

    @property
    def command(self) -> Path:
        return Path(sys.executable).parent / self.name

    def arguments(self, verb: str, **files: Any) -> list[str]:
        """The command line of a verb; each keyword is an option whose content is written to a file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = [str(self.command), verb]
        for option, content in {"config": self.config, **files}.items():
            path = self.folder / f"{self.name}-{option}.json"
            path.write_text(json.dumps(content, indent=2), encoding="utf-8")
            line += [f"--{option}", str(path)]
        return line

    def messages(self, verb: str) -> list[dict[str, Any]]:
        """Runs `check` or `discover` and gives what it prints.

        Raises ChainError when the command fails.
        """
        done = subprocess.run(self.arguments(verb), capture_output=True, text=True, check=False)  # noqa: S603
        messages = _parsed(done.stdout.splitlines())
        if done.returncode != 0:
            raise ChainError(_failure(self.name, messages, done.stderr))
        return messages

    def check(self) -> None:
        """Raises ChainError unless `check` succeeds."""
        status = next(one["connectionStatus"] for one in self.messages("check") if one["type"] == "CONNECTION_STATUS")
        if status["status"] != "SUCCEEDED":
            raise ChainError(f"{self.name}: {status.get('message')}")

    def catalog(self, streams: Sequence[Stream]) -> dict[str, Any]:
        """A configured catalog of these streams, in this order, from `discover`.

        Raises ChainError for a stream that is not discovered.
        """
        found = next(one["catalog"] for one in self.messages("discover") if one["type"] == "CATALOG")
        by_name = {one["name"]: one for one in found["streams"]}
        missing = [one.name for one in streams if one.name not in by_name]
        if missing:
            raise ChainError(f"{self.name} does not discover {', '.join(missing)}")
        return {"streams": [_configured(by_name[one.name], one) for one in streams]}


def _configured(stream: Mapping[str, Any], wanted: Stream) -> dict[str, Any]:
    return {
        "stream": stream,
        "sync_mode": wanted.sync_mode,
        "destination_sync_mode": wanted.destination_sync_mode,
        "cursor_field": stream.get("default_cursor_field") or [],
        "primary_key": stream.get("source_defined_primary_key") or [],
        "generation_id": 0,
        "minimum_generation_id": 0,
        "sync_id": 1,
    }


def sync(
    source: Connector, destination: Connector, catalog: Mapping[str, Any], states: Iterable[Mapping[str, Any]] = ()
) -> SyncResult:
    """Reads with the source and writes with the destination, from the given states.

    Raises ChainError when either of them fails; what was acknowledged by then is lost to the caller, as after a crash.
    """
    result = SyncResult()
    read = source.arguments("read", catalog=catalog, state=list(states))
    write = destination.arguments("write", catalog=catalog)
    with (
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader,  # noqa: S603
        subprocess.Popen(  # noqa: S603
            write, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as writer,
    ):
        source_said: list[dict[str, Any]] = []
        pump = threading.Thread(target=_pump, args=(reader, writer.stdin, result, source_said))
        pump.start()
        destination_said = _listen(writer.stdout, result)
        pump.join()
        errors = (_text(reader.stderr), _text(writer.stderr))
    # The destination first: when it fails, the source is ended for that reason alone.
    for connector, process, said, error in zip(
        (destination, source), (writer, reader), (destination_said, source_said), reversed(errors), strict=True
    ):
        if process.returncode != 0:
            raise ChainError(_failure(connector.name, said, error))
    return result


def _pump(reader: subprocess.Popen[str], sink: IO[str] | None, result: SyncResult, said: list[dict[str, Any]]) -> None:
    """Hands the source's records, states and statuses on; keeps what it says about itself.

    Ends the source when the destination is gone.
    """
    assert reader.stdout is not None
    assert sink is not None
    try:
        for line in reader.stdout:
            for message in _parsed([line]):
                kind = message["type"]
                if kind == "RECORD":
                    stream = message["record"]["stream"]
                    result.records[stream] = result.records.get(stream, 0) + 1
                else:
                    said.append(message)
                if kind in _FOR_THE_DESTINATION:
                    sink.write(line)
                    sink.flush()
        sink.close()
    except BrokenPipeError:
        reader.kill()
        with contextlib.suppress(BrokenPipeError):
            sink.close()


def _listen(lines: IO[str] | None, result: SyncResult) -> list[dict[str, Any]]:
    assert lines is not None
    said: list[dict[str, Any]] = []
    last: dict[str, dict[str, Any]] = {}
    for message in _parsed(lines):
        if message["type"] == "STATE":
            state = message["state"]
            last[json.dumps((state.get("stream") or {}).get("stream_descriptor"))] = state
            result.states_acknowledged += 1
        elif message["type"] == "LOG" and message["log"]["message"].startswith(SUMMARY):
            result.summaries.append(json.loads(message["log"]["message"].removeprefix(SUMMARY)))
        else:
            said.append(message)
    result.states = list(last.values())
    return said


def _parsed(lines: Iterable[str]) -> list[dict[str, Any]]:
    messages = []
    for line in lines:
        try:
            message = json.loads(line)
        except ValueError:
            continue  # a line that is no message is of no use to anyone here
        if isinstance(message, dict) and isinstance(message.get("type"), str):
            messages.append(message)
    return messages


def _failure(name: str, said: Iterable[Mapping[str, Any]], stderr: str) -> str:
    errors = [one["trace"]["error"]["message"] for one in said if (one.get("trace") or {}).get("type") == "ERROR"]
    statuses = [one["connectionStatus"].get("message") for one in said if one["type"] == "CONNECTION_STATUS"]
    return f"{name}: {next(iter([*errors, *statuses]), None) or stderr.strip()[-500:] or 'failed'}"


def _text(stream: IO[str] | None) -> str:
    return stream.read() if stream else ""
