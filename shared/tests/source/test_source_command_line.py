"""One command of a source as a process: how it ends, and what it says then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

PRELUDE = """
import sys, threading, time
from airbyte_cdk.models import *
from airbyte_cdk.sources import Source
from airbyte_cdk.utils import AirbyteTracedException
from lms_shared.source.command_line import run_source

class Tiny(Source):
    def spec(self, logger):
        return ConnectorSpecification(connectionSpecification={"type": "object", "properties": {}})
    def check(self, logger, config):
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)
    def discover(self, logger, config):
        return AirbyteCatalog(streams=[])
    def read(self, logger, config, catalog, state=None):
        yield from reading()

def record(number):
    return AirbyteMessage(type=Type.RECORD, record=AirbyteRecordMessage(stream="s", data={"n": number}, emitted_at=1))
def state(number):
    stream = AirbyteStreamState(StreamDescriptor(name="s"), AirbyteStateBlob({"n": number}))
    return AirbyteMessage(type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=stream))

{reading}
run_source(lambda catalog, config, states, path: Tiny(), sys.argv[1:])
"""


@pytest.fixture
def command(tmp_path: Path) -> Any:
    """Starts `read` of a source whose messages a function `reading` gives; files by name may be replaced."""
    files: dict[str, Any] = {"config": {}, "catalog": {"streams": []}, "state": []}

    def start(reading: str, arguments: list[str] | None = None, **changed: str | None) -> subprocess.Popen[str]:
        script = tmp_path / "source.py"
        script.write_text(PRELUDE.replace("{reading}", textwrap.dedent(reading)))
        given = ["read"]
        for name, content in {**{key: json.dumps(value) for key, value in files.items()}, **changed}.items():
            path = tmp_path / f"{name}.json"
            if content is not None:
                path.write_text(content)
            given += [f"--{name}", str(path)]
        return subprocess.Popen(  # the test's own script
            [sys.executable, str(script), *(given if arguments is None else arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def ended(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]], str]:
    out, err = process.communicate()
    return process.returncode, [json.loads(line) for line in out.splitlines()], err


def errors(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m["trace"]["error"] for m in messages if m["type"] == "TRACE" and m["trace"]["type"] == "ERROR"]


NOTHING = "def reading(): return iter(())"


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config", None, "config file cannot be read"),
        ("config", "{", "config file is not valid JSON"),
        ("config", "[]", "JSON object"),
        ("catalog", "no", "catalog file is not valid JSON"),
        ("catalog", "{}", "configured catalog"),
        ("catalog", '{"streams": [{"stream": 1}]}', "configured catalog"),
        ("state", '{"s": {"n": 1}}', "list of Airbyte state messages"),
        ("state", '[{"n": 1}]', "list of Airbyte state messages"),
    ],
)
def test_a_broken_file_ends_with_one_sentence_in_a_trace(
    command: Any, file: str, content: str | None, says: str
) -> None:
    code, messages, err = ended(command(NOTHING, **{file: content}))
    assert code == 1
    (error,) = errors(messages)
    assert says in error["message"]
    assert error["failure_type"] == "config_error"
    assert "Traceback" not in err


def test_help_names_every_command(command: Any) -> None:
    process = command(NOTHING, arguments=["--help"])
    out, _ = process.communicate()
    assert process.returncode == 0
    assert {"spec", "check", "discover", "read"} <= set(
        out.replace("{", " ").replace("}", " ").replace(",", " ").split()
    )


WAITS_FOR_EVER = """
def reading():
    threading.Thread(target=threading.Event().wait).start()  # a worker that waits for an answer
    yield record(1)
    yield state(1)
    yield record(2)
    threading.Event().wait()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_read_that_waits_with_its_states_out(command: Any, number: int) -> None:
    process = command(WAITS_FOR_EVER)
    for line in process.stdout:
        if json.loads(line)["type"] == "STATE":
            break
    os.kill(process.pid, number)
    code, messages, err = ended(process)
    assert code == 1
    (error,) = errors(messages)
    assert error["failure_type"] == "transient_error"
    assert signal.Signals(number).name in error["message"]
    assert "Traceback" not in err


def test_a_signal_ends_a_read_whose_main_thread_cannot_be_reached(command: Any) -> None:
    process = command("""
def reading():
    yield state(1)
    try:
        threading.Event().wait()
    finally:
        threading.Event().wait()
""")
    for line in process.stdout:
        if json.loads(line)["type"] == "STATE":
            break
    process.terminate()
    assert process.wait() == 1


def test_a_signal_that_comes_just_before_the_main_thread_waits_is_not_lost(command: Any) -> None:
    # Of a signal that another thread gets, the main thread hears nothing while it waits; so it is in that moment.
    process = command("""
import signal

def send(other):
    main, looks = threading.main_thread().ident, 0
    while looks < 20:  # one look may find it on its way into the wait
        waits = sys._current_frames()[main].f_code is threading.Condition.wait.__code__
        looks = looks + 1 if waits else 0
        time.sleep(0.01)
    signal.pthread_kill(other, signal.SIGTERM)

def reading():
    yield state(1)
    other = threading.Thread(target=threading.Event().wait, daemon=True)
    other.start()
    threading.Thread(target=send, args=(other.ident,), daemon=True).start()
    threading.Event().wait()
""")
    code, messages, _ = ended(process)
    assert code == 1
    (error,) = errors(messages)
    assert "SIGTERM" in error["message"]


def test_a_reader_that_goes_away_ends_the_command_quietly(command: Any) -> None:
    process = command("""
def reading():
    while True:
        yield record(1)
""")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 1
    assert process.stderr.read() == ""


def test_a_bug_is_a_system_error_without_addresses(command: Any) -> None:
    code, messages, err = ended(
        command("""
def reading():
    raise KeyError("ada.lovelace@example.com")
    yield
""")
    )
    assert code == 1
    assert [error["failure_type"] for error in errors(messages)] == ["system_error"]
    assert "lovelace" not in json.dumps(messages) + err


def test_a_failure_that_a_stream_reported_is_not_said_again(command: Any) -> None:
    code, messages, _ = ended(
        command("""
from lms_shared.source.failures import failures_said_once
def trouble():
    error = AirbyteTracedException(message="The server is down.", failure_type=FailureType.transient_error)
    return error.as_airbyte_message(stream_descriptor=StreamDescriptor(name="s"))
def closing():
    yield trouble()
    yield state(1)
    yield trouble()
    raise AirbyteTracedException(message="streams failed", failure_type=FailureType.config_error)
def reading():
    return failures_said_once(closing())
""")
    )
    assert code == 1
    assert [(error["failure_type"], error["message"]) for error in errors(messages)] == [
        ("transient_error", "The server is down.")
    ]
    assert [m["state"]["stream"]["stream_state"] for m in messages if m["type"] == "STATE"] == [{"n": 1}]


def test_a_read_that_ends_well_exits_with_zero_although_a_thread_still_waits(command: Any) -> None:
    code, messages, _ = ended(
        command("""
def reading():
    threading.Thread(target=threading.Event().wait).start()
    yield record(1)
""")
    )
    assert (code, [m["type"] for m in messages if m["type"] != "LOG"]) == (0, ["RECORD"])
