"""With a client of version 2: what plans and ids tell of batches, and whose quota their calls use up."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.records import ADA, GRACE, a_completion, a_course, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream

STREAMS = [
    Stream("assignments", [an_assignment(one, assigned_at=None) for one in (ADA, GRACE)]),
    Stream("completions", [a_completion(email=one, percentage=None) for one in (ADA, GRACE)]),
]
ROOM = 6
"""Calls of an hour, fewer than a sync of these streams takes."""


@pytest.fixture
def academy(academy: Academy) -> Academy:
    """An academy with two learners and a course."""
    for one in (ADA, GRACE):
        academy.add_member(one)
    academy.write("content", a_course())
    return academy


def lines(folder: Path, kind: str, stream: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}-{stream}.jsonl").read_text().splitlines()]


def test_a_plan_says_what_the_batches_then_do(academy: Academy, tmp_path: Path) -> None:
    storage = {"object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path)}}
    planned = academy.sync(STREAMS, dry_run=True, **storage, **academy.client())
    assert academy.held("enrollments") == []
    plan = {one.name: lines(tmp_path, "plan", one.name) for one in STREAMS}
    done = academy.sync(STREAMS, **storage, **academy.client())
    assert (planned.error, done.error) == (None, None)
    assert [len(plan[one.name]) for one in STREAMS] == [2, 2]
    assert {line["action"] for some in plan.values() for line in some} == {"created"}
    assert planned.total("created") == done.total("created") == 4


def test_ids_are_those_of_the_enrollments_whether_they_are_made_or_found(academy: Academy, tmp_path: Path) -> None:
    storage = {"object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path)}}
    told = []
    for made in (True, False):
        run = academy.sync(STREAMS, **storage, **academy.client())
        assert run.error is None
        ids = {one.name: lines(tmp_path, "ids", one.name) for one in STREAMS}
        assert {line["created"] for some in ids.values() for line in some} == {made}
        told.append({name: sorted(line["id"] for line in some) for name, some in ids.items()})
    assert told[0] == told[1]
    assert told[0]["assignments"] == sorted(row["id"] for row in academy.rows("course_enrollments"))


@pytest.mark.parametrize("shares", [True, False])
def test_calls_of_both_versions_use_up_one_quota_unless_the_config_says_otherwise(
    academy: Academy, monkeypatch: pytest.MonkeyPatch, shares: bool
) -> None:
    def no_wait(seconds: float) -> None:
        if seconds > 3_000:
            raise OSError("the wait for the quota would begin here")

    monkeypatch.setattr(time, "sleep", no_wait)
    academy.server.requests.reset()
    academy.sync(STREAMS, **academy.client(v2_shares_quota=shares), requests_per_hour=ROOM)
    calls = dict.fromkeys(("/v1/", "/v2/"), 0)
    for route, count in academy.server.requests.by_route.items():
        for version in calls:
            calls[version] += count if version in route else 0
    assert all(0 < made <= ROOM for made in calls.values()), calls
    assert (sum(calls.values()) <= ROOM) is shares
