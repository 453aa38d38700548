"""What a sync costs: requests for each record, time under latency, and memory.

The baseline is a connector that looks each record up with one request before it writes, and compares nothing in
advance: one look-up per record in both syncs, and the same writes in the first one.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarSandbox
from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream, messages, raw_catalog

LATENCY = 0.05
PEOPLE, COURSES = 300, 60
MEGABYTE = 1024
SMALL, LARGE = 5_000, 20_000


def scenario() -> list[Stream]:
    """Learners who are all in one group and have each a few courses."""
    people = [f"learner{number}@example.com" for number in range(PEOPLE)]
    courses = [f"c-{number}" for number in range(COURSES)]
    taken = [(person, courses[(number + step) % COURSES]) for number, person in enumerate(people) for step in range(2)]
    return [
        Stream("users", [a_user(one, first_name="A", last_name="Learner") for one in people]),
        Stream("groups", [a_group()]),
        Stream("group_members", [a_member(one) for one in people]),
        Stream("content", [a_course(one, f"Course {one}", description=f"About {one}") for one in courses]),
        Stream("assignments", [an_assignment(*one) for one in taken]),
        Stream("completions", [a_completion(email=person, course=course) for person, course in taken]),
    ]


def timed(opened: Academy, streams: list[Stream]) -> tuple[Run, float]:
    """A sync and its seconds."""
    begun = time.perf_counter()
    run = opened.sync(streams)
    if run.error is not None:
        raise run.error
    return run, time.perf_counter() - begun


def requests_and_time(opened: Academy) -> None:
    """Prints the requests of two syncs, object by object, beside the baseline's."""
    streams = scenario()
    records = {one.name: len(one.records) for one in streams}
    counted = opened.counting()
    first, first_seconds = timed(opened, streams)
    writes = counted.writes
    counted = opened.counting()
    second, second_seconds = timed(opened, streams)
    print(f"{'object':14} {'records':>8} {'first sync':>11} {'second sync':>12}   (requests for each record)")
    again = {one["stream"]: one["requests"] for one in second.summaries}
    for one in first.summaries:
        name = one["stream"]
        print(
            f"{name:14} {records[name]:8} {one['requests'] / records[name]:11.2f} {again[name] / records[name]:12.2f}"
        )
    total = sum(records.values())
    made = sum(one["requests"] for one in first.summaries), sum(again.values())
    print(f"{'all':14} {total:8} {made[0] / total:11.2f} {made[1] / total:12.2f}")
    print(f"{'baseline':14} {total:8} {(total + writes) / total:11.2f} {1:12.2f}")
    print(f"writes: {writes} in the first sync, {counted.writes} in the second")
    print(f"seconds at {LATENCY * 1000:.0f} ms latency: {first_seconds:.1f} and {second_seconds:.1f}")


def peak_memory(opened: Academy, folder: Path, learners: int) -> int:
    """Kilobytes that a process needs at most to write so many learners."""
    config, catalog, sent = folder / "config.json", folder / "catalog.json", folder / "messages.jsonl"
    streams = [Stream("users", [])]
    config.write_text(json.dumps({**opened.config(), "object_storage_config": {"storage_type": "None"}}))
    catalog.write_text(json.dumps(raw_catalog(streams)))
    people = Stream("users", [a_user(f"learner{number}@example.com") for number in range(learners)])
    _write_lines(sent, messages([people], state_every=1000))
    command = str(Path(sys.executable).with_name("destination-skilljar"))
    arguments = [command, "write", "--config", str(config), "--catalog", str(catalog)]
    with sent.open("rb") as given, (folder / "out").open("wb") as printed:
        redirect = [(os.POSIX_SPAWN_DUP2, given.fileno(), 0), (os.POSIX_SPAWN_DUP2, printed.fileno(), 1)]
        process = os.posix_spawn(command, arguments, os.environ, file_actions=redirect)
        _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit((folder / "out").read_text())
    return usage.ru_maxrss


def _write_lines(path: Path, sent: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w") as file:
        for one in sent:
            file.write(json.dumps(one) + "\n")


@contextmanager
def academy(folder: Path, latency: float = 0.0) -> Iterator[Academy]:
    """An empty academy."""
    sandbox = SkilljarSandbox.empty()
    with SandboxServer(sandbox, latency=latency) as server:
        opened = Academy(sandbox, server, DestinationSkilljar, folder)
        yield opened
        opened.close()


def main() -> None:
    """Prints everything; `--quick` leaves out the memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="requests and time alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with academy(folder, LATENCY) as opened:
            requests_and_time(opened)
        if arguments.quick:
            return
        for learners in (SMALL, LARGE):
            with academy(folder) as opened:
                first, second = (peak_memory(opened, folder, learners) / MEGABYTE for _ in range(2))
            print(f"peak memory for {learners} learners: {first:.0f} MB in the first sync, {second:.0f} in the second")


if __name__ == "__main__":
    main()
