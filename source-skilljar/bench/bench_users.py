"""Reads very many users: rows per second, requests per record, peak memory.

The users are made up page by page by a server of the bench's own. The baseline of memory is the same read of one page,
so the difference is what the rows cost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lms_shared.dev.benchmarks.rows import Measured as Row
from lms_shared.dev.benchmarks.rows import arguments, tell

ROW = (
    b'{"user": {"id": "u%07d", "email": "user%d@example.com", "first_name": "Ada", "last_name": "Lovelace"}, '
    b'"registration_count": 3, "completion_count": 2, "signed_up_at": "2024-01-01T00:00:00Z", '
    b'"latest_activity": "2025-06-%02dT10:00:00.%06dZ", "inactive_at": null}'
)
BASELINE_ROWS = 10_000
PEAK_ROOM_MIB = 60


class Users(BaseHTTPRequestHandler):
    """`GET /v1/users` with cursor paging."""

    protocol_version = "HTTP/1.1"
    rows = 0

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        size = min(int(query.get("page_size", ["1000"])[0]), 10_000)
        start = int(query.get("cursor", ["0"])[0])
        end = min(start + size, self.rows)
        rows = b", ".join(ROW % (n, n, n % 28 + 1, n % 1_000_000) for n in range(start, end))
        host = self.headers["Host"]
        following = f'"http://{host}/v1/users?cursor={end}&page_size={size}"' if end < self.rows else "null"
        body = b'{"count": %d, "next": %b, "previous": null, "results": [%b]}' % (self.rows, following.encode(), rows)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.requests += 1  # type: ignore[attr-defined] # counted where it is served

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a line per request would drown the result."""


@dataclass(frozen=True)
class Measured:
    """One read by the connector in a process of its own."""

    rows: int
    requests: int
    seconds: float
    peak_mib: float
    cpu_seconds: float


def measure(rows: int) -> Measured:
    """Read `rows` users; raises RuntimeError when the connector fails or rows are missing."""
    handler = type("SoManyUsers", (Users,), {"rows": rows})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.requests = 0  # type: ignore[attr-defined] # counted where it is served
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _read(server, rows, Path(folder))
    finally:
        server.shutdown()
        server.server_close()


def _read(server: ThreadingHTTPServer, rows: int, folder: Path) -> Measured:
    stream = {"name": "users", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    configured = {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}
    base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    files = {"config": {"api_key": "bench", "base_url": base_url}, "catalog": {"streams": [configured]}}
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    command = [str(Path(sys.executable).with_name("source-skilljar")), "read"]
    command += [part for name in files for part in (f"--{name}", str(folder / name))]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # it is a pipe
        records = sum(line.startswith(b'{"type":"RECORD"') for line in process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    if process.returncode != 0 or records != rows:
        raise RuntimeError(f"{records} of {rows} rows, exit code {process.returncode}")
    requests: int = server.requests  # type: ignore[attr-defined] # counted where it is served
    return Measured(records, requests, seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def main() -> None:
    """Measure and print; fails when the rows do cost memory."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, help="200,000 by default, or a million")
    given = parser.parse_args()
    baseline = measure(BASELINE_ROWS)
    result = measure(given.rows or (1_000_000 if given.large else 200_000))
    growth = result.peak_mib - baseline.peak_mib
    print(f"users                     {result.rows:,}")
    print(f"requests                  {result.requests:,} ({result.requests / result.rows:.5f} per record)")
    print(f"rows per second           {result.rows / result.seconds:,.0f} ({result.seconds:.1f} s, start included)")
    print(f"peak memory               {result.peak_mib:.0f} MiB")
    print(f"baseline, {BASELINE_ROWS:,} rows     {baseline.peak_mib:.0f} MiB, difference {growth:+.0f} MiB")
    work, small = f"source-skilljar, {result.rows:,} users", f"{BASELINE_ROWS:,} users"
    tell(Row(work, result.peak_mib, "MiB of memory", small, baseline.peak_mib, 1.25 * baseline.peak_mib))
    if growth > PEAK_ROOM_MIB:
        raise SystemExit(f"The rows cost {growth:.0f} MiB; {PEAK_ROOM_MIB} MiB are allowed.")


if __name__ == "__main__":
    main()
