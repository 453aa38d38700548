"""Peak memory of each connector as the records grow, in the first sync and in the second: it must stay nearly flat.

A sync is a process of its own; the pretend LMS answers in another one. `--sizes 5000,100000,1000000` shows the whole
way; it takes hours, since the pretend LMS has to hold a million learners.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson

from lms_shared.dev.sandbox.cli import build_parser
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.vendors import VENDORS, Vendor

ROOT = Path(__file__).parents[2]
MOST_GROWTH = 0.25
STATE_EVERY = 10_000
EMPTY = {"skilljar": ("--skilljar-users", "0", "--skilljar-courses", "0"), "pluvo": ()}
UNLIMITED = 1_000_000_000


def _vendor(name: str) -> Vendor:
    return next(one for one in VENDORS if one.name == name)


def _serve(name: str, questions: Connection) -> None:
    with SandboxServer(_vendor(name).build(build_parser().parse_args(EMPTY[name]))) as server:
        questions.send(server.url)
        questions.recv()


@contextmanager
def empty_lms(name: str) -> Iterator[str]:
    """The address of an empty pretend LMS in another process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(name, theirs), daemon=True)
    process.start()
    try:
        yield str(ours.recv())
    finally:
        ours.send("end")
        process.join()


def learners(count: int) -> Iterator[bytes]:
    """Messages of so many learners, with a state now and then."""
    for number in range(count):
        data = {
            "email": f"learner{number}@example.com",
            "name": f"Learner {number}",
            "external_reference": f"e-{number}",
        }
        yield orjson.dumps({"type": "RECORD", "record": {"stream": "users", "emitted_at": 1, "data": data}}) + b"\n"
        if number % STATE_EVERY == STATE_EVERY - 1 or number == count - 1:
            stream = {"stream_descriptor": {"name": "users"}, "stream_state": {"sent": number + 1}}
            yield orjson.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": stream}}) + b"\n"


def written(command: str, config: dict[str, Any], count: int) -> float:
    """Peak memory in MiB of a write of so many learners. Raises RuntimeError when it fails."""
    stream = {"name": "users", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    configured = {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append_dedup"}
    files: dict[str, Any] = {"config": config, "catalog": {"streams": [configured]}}
    with tempfile.TemporaryDirectory() as folder:
        arguments = [str(Path(sys.executable).with_name(command)), "write"]
        for name, content in files.items():
            Path(folder, name).write_text(json.dumps(content))
            arguments += [f"--{name}", str(Path(folder, name))]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
            assert process.stdin is not None  # it is a pipe
            process.stdin.writelines(learners(count))
            process.stdin.close()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with exit code {process.returncode}")
    return usage.ru_maxrss / 1024


def destination(name: str, count: int) -> tuple[float, ...]:
    """Peaks of the first and the second sync of the same learners."""
    with empty_lms(name) as url:
        arguments = build_parser().parse_args(EMPTY[name])
        quota = {"requests_per_minute": UNLIMITED} | ({"requests_per_hour": UNLIMITED} if name == "skilljar" else {})
        config = {**_vendor(name).config(arguments, url), **quota}
        return tuple(written(f"destination-{name}", config, count) for _ in range(2))


def _bench(path: str) -> ModuleType:
    # By its folder, so that the processes which it starts can import it, too.
    folder = str((ROOT / path).parent)
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(Path(path).stem)


def source_pluralsight(count: int) -> tuple[float, ...]:
    """Peaks of a first read, and of a second from its last state."""
    bench = _bench("source-pluralsight/bench/bench_read.py")
    with bench.served(count, 0.0) as site:
        first = bench.read(site, workers=4)
        return first.peak_mib, bench.read(site, workers=4, state=first.states[-1]).peak_mib


def source_skilljar(count: int) -> tuple[float, ...]:
    """The peak of a read of so many users; they have no stamp, so a second one reads them all as well."""
    return (_bench("source-skilljar/bench/bench_users.py").measure(count).peak_mib,)


MEASURES: dict[str, Callable[[int], tuple[float, ...]]] = {
    "source-pluralsight": source_pluralsight,
    "source-skilljar": source_skilljar,
    "destination-skilljar": lambda count: destination("skilljar", count),
    "destination-pluvo": lambda count: destination("pluvo", count),
}


def main() -> None:
    """Measures and prints; fails where the records cost too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5000,20000", help="records, from few to many")
    parser.add_argument("--only", choices=MEASURES, action="append", help="a connector; by default all")
    arguments = parser.parse_args()
    sizes = [int(one) for one in arguments.sizes.split(",")]
    grown = []
    for name in arguments.only or MEASURES:
        peaks = [MEASURES[name](size) for size in sizes]
        for number, run in enumerate(zip(*peaks, strict=True)):
            shown = ", ".join(f"{size:,}: {peak:.0f} MiB" for size, peak in zip(sizes, run, strict=True))
            growth = run[-1] / run[0] - 1
            print(f"{name}, sync {number + 1}: {shown} ({growth:+.0%})", flush=True)
            if growth >= MOST_GROWTH:
                grown.append(f"{name}, sync {number + 1}")
    if grown:
        raise SystemExit(f"Memory grows by {MOST_GROWTH:.0%} or more: {'; '.join(grown)}.")


if __name__ == "__main__":
    main()
