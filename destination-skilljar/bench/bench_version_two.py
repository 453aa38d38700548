"""What completions cost with a client of version 2, and without one: requests for each record.

`--records` completions of as many learners, new and again unchanged, without scores and with one each. Without a client
fewer are written, since each takes the same calls.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.benchmarks.rows import Measured, arguments, tell
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarSandbox
from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.dev.testing.skilljar_academy import Academy

COURSES = 20
RECORDS = 10_000
FEWER_SCORES, FEWER_CALLS = 4, 10
"""By how much fewer records are written with a score each, and without a client."""
TARGETS = {"first": {False: 0.06, True: 1.1}, "again": {False: 0.02, True: 0.02}}
"""Requests for each record with a client, by whether there are scores."""


def measured(folder: Path, records: int, *, client: bool, scores: bool) -> Mapping[str, float]:
    """The requests for each completion: of a first sync, and again."""
    sandbox = SkilljarSandbox.empty()
    people = [f"learner{number}@example.com" for number in range(records)]
    with SandboxServer(sandbox) as server:
        academy = Academy(sandbox, server, DestinationSkilljar, folder)
        keys: dict[str, Any] = academy.client() if client else {}
        academy.write("users", *(a_user(one) for one in people))
        academy.write("content", *(a_course(f"c-{n}", f"Course {n}", content_url=None) for n in range(COURSES)))
        completions = [
            a_completion(email=one, course=f"c-{number % COURSES}", percentage=number % 101 if scores else None)
            for number, one in enumerate(people)
        ]
        costs = {}
        for name in ("first", "again"):
            (summary,) = academy.write("completions", *completions, **keys).summaries
            costs[name] = summary["requests"] / records
        academy.close()
    return costs


def main() -> None:
    """Prints a table, and fails where a target is missed."""
    parser = arguments(__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    records: int = parser.parse_args().records
    each: dict[tuple[bool, bool], Mapping[str, float]] = {}
    missed = False
    print(f"{'API':10} {'scores':>6} {'records':>8} {'new':>8} {'again':>8}   (requests for each completion)")
    with tempfile.TemporaryDirectory() as name:
        for client in (True, False):
            for scores in (False, True):
                written = records // (FEWER_CALLS if not client else FEWER_SCORES if scores else 1)
                costs = measured(Path(name), written, client=client, scores=scores)
                each[client, scores] = costs
                version = "version 2" if client else "version 1"
                print(f"{version:10} {scores!s:>6} {written:8} {costs['first']:8.3f} {costs['again']:8.3f}")
                missed |= client and any(costs[one] > TARGETS[one][scores] for one in costs)
    for scores in (False, True):
        for sync, title in (("first", "new"), ("again", "again")):
            work = f"destination-skilljar, completions by version 2{', with scores' if scores else ''}, {title}"
            now, baseline = each[True, scores][sync], each[False, scores][sync]
            tell(Measured(work, now, "calls a record", "version 1", baseline, TARGETS[sync][scores]))
    if missed:
        raise SystemExit("A target is missed.")


if __name__ == "__main__":
    main()
