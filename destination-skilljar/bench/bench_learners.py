"""Learners by the thousand in Skilljar: what waiting for bulk calls takes, and what a stream of assignments asks for.

The baseline of the bulk calls is the same sync with a first look after two seconds; that of the assignments a connector
that asks for each learner.
"""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path

from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.users import bulk_users
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarSandbox
from lms_shared.dev.testing.records import a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy

NEW = (500, 2_000)
SLOW_LOOK = 2.0
LEARNERS, COURSES, PAGE = 5_000, 50, 1_000


def seconds_of_new(folder: Path, learners: int, first_wait: float) -> float:
    """Seconds of a sync of so many new learners, with a first look after so long."""
    usual, bulk_users.FIRST_WAIT = bulk_users.FIRST_WAIT, first_wait
    sandbox = SkilljarSandbox.empty()
    try:
        with SandboxServer(sandbox) as server:
            academy = Academy(sandbox, server, DestinationSkilljar, folder)
            begun = time.monotonic()
            academy.write("users", *(a_user(f"learner{number}@example.com") for number in range(learners)))
            taken = time.monotonic() - begun
            academy.close()
    finally:
        bulk_users.FIRST_WAIT = usual
    return taken


def calls_of_assignments(folder: Path, learners: int) -> tuple[int, int]:
    """Calls of a stream of assignments that are all there, and the pages of the courses' lists of enrollments."""
    sandbox = SkilljarSandbox.empty()
    people = [f"learner{number}@example.com" for number in range(learners)]
    with SandboxServer(sandbox) as server:
        academy = Academy(sandbox, server, DestinationSkilljar, folder)
        academy.write("users", *map(a_user, people))
        academy.write("content", *(a_course(f"c-{n}", f"Course {n}", content_url=None) for n in range(COURSES)))
        wanted = [an_assignment(one, f"c-{number % COURSES}") for number, one in enumerate(people)]
        academy.write("assignments", *wanted)
        (again,) = academy.write("assignments", *wanted).summaries
        academy.close()
    return int(again["requests"]), COURSES * math.ceil(learners / COURSES / PAGE)


def main() -> None:
    """Measures and prints."""
    parser = arguments(__doc__)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    learners: int = parser.parse_args().learners
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for new in NEW:
            now, slow = (seconds_of_new(folder, new, wait) for wait in (bulk_users.FIRST_WAIT, SLOW_LOOK))
            print(
                f"{new:,} new learners: {now:.1f} s, with a first look after {SLOW_LOOK:.0f} s {slow:.1f} s", flush=True
            )
            work = f"destination-skilljar, {new:,} new learners by bulk"
            tell(Measured(work, now, "seconds", "first look after 2 s", slow))
        calls, pages = calls_of_assignments(folder, learners)
    print(f"{learners:,} assignments again: {calls:,} calls (pages of the courses' lists: {pages})")
    work = f"destination-skilljar, {learners:,} assignments in {COURSES} courses, again"
    tell(Measured(work, calls, "calls", "a call a learner", learners, 2 * pages))


if __name__ == "__main__":
    main()
