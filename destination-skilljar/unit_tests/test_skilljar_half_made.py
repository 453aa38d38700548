"""What a sync that was killed has left half made, and assignments that a record of the same sync withdraws."""

from __future__ import annotations

import itertools

import pytest

from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream, record, status


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_refers_to_a_course_that_is_not_published_yet_waits_for_its_record(
    academy: Academy, dry_run: bool
) -> None:
    academy.add_course("Reading Python", "ext:airbyte:c-1", published=False)
    academy.add_member(ADA)
    streams = [
        Stream("assignments", [an_assignment()]),
        Stream("completions", [a_completion()]),
        Stream("content", [a_course()]),
    ]
    sent = [item for one in streams for item in (record(one.name, one.records[0]), status(one.name, "COMPLETE"))]
    run = academy.sync(streams, sent, batch_size=1, dry_run=dry_run)
    assert (run.error, run.rejects) == (None, [])
    assert (len(academy.held("courses")), len(academy.held("enrollments"))) == (1, 0 if dry_run else 1)


def test_what_refers_to_a_course_that_nobody_publishes_is_a_reject(academy: Academy) -> None:
    academy.add_course("Reading Python", "ext:airbyte:c-1", published=False)
    academy.add_member(ADA)
    run = academy.sync([Stream("assignments", [an_assignment()]), Stream("content", [a_course("c-2", "Other")])])
    assert run.error is None
    assert [one["code"] for one in run.rejects] == ["REFERENCE.NOT_PUBLISHED"]


@pytest.mark.parametrize("order", list(itertools.permutations(("assignments", "completions"))))
@pytest.mark.parametrize("batch_size", [1, 10])
def test_a_withdrawn_assignment_stays_so_beside_a_completion_in_any_order(
    academy: Academy, order: tuple[str, ...], batch_size: int
) -> None:
    academy.sync([Stream("users", [a_user()]), Stream("content", [a_course()])])
    streams = {
        "assignments": Stream("assignments", [an_assignment(active=False)]),
        "completions": Stream("completions", [a_completion()]),
    }
    chosen = [streams[name] for name in order]
    run = academy.sync(chosen, batch_size=batch_size)
    assert (run.error, run.rejects) == (None, [])
    assert [row["active"] for row in academy.held("enrollments")] == [False]
    assert academy.only("progress")["completed_at"] is not None
    counted = academy.counting()
    assert academy.sync(chosen, batch_size=batch_size).error is None
    assert counted.writes == 0
