"""What a sync costs: requests for each record, and time under latency.

The baseline is a connector that looks each record up with one request before it writes, and compares nothing in
advance: one look-up per record in both syncs, and the same writes in the first one.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarSandbox
from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream

LATENCY = 0.05
PEOPLE, COURSES = 300, 60


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
    asking = "a look-up a record"
    work = f"destination-skilljar, {PEOPLE} learners with groups and courses"
    tell(
        Measured(f"{work}, first sync", made[0], "calls", asking, total + writes),
        Measured(f"{work}, again", made[1], "calls", asking, total),
    )
    print(f"seconds at {LATENCY * 1000:.0f} ms latency: {first_seconds:.1f} and {second_seconds:.1f}")


@contextmanager
def academy(folder: Path, latency: float = 0.0) -> Iterator[Academy]:
    """An empty academy."""
    sandbox = SkilljarSandbox.empty()
    with SandboxServer(sandbox, latency=latency) as server:
        opened = Academy(sandbox, server, DestinationSkilljar, folder)
        yield opened
        opened.close()


def main() -> None:
    """Measures and prints."""
    arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name, academy(Path(name), LATENCY) as opened:
        requests_and_time(opened)


if __name__ == "__main__":
    main()
