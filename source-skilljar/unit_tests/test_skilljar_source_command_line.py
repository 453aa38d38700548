"""The installed command: exit codes, clean output, secrets."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lms_shared.dev.testing.source_commands import SourceCommandSuite, succeeds


class TestCommand(SourceCommandSuite):
    command = "source-skilljar"
    streams = ("domains", "published_courses")


def test_e_mail_addresses_are_masked_in_logs_of_any_origin() -> None:
    script = "import logging; from source_skilljar.run import mask_logs; mask_logs(); "
    script += "logging.getLogger('airbyte.library').warning('row of %s', 'ada.lovelace@example.com')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "row of a***@***" in done.stdout
    assert "lovelace" not in done.stdout + done.stderr


def test_memory_does_not_grow_with_the_rows() -> None:
    succeeds(Path(__file__).parents[1] / "bench" / "bench_users.py", "--rows", "40000")
