"""A dry run plans what the sync does, also for what Skilljar cannot take."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.records import ADA, a_completion, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream


def planned(run: Run) -> list[tuple[str, str]]:
    return sorted((one["code"], one["reason"]) for one in run.rejects)


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (Stream("users", [{"external_reference": "e-1", "first_name": "Nobody"}]), "INPUT.MISSING"),
        (Stream("assignments", [an_assignment()]), "REFERENCE.NOT_PUBLISHED"),
        (Stream("completions", [a_completion()]), "REFERENCE.NOT_PUBLISHED"),
    ],
    ids=["a learner without an address", "an unpublished course", "a completion of an unpublished course"],
)
def test_what_cannot_be_created_is_rejected_by_a_dry_run_as_by_the_sync(
    academy: Academy, stream: Stream, code: str
) -> None:
    academy.add_member(ADA)
    academy.add_course("Reading Python", "ext:airbyte:c-1", published=False)
    counted = academy.counting()
    dry = academy.sync([stream], dry_run=True)
    assert counted.writes == 0
    real = academy.sync([stream])
    assert [one[0] for one in planned(dry)] == [code]
    assert planned(dry) == planned(real)
