"""What the installed command of every source promises: exit codes, clean output, secrets.

A source's tests subclass `SourceCommandSuite` and have a fixture `serve`, which opens the pretend LMS and gives a site
with a `config`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest

from lms_shared.activity import PROGRESS
from lms_shared.dev.testing.processes import ConnectorProcesses

Messages = list[dict[str, Any]]


class Command(Protocol):
    """Runs a command with files, such as `run("read", config=…, catalog=…)`."""

    def __call__(self, command: str, **files: Any) -> tuple[int, Messages, str]:
        """The exit code, the messages, and all text that was printed."""


def catalog(*names: str) -> dict[str, Any]:
    """A configured catalog of streams that are read whole."""

    def configured(name: str) -> dict[str, Any]:
        stream = {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        return {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}

    return {"streams": [configured(name) for name in names]}


def succeeds(script: Path, *arguments: str) -> None:
    """A Python script, a benchmark for instance, that must end well."""
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - of this repository
    assert done.returncode == 0, done.stdout + done.stderr


class SourceCommandSuite:
    """Subclasses name the command, and two streams that the pretend LMS has records of."""

    command: ClassVar[str]
    streams: ClassVar[tuple[str, str]]

    @pytest.fixture
    def run(self, tmp_path: Path) -> Command:
        processes = ConnectorProcesses(f"{self.command.replace('-', '_')}.run:run", tmp_path)

        def start(command: str, **files: Any) -> tuple[int, Messages, str]:
            arguments = [command]
            for name, content in files.items():
                (tmp_path / name).write_text(json.dumps(content))
                arguments += [f"--{name}", str(tmp_path / name)]
            process = processes.start(*arguments)
            code, printed = process.wait(), process.printed.decode()
            return code, [json.loads(line) for line in printed.splitlines()], printed + process.errors.decode()

        return start

    def test_spec_needs_nothing(self) -> None:
        executable = str(Path(sys.executable).with_name(self.command))
        done = subprocess.run([executable, "spec"], capture_output=True, text=True, check=False)  # noqa: S603 - the connector
        assert done.returncode == 0
        assert "SPEC" in _kinds([json.loads(line) for line in done.stdout.splitlines()])

    def test_a_read_writes_messages_only_and_ends_with_zero(self, run: Command, serve: Any) -> None:
        site = serve()
        code, messages, text = run("read", config=site.config(), catalog=catalog(*self.streams))
        assert code == 0
        assert {"RECORD", "STATE", "TRACE"} <= _kinds(messages)
        assert site.config()["api_key"] not in text

    def test_a_read_tells_its_records_and_each_of_its_calls_once(self, run: Command, serve: Any) -> None:
        site = serve()
        _, messages, _ = run("read", config=site.config(), catalog=catalog(*self.streams))
        logged = [message["log"]["message"] for message in messages if message["type"] == "LOG"]
        (told,) = [json.loads(text.removeprefix(PROGRESS)) for text in logged if text.startswith(PROGRESS)]
        records = sum(message["type"] == "RECORD" for message in messages)
        assert (told["records"], told["calls"]) == (records, site.server.requests.total)

    def test_what_the_cdk_notes_about_itself_is_not_in_the_log(self, run: Command, serve: Any) -> None:
        _, messages, _ = run("read", config=serve().config(), catalog=catalog(*self.streams))
        told = " ".join(message["log"]["message"] for message in messages if message["type"] == "LOG")
        assert PROGRESS in told
        assert not [note for note in ("MemoryMonitor", "Marking stream", "Syncing stream") if note in told]

    def test_a_wrong_key_fails_check_without_a_crash_and_a_read_with_one(self, run: Command, serve: Any) -> None:
        config = serve().config(api_key="wrong-but-secret")
        code, messages, text = run("check", config=config)
        assert code == 0
        assert [m["connectionStatus"]["status"] for m in messages if m["type"] == "CONNECTION_STATUS"] == ["FAILED"]
        assert "wrong-but-secret" not in text
        code, messages, text = run("read", config=config, catalog=catalog("users"))
        failures = [m["trace"]["error"]["failure_type"] for m in messages if m.get("trace", {}).get("type") == "ERROR"]
        assert code != 0
        assert set(failures) == {"config_error"}
        assert "wrong-but-secret" not in text

    def test_a_key_of_a_letter_leaves_the_messages_as_they_are(self, run: Command, serve: Any) -> None:
        code, messages, _ = run("read", config=serve().config(api_key="e"), catalog=catalog("users"))
        assert code != 0
        assert "TRACE" in _kinds(messages)
        assert [m for m in messages if m["type"] == "TRACE" and set(m["trace"]) & {"****"}] == []


def _kinds(messages: Messages) -> set[str]:
    return {message["type"] for message in messages}
