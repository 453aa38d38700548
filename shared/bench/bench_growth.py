"""What a sync costs as the records grow, the first one and again unchanged: calls, CPU and peak memory.

A sync is a process of its own; the pretend LMS answers in another one. Learners are written without a place for
reports, and again with a folder for them. The CPU of a record is what many take beyond few, and its baseline the CDK's
loop over the same lines; the baseline of memory is the same sync of few records. `--large` takes an hour, and
`--sizes 5000,100000,1000000` many, since the pretend LMS has to hold a million learners.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

from lms_shared.dev.benchmarks.processes import Cost, command, learners, lines, served, written
from lms_shared.dev.benchmarks.rows import Measured, Point, arguments, tell

ROOT = Path(__file__).parents[2]
SIZES, LARGE_SIZES = "100,1000,5000,20000", "100,1000,5000,100000"
FEW = 5_000
"""Records against whose memory that of many is measured."""
MOST_GROWTH = 0.25
MOST_CPU = 0.15
"""Milliseconds a record, without the start of the process."""
STATE_EVERY = 10_000


@cache
def parse_loop(count: int) -> float:
    """Seconds of CPU that the CDK's loop over the lines of so many learners takes."""
    script = (
        "import sys, time\n"
        "from airbyte_cdk.models import AirbyteMessageSerializer\n"
        "import orjson\n"
        "begun = time.process_time()\n"
        "for line in sys.stdin.buffer:\n"
        "    AirbyteMessageSerializer.load(orjson.loads(line))\n"
        "print(time.process_time() - begun)\n"
    )
    _, printed = command([sys.executable, "-c", script], lines("users", learners(count)))
    return float(printed)


def destination(name: str, count: int) -> dict[str, Cost]:
    """The first sync of learners, the same again, and again with a folder for reports."""
    with served(name) as lms, tempfile.TemporaryDirectory() as folder:
        config = lms.config
        storage = {"storage_type": "LOCAL", "path": folder}
        connector = f"destination-{name}"
        return {
            FIRST: written(connector, config, "users", learners(count)),
            AGAIN: written(connector, config, "users", learners(count)),
            REPORTED: written(connector, {**config, "object_storage_config": storage}, "users", learners(count)),
        }


def _bench(path: str) -> ModuleType:
    # By its folder, so that the processes which it starts can import it, too.
    folder = str((ROOT / path).parent)
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(Path(path).stem)


def source_pluralsight(count: int) -> dict[str, Cost]:
    """A first read, and a second from its last state."""
    bench = _bench("source-pluralsight/bench/bench_read.py")
    with bench.served(count, 0.0) as site:
        first = bench.read(site, workers=4)
        again = bench.read(site, workers=4, state=first.states[-1])
    return {
        name: Cost(one.seconds, one.cpu_seconds, one.peak_mib, one.requests)
        for name, one in ((FIRST, first), (AGAIN, again))
    }


def source_skilljar(count: int) -> dict[str, Cost]:
    """A read of so many users; they have no stamp, so a second one reads them all as well."""
    read = _bench("source-skilljar/bench/bench_users.py").measure(count)
    return {FIRST: Cost(read.seconds, read.cpu_seconds, read.peak_mib, read.requests)}


FIRST, AGAIN, REPORTED = "first sync", "again", "again, with reports"
MEASURES: dict[str, Callable[[int], dict[str, Cost]]] = {
    "source-pluralsight": source_pluralsight,
    "source-skilljar": source_skilljar,
    "destination-skilljar": lambda count: destination("skilljar", count),
    "destination-pluvo": lambda count: destination("pluvo", count),
}


def main() -> None:
    """Measures and prints; fails where memory grows too much."""
    parser = arguments(__doc__)
    parser.add_argument("--sizes", default="", help="records, from few to many")
    parser.add_argument("--only", choices=MEASURES, action="append", help="a connector; by default all")
    given = parser.parse_args()
    sizes = [int(one) for one in (given.sizes or (LARGE_SIZES if given.large else SIZES)).split(",")]
    grown = []
    for name in given.only or MEASURES:
        costs = {size: MEASURES[name](size) for size in sizes}
        for sync in costs[sizes[0]]:
            grown += _told(name, sync, {size: one[sync] for size, one in costs.items()})
    if grown:
        raise SystemExit(f"Memory grows by {MOST_GROWTH:.0%} or more: {'; '.join(grown)}.")


def _told(name: str, sync: str, costs: dict[int, Cost]) -> list[str]:
    """Tells what a sync of each size costs; its name where its memory grows too much."""
    line = f"{name}, {sync}"
    for size, one in costs.items():
        print(f"{line}, {size:,} records: {one.cpu_seconds:.1f} s CPU, {one.peak_mib:.0f} MiB, {one.calls} calls")
        tell(Point("CPU seconds over records", line, size, one.cpu_seconds))
        tell(Point("MiB of memory over records", line, size, one.peak_mib))
        if one.calls is not None and sync != REPORTED:
            tell(Point("Calls over records", line, size, one.calls))
    many = max(costs)
    few = max((size for size in costs if size <= FEW), default=min(costs))
    limit = (1 + MOST_GROWTH) * costs[few].peak_mib
    work = f"{line}, {many:,} records"
    tell(Measured(work, costs[many].peak_mib, "MiB of memory", f"{few:,} records", costs[few].peak_mib, limit))
    if name.startswith("destination") and sync != FIRST:
        least = min(costs)
        each = 1000 * (costs[many].cpu_seconds - costs[least].cpu_seconds) / (many - least)
        loop = 1000 * parse_loop(many) / many
        tell(Measured(work, each, "ms of CPU a record", "the CDK's loop", loop, MOST_CPU))
        print(f"{work}: {each:.3f} ms of CPU a record (the CDK's loop {loop:.3f})", flush=True)
    return [line] if costs[many].peak_mib >= limit else []


if __name__ == "__main__":
    main()
