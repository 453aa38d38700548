"""What a sync into Pluvo costs: requests for each record, and time under latency.

The baseline is the same connector with one operation for each document: no batches, and list mutations for one user.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell
from lms_shared.dev.sandbox.pluvo import PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Run, Stream

LATENCY = 0.05
PEOPLE, COURSES = 300, 60


def scenario() -> list[Stream]:
    """Learners who are all in one group and have each a few courses."""
    people = [f"learner{number}@example.com" for number in range(PEOPLE)]
    courses = [f"c-{number}" for number in range(COURSES)]
    taken = [(person, courses[(number + step) % COURSES]) for number, person in enumerate(people) for step in range(2)]
    return [
        Stream("users", [a_user(one, name="A Learner") for one in people]),
        Stream("groups", [a_group()]),
        Stream("group_members", [a_member(one) for one in people]),
        Stream("content", [a_course(one, f"Course {one}", description=f"About {one}") for one in courses]),
        Stream("assignments", [an_assignment(*one) for one in taken]),
        Stream("completions", [a_completion(email=person, course=course) for person, course in taken]),
    ]


def timed(organization: PluvoOrganization, streams: list[Stream], operations: int) -> tuple[Run, float]:
    """A sync and its seconds."""
    begun = time.perf_counter()
    run = organization.sync(streams, operations_per_document=operations)
    if run.error is not None:
        raise run.error
    return run, time.perf_counter() - begun


def requests_and_time(folder: Path, operations: int) -> tuple[int, int, float, float]:
    """Prints the requests of two syncs, object by object; their totals and seconds."""
    streams = scenario()
    records = {one.name: len(one.records) for one in streams}
    sandbox = PluvoSandbox.empty()
    with SandboxServer(sandbox, latency=LATENCY) as server:
        organization = PluvoOrganization(sandbox, server, DestinationPluvo, folder)
        first, first_seconds = timed(organization, streams, operations)
        writes = organization.writes
        second, second_seconds = timed(organization, streams, operations)
        written_again = organization.writes - writes
    print(f"operations for each document: {operations}" + (" (the baseline)" if operations == 1 else ""))
    print(f"{'object':14} {'records':>8} {'first sync':>11} {'second sync':>12}   (requests for each record)")
    again = {one["stream"]: one["requests"] for one in second.summaries}
    for one in first.summaries:
        name = one["stream"]
        each = one["requests"] / records[name], again[name] / records[name]
        print(f"{name:14} {records[name]:8} {each[0]:11.3f} {each[1]:12.3f}")
    total = sum(records.values())
    made = sum(one["requests"] for one in first.summaries), sum(again.values())
    print(f"{'all':14} {total:8} {made[0] / total:11.3f} {made[1] / total:12.3f}")
    print(f"documents with writes: {writes} in the first sync, {written_again} in the second")
    print(f"seconds at {LATENCY * 1000:.0f} ms latency: {first_seconds:.1f} and {second_seconds:.1f}\n")
    return *made, first_seconds, second_seconds


def main() -> None:
    """Measures and prints."""
    arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        now, alone = (requests_and_time(folder, operations) for operations in (25, 1))
        for index, title, unit in (
            (0, "first sync", "calls"),
            (1, "again", "calls"),
            (2, "first sync", "seconds"),
            (3, "again", "seconds"),
        ):
            work = f"destination-pluvo, {PEOPLE} learners, {title}"
            tell(Measured(work, now[index], unit, "one operation a document", alone[index]))


if __name__ == "__main__":
    main()
