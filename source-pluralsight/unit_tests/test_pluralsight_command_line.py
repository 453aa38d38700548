"""The installed command: exit codes, clean output, secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.source_commands import Command, SourceCommandSuite, catalog, succeeds


class TestCommand(SourceCommandSuite):
    command = "source-pluralsight"
    streams = ("users", "tags")

    def test_a_stream_that_there_is_not_fails_the_read_and_lets_the_others_complete(
        self, run: Command, serve: Any
    ) -> None:
        code, messages, _ = run("read", config=serve().config(), catalog=catalog("no_such_list", "users"))
        statuses = [m["trace"]["stream_status"] for m in messages if m.get("trace", {}).get("type") == "STREAM_STATUS"]
        ends = {status["stream_descriptor"]["name"]: status["status"] for status in statuses}
        assert code != 0
        assert ends == {"no_such_list": "INCOMPLETE", "users": "COMPLETE"}


@pytest.mark.sweep
def test_memory_does_not_grow_with_the_rows() -> None:
    succeeds(Path(__file__).parents[1] / "bench" / "bench_read.py", "--rows", "20000", "--latency", "0")
