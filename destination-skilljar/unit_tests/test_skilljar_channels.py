"""Channels of Pluralsight as paths of published courses, and their members as learners of the path."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.syncs import Stream

ACTIVE = {"name": "Active", "replacementCourseId": None}
STREAMS = [
    Stream("users", [{"psUserId": "ps-1", "email": "ada@example.com", "isOnAccount": True}]),
    Stream("course_catalog", [{"id": f"c-{n}", "title": f"Course {n}", "courseStatus": ACTIVE} for n in (1, 2)]),
    Stream("channels", [{"id": "Ch_1", "name": "Basics", "description": "First steps.", "ownerPsUserId": "ps-1"}]),
    Stream("channel_content", [{"channelId": "Ch_1", "contentId": f"c-{n}", "order": n} for n in (1, 2)]),
    Stream("channel_members", [{"channelId": "Ch_1", "psUserId": "ps-1"}]),
]


def sync(academy: Academy, streams: list[Stream], **config: Any) -> dict[str, int]:
    mappings = [{"stream": one.name, "preset": "pluralsight"} for one in streams]
    run = academy.sync(streams, stream_mappings=mappings, assign_channel_content=True, **config)
    assert (run.error, run.rejects) == (None, [])
    names = ("created", "updated", "unchanged", "deactivated")
    return {name: run.total(name) for name in names if run.total(name)}


@pytest.mark.parametrize("seed", range(4))
def test_a_channel_becomes_a_path_with_its_courses_and_members_in_any_order(academy: Academy, seed: int) -> None:
    streams = random.Random(seed).sample(STREAMS, len(STREAMS))
    assert sync(academy, streams, batch_size=seed + 1) == {"created": 7}
    (path,) = academy.rows("published_paths")
    assert (path["slug"], path["domain_name"], path["hidden"]) == ("channel-ch-1", DOMAIN, False)
    held = {item["order"]: item["published_course_id"] for item in academy.rows("path_items")}
    assert held == {n: academy.publication(f"Course {n}")["id"] for n in (1, 2)}
    (enrollment,) = academy.rows("path_enrollments")
    assert enrollment["user_id"] == academy.user("ada@example.com")["id"]
    counted = academy.counting()
    assert sync(academy, streams) == {"unchanged": 7}
    assert counted.writes == 0


def test_a_channel_that_is_renamed_stays_the_same_path(academy: Academy) -> None:
    sync(academy, STREAMS)
    renamed = Stream("channels", [{**STREAMS[2].records[0], "name": "First steps"}])
    assert sync(academy, [renamed]) == {"updated": 1}
    assert len(academy.rows("published_paths")) == 1


def test_what_is_not_in_the_catalog_is_told_with_the_reason_that_it_has_most_likely(academy: Academy) -> None:
    sync(academy, STREAMS)
    items = Stream("channel_content", [{"channelId": "Ch_1", "contentId": "c-9", "order": 9}])
    run = academy.sync([items], stream_mappings=[{"stream": items.name, "preset": "pluralsight"}])
    (reject,) = run.rejects
    assert reject["code"] == "REFERENCE.NOT_FOUND"
    assert "show_off_plan_content" in reject["remedy"]
