"""Syncs and pretend LMSs in processes of their own, so that what is measured is the connector alone."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS, Vendor

EMPTY = {"skilljar": ("--skilljar-users", "0", "--skilljar-courses", "0"), "pluvo": ("--pluvo-users", "0")}
UNLIMITED = 1_000_000_000
STATE_EVERY = 10_000
_REQUESTS = re.compile(r'sync summary .*?\\?"requests\\?": (\d+)')


@dataclass(frozen=True)
class Cost:
    """What a process took from its start to its end; `calls` where they are known."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    calls: int | None = None


@dataclass(frozen=True)
class Lms:
    """A pretend LMS in another process."""

    url: str
    config: Mapping[str, Any]
    """A config of its destination, with a quota that nothing uses up."""
    _questions: Connection

    def answer_after(self, seconds: float) -> None:
        """Sets the latency of each request."""
        self._questions.send(seconds)
        self._questions.recv()

    def requests(self) -> int:
        """Requests since the last time this was asked."""
        self._questions.send("requests")
        return int(self._questions.recv())


@contextmanager
def served(name: str, *options: str) -> Iterator[Lms]:
    """An LMS with options of `lms-sandbox`; empty without any."""
    given = options or EMPTY[name]
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(name, given, theirs), daemon=True)
    process.start()
    quota = {"requests_per_minute": UNLIMITED} | ({"requests_per_hour": UNLIMITED} if name == "skilljar" else {})
    try:
        url = str(ours.recv())
        yield Lms(url, {**_vendor(name).config(build_parser().parse_args(given), url), **quota}, ours)
    finally:
        ours.send("end")
        process.join()


def _vendor(name: str) -> Vendor:
    return next(one for one in VENDORS if one.name == name)


def _serve(name: str, options: tuple[str, ...], questions: Connection) -> None:
    with SandboxServer(_vendor(name).build(build_parser().parse_args(options))) as server:
        questions.send(server.url)
        while (asked := questions.recv()) != "end":
            if asked == "requests":
                questions.send(server.requests.total)
                server.requests.reset()
            else:
                server.latency = asked
                questions.send("set")


def learners(count: int) -> Iterator[dict[str, Any]]:
    """Records of so many learners."""
    for number in range(count):
        named = {"name": f"Learner {number}", "external_reference": f"e-{number}"}
        yield {"email": f"learner{number}@example.com", **named}


def lines(stream: str, records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """What a source sends: the records, with a state now and then and one at the end."""
    number = 0
    for number, data in enumerate(records, 1):
        yield orjson.dumps({"type": "RECORD", "record": {"stream": stream, "emitted_at": 1, "data": data}}) + b"\n"
        if number % STATE_EVERY == 0:
            yield _state(stream, number)
    yield _state(stream, number)


def _state(stream: str, sent: int) -> bytes:
    body = {"stream_descriptor": {"name": stream}, "stream_state": {"sent": sent}}
    return orjson.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": body}}) + b"\n"


def written(connector: str, config: Mapping[str, Any], stream: str, records: Iterable[Mapping[str, Any]]) -> Cost:
    """A write of records of one object by a connector. Raises RuntimeError when it fails."""
    described = {"name": stream, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    configured = {"stream": described, "sync_mode": "full_refresh", "destination_sync_mode": "append_dedup"}
    files: dict[str, Any] = {"config": config, "catalog": {"streams": [configured]}}
    with tempfile.TemporaryDirectory() as folder:
        given = [str(Path(sys.executable).with_name(connector)), "write"]
        for name, content in files.items():
            Path(folder, name).write_text(json.dumps(content))
            given += [f"--{name}", str(Path(folder, name))]
        cost, printed = command(given, lines(stream, records))
    calls = sum(int(one) for one in _REQUESTS.findall(printed))
    return Cost(cost.seconds, cost.cpu_seconds, cost.peak_mib, calls)


def command(arguments: list[str], sent: Iterable[bytes] = ()) -> tuple[Cost, str]:
    """What a command takes that reads lines, and what it prints. Raises RuntimeError when it fails."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as printed:
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=printed) as process:  # noqa: S603
            assert process.stdin is not None  # it is a pipe
            process.stdin.writelines(sent)
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        printed.seek(0)
        text = printed.read().decode()
    if process.returncode != 0:
        raise RuntimeError(f"{arguments[0]} ended with exit code {process.returncode}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), text
