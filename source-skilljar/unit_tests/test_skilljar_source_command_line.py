"""The installed command: exit codes, clean output, secrets."""

from __future__ import annotations

from pathlib import Path

from lms_shared.dev.testing.source_commands import SourceCommandSuite, succeeds


class TestCommand(SourceCommandSuite):
    command = "source-skilljar"
    streams = ("domains", "published_courses")


def test_memory_does_not_grow_with_the_rows() -> None:
    succeeds(Path(__file__).parents[1] / "bench" / "bench_users.py", "--rows", "40000")
