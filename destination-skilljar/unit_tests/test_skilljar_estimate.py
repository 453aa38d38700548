"""What a dry run says that the writes will cost, against what they do cost."""

from __future__ import annotations

import re
from pathlib import Path

from lms_shared.dev.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream


def estimated(academy: Academy) -> int:
    """The writing calls that the report page of the latest sync announces."""
    page = Path(academy.config()["object_storage_config"]["path"], "report.html").read_text("utf-8")
    found = re.search(r"Writing would take about ([\d,]+) more", page)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_dry_run_announces_the_writing_calls_that_the_sync_then_makes(academy: Academy) -> None:
    streams = [
        Stream("users", [a_user(), a_user(GRACE)]),
        Stream("groups", [a_group()]),
        Stream("group_members", [a_member()]),
        Stream("content", [a_course(), a_course("c-2", "Writing Python")]),
        Stream("assignments", [an_assignment(course="c-2")]),
        Stream("completions", [a_completion(email=GRACE)]),
    ]
    planning = academy.counting()
    assert academy.sync(streams, dry_run=True).error is None
    assert planning.writes == 0
    announced = estimated(academy)
    writing = academy.counting()
    assert academy.sync(streams).error is None
    assert writing.writes == announced


def test_many_new_learners_are_announced_by_the_call_for_many(academy: Academy) -> None:
    users = [Stream("users", [a_user(f"learner-{number}@example.com") for number in range(60)])]
    academy.sync(users, dry_run=True)
    assert estimated(academy) == 1
    writing = academy.counting()
    academy.sync(users)
    assert writing.writes == 1


def test_the_time_is_told_at_the_connectors_share_of_the_quota(academy: Academy) -> None:
    users = [Stream("users", [a_user()])]
    academy.sync(users, dry_run=True, requests_per_minute=7_000, requests_per_hour=70_000)
    page = Path(academy.config()["object_storage_config"]["path"], "report.html").read_text("utf-8")
    assert "7,000 a minute, 70,000 an hour" in page
