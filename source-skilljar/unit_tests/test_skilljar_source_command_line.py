"""The installed command: exit codes, clean output, secrets, signals."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.source_commands import SourceCommandSuite, catalog, succeeds

SLOW_DOWN = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"


class TestCommand(SourceCommandSuite):
    command = "source-skilljar"
    streams = ("domains", "published_courses")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("answer", [b"", SLOW_DOWN], ids=["no answer", "Retry-After of ten minutes"])
def test_a_signal_ends_a_read_that_waits(tmp_path: Path, answer: bytes, number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        config = {"api_key": "k", "base_url": f"http://127.0.0.1:{server.getsockname()[1]}/v1"}
        for name, content in (("config", config), ("catalog", catalog("labels"))):
            (tmp_path / name).write_text(json.dumps(content))
        files = [part for name in ("config", "catalog") for part in (f"--{name}", str(tmp_path / name))]
        process = ConnectorProcesses("source_skilljar.run:run", tmp_path).start("read", *files)
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(answer)
            os.kill(process.pid, number)
            assert process.wait() == 1
    errors = [message["trace"]["error"] for message in process.of("TRACE") if message["trace"]["type"] == "ERROR"]
    assert [error["failure_type"] for error in errors] == ["transient_error"]
    assert number.name in errors[0]["message"]


@pytest.mark.sweep
def test_memory_does_not_grow_with_the_rows() -> None:
    succeeds(Path(__file__).parents[1] / "bench" / "bench_users.py", "--rows", "40000")
