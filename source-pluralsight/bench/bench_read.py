"""Reads course progress from the sandbox: wall time under latency, requests, CPU time, memory, and what a kill costs.

Under latency the pretend API gives answers that it has made before: making a page takes it a tenth of a second, one
after the other, and that is not what is measured. The baselines of the same run are a bare loop over the pages with
`requests` (wall and CPU time), and the read of 1,000 rows (memory, so the difference is what the rows cost). The
pretend API answers in a process of its own, as far away as a real one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lms_shared.dev.benchmarks.rows import Measured as Row
from lms_shared.dev.benchmarks.rows import arguments, tell
from lms_shared.dev.sandbox.pluralsight.options import DEMO_KEY, PluralsightOptions
from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer

COURSES = 200
BASELINE_ROWS = 1_000
STREAM = "course_progress"
PEAK_ROOM_MIB = 60
MOST_SECONDS, MOST_CPU = {4: 24.0, 8: 14.0}, 5.0
"""Of a read of so many rows as below, with such a latency, by the number of workers; and seconds of CPU."""
ROWS_OF_LIMITS, LATENCY_OF_LIMITS = 200_000, 0.3
MOST_AGAIN = 0.7
"""Share of the rows that is read again after a kill: what was left, and the windows in flight."""
FIELDS = (
    "psUserId user { psUserId email } courseId courseIdNum course { id idNum title } percentComplete isCourseCompleted"
    " completedOn courseSeconds totalWatchedSeconds totalClipsWatched firstViewedClipOn lastViewedClipOn planId"
    " updatedOn"
)
QUERY = (
    "query ($first: Int!, $after: String) { courseProgress(first: $first, after: $after) "
    f"{{ totalCount pageInfo {{ endCursor hasNextPage }} nodes {{ {FIELDS} }} }} }}"
)


@dataclass(frozen=True)
class Measured:
    """One read in a process of its own, from its start to its end."""

    rows: int
    requests: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    states: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Served:
    """A pretend API in another process."""

    url: str
    _questions: Connection

    def requests(self) -> int:
        """Requests since the last call."""
        self._questions.send("requests")
        return int(self._questions.recv())

    def slow_down(self, latency: float) -> None:
        """Lets each request take so many seconds more from now on."""
        self._questions.send(latency)
        self._questions.recv()


class Remembering:
    """An app that gives the answer to a request that it had before as it gave it then."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._known: dict[bytes, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = await receive()
        while request.get("more_body"):
            more = await receive()
            request = {**more, "body": request["body"] + more["body"]}
        answer = self._known.get(request["body"])
        if answer is None:
            answer = []

            async def ask() -> Message:
                return request

            async def keep(message: Message) -> None:
                answer.append(message)

            await self._app(scope, ask, keep)
            self._known[request["body"]] = answer
        for message in answer:
            await send(message)


@contextmanager
def served(rows: int) -> Iterator[Served]:
    """Serves a plan with so many progress rows."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(rows, theirs), daemon=True)
    process.start()
    try:
        yield Served(str(ours.recv()), ours)
    finally:
        ours.send("end")
        process.join()


def _serve(rows: int, questions: Connection) -> None:
    # At the same time the same windows are asked for.
    options = PluralsightOptions(clock=datetime.now(UTC))
    sandbox: Any = PluralsightSandbox(users=rows // COURSES + 1, courses=COURSES, progress=rows, options=options)
    sandbox.app = Remembering(sandbox.app)
    with SandboxServer(sandbox) as server:
        questions.send(server.url)
        while (asked := questions.recv()) != "end":
            if asked == "requests":
                questions.send(server.requests.total)
                server.requests.reset()
            else:
                server.latency = asked
                questions.send(None)


def read(site: Served, workers: int, state: dict[str, Any] | None = None, stop_after: int | None = None) -> Measured:
    """Reads with the connector; `stop_after` kills it after so many rows. Raises RuntimeError when it fails."""
    stream = {"name": STREAM, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    configured = {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}
    endpoint = f"{site.url}/graphql"
    files: dict[str, Any] = {
        "config": {"api_key": DEMO_KEY, "partner_name": "Bench", "endpoint": endpoint, "num_workers": workers},
        "catalog": {"streams": [configured]},
    }
    if state is not None:
        blob = {"stream_descriptor": {"name": STREAM}, "stream_state": state}
        files["state"] = [{"type": "STREAM", "stream": blob}]
    site.requests()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).with_name("source-pluralsight")), "read"]
        for name, content in files.items():
            path = Path(folder, name)
            path.write_text(json.dumps(content))
            command += [f"--{name}", str(path)]
        return _run(site, command, stop_after)


def _run(site: Served, command: list[str], stop_after: int | None) -> Measured:
    started, rows, states = time.monotonic(), 0, []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # it is a pipe
        for line in process.stdout:
            if line.startswith(b'{"type":"RECORD"'):
                rows += 1
                if rows == stop_after:
                    process.send_signal(signal.SIGKILL)
                    break
            elif line.startswith(b'{"type":"STATE"'):
                states.append(orjson.loads(line)["state"]["stream"]["stream_state"])
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if stop_after is None and process.returncode != 0:
        raise RuntimeError(f"The read ended with exit code {process.returncode} after {rows} rows.")
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(rows, site.requests(), time.monotonic() - started, cpu, usage.ru_maxrss / 1024, tuple(states))


def bare_loop(site: Served, page_size: int = 1000) -> Measured:
    """One page after the other, each row printed as JSON, and nothing else."""
    site.requests()
    script = (
        "import orjson, requests, sys\n"
        f"url, query, key, size = {f'{site.url}/graphql'!r}, {QUERY!r}, {DEMO_KEY!r}, {page_size}\n"
        "session, after = requests.Session(), None\n"
        "session.headers['Authorization'] = 'Bearer ' + key\n"
        "while True:\n"
        "    body = {'query': query, 'variables': {'first': size, 'after': after}}\n"
        "    page = orjson.loads(session.post(url, json=body).content)['data']['courseProgress']\n"
        "    for row in page['nodes']:\n"
        '        sys.stdout.write(\'{"type":"RECORD","data":\' + orjson.dumps(row).decode() + \'}\\n\')\n'
        "    after = page['pageInfo']['endCursor']\n"
        "    if not page['pageInfo']['hasNextPage']:\n"
        "        break\n"
    )
    return _run(site, [sys.executable, "-c", script], None)


def main() -> None:
    """Measures and prints; fails when rows are missing or cost memory, or when a kill costs more than open windows."""
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--latency", type=float, default=0.3, help="seconds a request")
    parser.add_argument("--workers", type=int, nargs="+", default=[4, 8])
    given = parser.parse_args()
    rows = given.rows
    work = f"source-pluralsight, {rows:,} progress rows"
    with served(BASELINE_ROWS) as site:
        small = read(site, 4)
    with served(rows) as site:
        whole, bare = read(site, 4), bare_loop(site)
    require(whole.rows >= rows and bare.rows == rows, f"{whole.rows:,} of {rows:,} rows came.")
    growth = whole.peak_mib - small.peak_mib
    print(f"{rows:,} rows, no latency    CPU {whole.cpu_seconds:.1f} s (bare loop {bare.cpu_seconds:.1f} s)")
    print(f"peak memory             {whole.peak_mib:.0f} MiB, {growth:+.0f} MiB against {BASELINE_ROWS:,} rows")
    limit = MOST_CPU * rows / ROWS_OF_LIMITS
    tell(Row(work, whole.cpu_seconds, "seconds of CPU", "a bare loop", bare.cpu_seconds, limit))
    require(growth <= PEAK_ROOM_MIB, f"Memory grows with the rows: more than {PEAK_ROOM_MIB} MiB over the baseline.")
    if given.latency:
        with served(rows) as site:
            bare_loop(site)
            for workers in given.workers:
                read(site, workers)
            site.slow_down(given.latency)
            bare = bare_loop(site)
            print(f"bare loop, {given.latency * 1000:.0f} ms a page {bare.seconds:.1f} s, {bare.requests} requests")
            for workers in given.workers:
                one = read(site, workers)
                ratio = one.seconds / bare.seconds
                print(f"{workers} workers               {one.seconds:.1f} s ({ratio:.2f}), {one.requests} requests")
                named = f"{work}, {given.latency * 1000:.0f} ms a page, {workers} workers"
                most = MOST_SECONDS.get(workers)
                limit = None if most is None else most * rows / ROWS_OF_LIMITS * given.latency / LATENCY_OF_LIMITS
                tell(Row(named, one.seconds, "seconds", "a bare loop", bare.seconds, limit))
                tell(Row(named, one.requests, "calls", "a bare loop", bare.requests))
    with served(rows) as site:
        killed = read(site, 4, stop_after=rows * 9 // 10)
        rest = read(site, 4, killed.states[-1] if killed.states else None)
    print(
        f"killed at 90 %          {len(killed.states)} states; the next sync reads {rest.rows / rows:.0%} of the rows"
    )
    tell(Row(f"{work}, killed at 90 %, read again", rest.rows, "rows", "all", rows, rows * MOST_AGAIN))
    require(rest.rows < rows * MOST_AGAIN, "A kill costs more than the windows in flight.")


def require(holds: bool, otherwise: str) -> None:
    """Ends the benchmark where something does not hold."""
    if not holds:
        sys.exit(otherwise)


if __name__ == "__main__":
    main()
