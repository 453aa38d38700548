"""The destination base as Airbyte runs it: a process with pipes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.syncs import Stream, messages, raw_catalog, record, reject_lines, state, status

SECRET = "a-very-secret-key-value"
COMMAND = [sys.executable, "-m", "lms_shared.dev.testing"]
USER = {"email": "ada.lovelace@example.com", "first_name": "Ada"}


class Files:
    """Config and catalog on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rejects = folder / "rejects"

    def config(self, **changes: Any) -> str:
        storage = {"storage_type": "LOCAL", "path": str(self.rejects)}
        return self._write("config.json", {"api_key": SECRET, "object_storage_config": storage, **changes})

    def catalog(self, *streams: Stream) -> str:
        return self._write("catalog.json", raw_catalog(streams))

    def _write(self, name: str, value: Any) -> str:
        path = self.folder / name
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return str(path)

    def broken(self, text: str) -> str:
        return self._write("broken.json", text)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


class Output:
    """What a process printed."""

    def __init__(self, code: int, stdout: bytes, stderr: bytes) -> None:
        self.code = code
        self.text = (stdout + stderr).decode()
        self.stderr = stderr.decode()
        self.lines = stdout.decode().splitlines()
        self.messages = [json.loads(line) for line in stdout.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.messages if one["type"] == kind]

    @property
    def error(self) -> dict[str, Any]:
        (trace,) = (one["trace"]["error"] for one in self.of("TRACE") if one["trace"]["type"] == "ERROR")
        return dict(trace)

    def expect_failure(self, kind: str) -> str:
        assert self.code != 0
        assert self.error["failure_type"] == kind
        assert "Traceback" not in self.stderr
        assert "Fatal Python error" not in self.stderr
        return str(self.error["message"])


class Command(Protocol):
    """Runs the command to its end."""

    def __call__(self, *args: str, sent: Iterable[Any] = ()) -> Output: ...


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command, forked from a process that has imported it already."""
    processes = ConnectorProcesses("lms_shared.dev.testing.__main__:run", tmp_path_factory.mktemp("processes"))

    def start(*args: str, sent: Iterable[Any] = ()) -> Output:
        lines = (one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in sent)
        process = processes.start(*args, sent=lines)
        return Output(process.wait(), process.printed, process.errors)

    return start


@pytest.fixture
def heeded_ctrl_c() -> Iterator[None]:
    """A child heeds Ctrl-C even where the tests themselves run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def writing(files: Files, *streams: Stream, **config: Any) -> Iterator[subprocess.Popen[bytes]]:
    args = ["write", "--config", files.config(**config), "--catalog", files.catalog(*streams)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *args], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def send(process: subprocess.Popen[bytes], *sent: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"".join(json.dumps(one).encode() + b"\n" for one in sent))
    process.stdin.flush()


def next_of(process: subprocess.Popen[bytes], kind: str) -> dict[str, Any]:
    assert process.stdout is not None
    return next(one for line in process.stdout if (one := json.loads(line))["type"] == kind)


def test_spec_prints_the_form() -> None:
    done = subprocess.run([*COMMAND, "spec"], capture_output=True, check=False)
    output = Output(done.returncode, done.stdout, done.stderr)
    (spec,) = output.of("SPEC")
    assert output.code == 0
    assert "overwrite" not in spec["spec"]["supported_destination_sync_modes"]
    assert spec["spec"]["connectionSpecification"]["properties"]["api_key"]["airbyte_secret"] is True


def test_discover_prints_the_destination_catalog(run: Command, files: Files) -> None:
    output = run("discover", "--config", files.config())
    (message,) = output.of("DESTINATION_CATALOG")
    assert output.code == 0
    assert {one["object_name"] for one in message["destination_catalog"]["operations"]} >= {"users", "content"}


def test_check_says_that_a_config_works_or_what_is_wrong_with_it(run: Command, files: Files) -> None:
    assert (
        run("check", "--config", files.config()).of("CONNECTION_STATUS")[0]["connectionStatus"]["status"] == "SUCCEEDED"
    )
    failed = run("check", "--config", files.config(num_workers=99))
    assert failed.of("CONNECTION_STATUS")[0]["connectionStatus"] == {
        "status": "FAILED",
        "message": "Config validation error: num_workers: 99 is greater than the maximum of 20",
    }
    assert SECRET not in failed.text


@pytest.mark.parametrize("command", ["check", "write", "discover"])
def test_what_a_config_holds_in_a_wrong_place_is_told_without_addresses_and_secrets(
    run: Command, files: Files, command: str
) -> None:
    catalog = ["--catalog", files.catalog(Stream("users"))] if command == "write" else []
    told = run(command, "--config", files.config(namespace="ada.lovelace@example.com"), *catalog)
    assert "namespace: 'a***@***' must be 1 to 40 letters" in told.text
    assert "lovelace" not in told.text
    secret = run(command, "--config", files.config(api_key=[SECRET]), *catalog)
    assert "api_key: the value is not of type 'string'" in secret.text
    assert SECRET not in secret.text


def test_a_secret_that_json_escapes_is_masked_in_a_trace(run: Command, files: Files) -> None:
    secret = 'quo"ted\\key'
    config = files.config(api_key=secret, namespace=secret)
    output = run("write", "--config", config, "--catalog", files.catalog(Stream("users")))
    assert "namespace" in output.expect_failure("config_error")
    assert secret not in output.text
    assert json.dumps(secret)[1:-1] not in output.text


def test_a_secret_of_a_letter_leaves_the_messages_as_they_are(run: Command, files: Files) -> None:
    sent = messages([Stream("users", [USER])])
    catalog = files.catalog(Stream("users"))
    output = run("write", "--config", files.config(api_key="e"), "--catalog", catalog, sent=sent)
    assert output.code == 0, output.text
    assert "sync summary" in output.text
    assert "*" not in "".join(output.lines).replace("a***@***", "")
    failed = run("write", "--config", files.config(api_key="e", batch_size="many"), "--catalog", catalog)
    assert "batch_size: 'many' is not of type 'integer'" in failed.expect_failure("config_error")


def test_a_write_answers_states_as_they_came_and_survives_whatever_is_no_message(run: Command, files: Files) -> None:
    odd = {**state("users", {"cursor": "1.10", "n": None})["state"], "id": 7, "unknown": {"kept": [1]}}
    sent = [
        record("users", USER),
        b"not json at all: ada.lovelace@example.com\n",
        b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": NaN}}}\n',
        {"type": "STATE", "state": odd},
        b"\xff\xfe\n",
        {"type": "STATE", "state": {"type": "STREAM", "stream": "of an odd shape", "id": 8}},
        status("users", "COMPLETE"),
    ]
    output = run("write", "--config", files.config(), "--catalog", files.catalog(Stream("users")), sent=sent)
    assert output.code == 0, output.text
    first, second = (one["state"] for one in output.of("STATE"))
    assert first == {**odd, "destinationStats": {"recordCount": 1.0, "rejectedRecordCount": 1.0}}
    assert (second["stream"], second["id"]) == ("of an odd shape", 8)
    assert [one["code"] for one in reject_lines({"object_storage_config": {"path": str(files.rejects)}})] == [
        "INPUT.JSON"
    ]
    assert SECRET not in output.text
    assert "lovelace" not in output.text


ODD_STATES = [
    '{"n": 12345678901234567890123, "f": 1.10, "e": 1e3, "p": 0.12345678901234567890123}',
    '{"half": "\\ud800", "escaped": "\\u00e9", "plain": "é"}',
    '{"n": NaN, "i": -Infinity}',
    '{"a": ' * 400 + "1" + "}" * 400,
    '{"a": 1, "a": 2}',
]


def test_a_state_comes_back_letter_by_letter(run: Command, files: Files) -> None:
    states = [
        f'{{"id": {number}, "stream": {{"stream_descriptor": {{"name": "users"}}, "stream_state": {odd}}}'
        for number, odd in enumerate(ODD_STATES)
    ]
    sent = [f'{{"type": "STATE", "state": {one}}}, "unknown": 1.10}}\n'.encode() for one in states]
    output = run("write", "--config", files.config(), "--catalog", files.catalog(Stream("users")), sent=sent)
    assert output.code == 0, output.text
    answered = [line for line in output.lines if line.startswith('{"type":"STATE"')]
    stats = '"destinationStats":{"recordCount":0.0}'
    assert answered == [f'{{"type":"STATE","state":{one},{stats}}},"unknown":1.10}}' for one in states]


def test_states_come_out_while_the_input_is_still_open(files: Files) -> None:
    with writing(files, Stream("users"), Stream("content")) as process:
        for number in range(3):
            send(process, record("users", {"email": f"{number}@example.com"}), state("users", {"sent": number}))
            answered = next_of(process, "STATE")["state"]
            assert answered["stream"]["stream_state"] == {"sent": number}
            assert answered["destinationStats"] == {"recordCount": 1.0}
        assert process.poll() is None
        out, err = process.communicate()
    assert process.returncode == 0
    assert b"sync summary" in out
    assert err == b""


@pytest.mark.sweep(kept=1)
@pytest.mark.usefixtures("heeded_ctrl_c")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "cancelled by Airbyte"])
def test_an_interrupted_sync_ends_with_summary_report_and_trace_and_a_code_that_is_a_failure(
    files: Files, how: signal.Signals
) -> None:
    with writing(files, Stream("users")) as process:
        send(process, record("users", USER), state("users", {"sent": 1}))
        next_of(process, "STATE")
        process.send_signal(how)
        assert process.stdout is not None
        assert process.stderr is not None
        output = Output(process.wait(), process.stdout.read(), process.stderr.read())
    assert "interrupted" in output.expect_failure("transient_error")
    assert process.returncode == 1
    assert "sync summary" in output.text
    assert "interrupted" in (files.rejects / "report.html").read_text()
    assert "lovelace" not in output.text


def test_a_failure_while_the_input_is_still_open_ends_the_process_with_its_trace(files: Files) -> None:
    with writing(files, Stream("users"), max_rejected=0, batch_size=2) as process:
        send(process, record("users", USER), state("users", {"sent": 1}), record("users", {"email": "nobody"}))
        assert next_of(process, "STATE")["state"]["stream"]["stream_state"] == {"sent": 1}
        assert process.stdout is not None
        assert process.stderr is not None
        output = Output(process.wait(), process.stdout.read(), process.stderr.read())
    assert "max_rejected" in output.expect_failure("config_error")


def refused(run: Command, files: Files, case: str) -> Output:
    config, catalog = files.config(), files.catalog(Stream("users"))
    sent = list(messages([Stream("users", [USER])]))
    if case == "overwrite":
        catalog = files.catalog(Stream("users", sync_mode="overwrite"))
    elif case == "config against the form":
        config = files.config(batch_size="many")
    elif case == "config that is no JSON":
        config = files.broken("{")
    elif case == "no config file":
        config = str(files.folder / "nowhere.json")
    elif case == "catalog that is none":
        catalog = files.broken('{"streams": 7}')
    return run("write", "--config", config, "--catalog", catalog, sent=sent)


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("overwrite", "would delete learning records"),
        ("config against the form", "batch_size: 'many' is not of type 'integer'"),
        ("config that is no JSON", "config"),
        ("no config file", "config"),
        ("catalog that is none", "catalog"),
    ],
)
def test_what_is_wrong_with_config_or_catalog_is_a_configuration_error(
    run: Command, files: Files, case: str, sentence: str
) -> None:
    output = refused(run, files, case)
    assert sentence in output.expect_failure("config_error")
    assert output.of("STATE") == []
    assert SECRET not in output.text


def test_a_sync_that_fails_at_its_end_has_its_states_out(run: Command, files: Files) -> None:
    courses = [{"external_reference": f"c-{number}", "title": f"Course {number}"} for number in range(3)]
    streams = [Stream("content", courses), Stream("gone", courses[:1], "append_dedup", "content")]
    output = run(
        "write",
        "--config",
        files.config(max_rejected_share=0.1),
        "--catalog",
        files.catalog(*streams),
        sent=[*messages(streams), record("content", {"title": "no reference"})],
    )
    assert len(output.of("STATE")) == 2
    assert "max_rejected_share" in output.expect_failure("config_error")
