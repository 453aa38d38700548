"""Reads course progress from the sandbox: requests per record, rows per second, peak memory.

The baseline of memory is the same read of 1,000 rows, so the difference is what the rows cost.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lms_shared.dev.sandbox.pluralsight.options import DEMO_KEY
from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer

COURSES = 200
BASELINE_ROWS = 1_000
STREAM = "course_progress"
PEAK_ROOM_MIB = 60


@dataclass(frozen=True)
class Measured:
    """One read by the connector in a process of its own."""

    rows: int
    requests: int
    seconds: float
    peak_mib: float


def measure(rows: int, page_size: int) -> Measured:
    """Read `rows` rows; raises RuntimeError when the connector fails or rows are missing."""
    sandbox = PluralsightSandbox(users=rows // COURSES + 1, courses=COURSES, progress=rows)
    with SandboxServer(sandbox) as server, tempfile.TemporaryDirectory() as folder:
        config = {
            "api_key": DEMO_KEY,
            "partner_name": "Bench",
            "endpoint": f"{server.url}/graphql",
            "page_size": page_size,
        }
        stream = {"name": STREAM, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
        configured = {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}
        files = {"config": config, "catalog": {"streams": [configured]}}
        for name, content in files.items():
            Path(folder, name).write_text(json.dumps(content))
        command = [str(Path(sys.executable).with_name("source-pluralsight")), "read"]
        command += [part for name in files for part in (f"--{name}", str(Path(folder, name)))]
        started = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None  # it is a pipe
            records = sum(line.startswith(b'{"type":"RECORD"') for line in process.stdout)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        if process.returncode != 0 or records != rows:
            raise RuntimeError(f"{records} of {rows} rows, exit code {process.returncode}")
        return Measured(records, server.requests.total, seconds, usage.ru_maxrss / 1024)


def main() -> None:
    """Measure and print; fails when the rows do cost memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--page-size", type=int, default=1_000)
    arguments = parser.parse_args()
    baseline = measure(BASELINE_ROWS, arguments.page_size)
    result = measure(arguments.rows, arguments.page_size)
    growth = result.peak_mib - baseline.peak_mib
    print(f"rows                      {result.rows:,}")
    print(f"requests                  {result.requests:,} ({result.requests / result.rows:.5f} per record)")
    print(f"rows per second           {result.rows / result.seconds:,.0f} ({result.seconds:.1f} s, start included)")
    print(f"peak memory               {result.peak_mib:.0f} MiB")
    print(f"baseline, {BASELINE_ROWS:,} rows      {baseline.peak_mib:.0f} MiB, difference {growth:+.0f} MiB")
    if growth > PEAK_ROOM_MIB:
        sys.exit(f"Memory grows with the rows: more than {PEAK_ROOM_MIB} MiB over the baseline.")


if __name__ == "__main__":
    main()
