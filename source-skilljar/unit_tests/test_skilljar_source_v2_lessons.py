"""Lessons with a client of version 2, which says below which courses something changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.v2.tokens import ALL_SCOPES, V2Client
from source_skilljar.cursors.fingerprints import Fingerprints, collected
from source_skilljar.partitions.parent_stamp import digest_of
from source_skilljar.run_context import RunContext

LESSONS, CHANGES = "lessons", "GET /v2/lessons/"
COURSES = 13
"""Of the 12 that are asked for and the one that the pretend organization always has."""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the moment at which syncs begin."""
    return lambda moment: monkeypatch.setattr(RunContext, "began", lambda self: moment)


@pytest.fixture
def site(serve: Any) -> Any:
    """An organization with some courses that changed long ago."""
    return serve(users=2, courses=12)


def read(commands: Any, site: Any, state: Any = None, *, streams: tuple[str, ...] = (LESSONS,), **config: Any) -> Any:
    site.calls()
    return commands.read(site.v2_config(**config), streams, state)


def edit(site: Any, **fields: Any) -> dict[str, Any]:
    """A lesson that was edited through the API; its course stays as it was."""
    lesson = site.rows("lessons")[0]
    course = next(one for one in site.rows("courses") if one["id"] == lesson["course_id"])
    site.call("PATCH", f"lessons/{lesson['id']}", fields)
    site.change("courses", course["id"], modified_at=course["modified_at"])
    return dict(lesson)


def now() -> datetime:
    return datetime.now(UTC)


def quiet(site: Any, at: Any) -> datetime:
    """A moment so long after all that is there that nothing of it looks new."""
    moment = now() + timedelta(days=30)
    at(moment)
    return moment


def test_courses_without_a_changed_lesson_are_left_out(commands: Any, site: Any, at: Any) -> None:
    moment = quiet(site, at)
    first = read(commands, site)
    assert site.calls()[LESSONS] == COURSES
    at(moment + timedelta(minutes=1))
    second = read(commands, site, first.last_states())
    calls = site.calls()
    assert not second.records[LESSONS]
    assert calls.get(LESSONS, 0) <= 1  # whose turn came in that minute
    assert calls[CHANGES] == 1


def test_an_edited_and_an_added_lesson_are_seen_in_the_next_sync(commands: Any, site: Any) -> None:
    # Everything is as new as the first sync, so that it is the summary that leaves out what did not change.
    first = read(commands, site)
    edited = edit(site, title="Edited")
    second = read(commands, site, first.last_states())
    assert second.keys(LESSONS, "id", "title") == [(edited["id"], "Edited")]
    new = {"course_id": edited["course_id"], "title": "Added", "type": "HTML", "order": 90}
    added = site.call("POST", "lessons", new)
    third = read(commands, site, second.last_states())
    assert third.keys(LESSONS, "id") == [(added["id"],)]
    fourth = read(commands, site, third.last_states())
    assert not fourth.records[LESSONS]


def test_what_version_two_does_not_list_is_seen_when_its_turn_comes(commands: Any, site: Any, at: Any) -> None:
    moment = quiet(site, at)
    first = read(commands, site)
    lesson = site.rows("lessons")[0]
    site.change("lessons", lesson["id"], title="Without a trace")
    at(moment + timedelta(days=7))
    second = read(commands, site, first.last_states())
    assert second.keys(LESSONS, "id", "title") == [(lesson["id"], "Without a trace")]
    assert site.calls()[LESSONS] == COURSES


def test_a_course_that_changed_and_one_that_is_new_are_read(commands: Any, site: Any, at: Any) -> None:
    moment = quiet(site, at)
    first = read(commands, site)
    course, other = site.rows("courses")[:2]
    site.change("courses", course["id"], modified_at="2025-01-01T00:00:00Z")
    lesson = next(one for one in site.rows("lessons") if one["course_id"] == course["id"])
    site.change("lessons", lesson["id"], title="With its course")
    at(moment + timedelta(seconds=1))
    second = read(commands, site, first.last_states())
    assert (lesson["id"], "With its course") in second.keys(LESSONS, "id", "title")
    assert {row["course_id"] for row in second.records[LESSONS]} == {course["id"]} != {other["id"]}


@pytest.mark.parametrize(
    ("streams", "config"),
    [((LESSONS, "lesson_content_items"), {}), ((LESSONS,), {"max_staleness_days": 0})],
    ids=["read for their items", "nothing may be stale"],
)
def test_all_lessons_are_listed_where_they_have_to_be(
    commands: Any, site: Any, at: Any, streams: tuple[str, ...], config: dict[str, Any]
) -> None:
    moment = quiet(site, at)
    first = read(commands, site, streams=streams, **config)
    at(moment + timedelta(minutes=1))
    second = read(commands, site, first.last_states(), streams=streams, **config)
    assert site.calls()[LESSONS] == COURSES
    assert not second.records[LESSONS]


def test_a_client_that_may_not_read_lessons_leaves_all_as_it_was(commands: Any, serve: Any) -> None:
    narrow = V2Client("s3cret", ALL_SCOPES - {"lessons:read"})
    site = serve(SkilljarOptions(v2_clients={"narrow": narrow}), users=2, courses=12)
    config = {**site.v2_config(), "v2_client_id": "narrow", "v2_client_secret": "s3cret"}
    first = commands.read(config, [LESSONS])
    site.calls()
    second = commands.read(config, [LESSONS], first.last_states())
    calls = site.calls()
    assert (calls[LESSONS], calls.get(CHANGES, 0)) == (COURSES, 0)
    assert not second.records[LESSONS]


def test_a_state_of_a_sync_without_a_client_is_understood(commands: Any, site: Any) -> None:
    first = commands.read(site.config(), [LESSONS])
    second = read(commands, site, first.last_states())
    assert not second.records[LESSONS]
    assert site.calls()[LESSONS] == COURSES
    back = commands.read(site.config(), [LESSONS], second.last_states())
    assert not back.records[LESSONS]
    assert not back.warnings()


def test_where_the_changes_cannot_be_read_the_state_stays(commands: Any, site: Any) -> None:
    first = read(commands, site)
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, path="/v2/lessons")])
    broken = read(commands, site, first.last_states())
    assert broken.ends == {LESSONS: "INCOMPLETE"}
    assert [kind for _, kind in broken.errors] == ["transient_error"]
    assert broken.last_states() == first.last_states()


def test_the_forecast_counts_the_courses_whose_turn_it_is(commands: Any, site: Any, at: Any) -> None:
    moment = quiet(site, at)
    first = read(commands, site)
    at(moment + timedelta(minutes=1))
    second = read(commands, site, first.last_states())

    def expected(result: Any) -> int:
        line = next(text for _, text in result.logs if text.startswith("Expected calls"))
        return int(line.partition("about ")[2].split(",")[0].split(".")[0])

    assert expected(second) <= expected(first) - COURSES + 1


def test_a_summary_to_which_many_rows_were_added_is_made_anew() -> None:
    digests = [digest_of((number,), []) for number in range(4_000)]
    summary = Fingerprints.of(collected(digests[:1_000]))
    assert summary is not None
    assert not summary.is_full
    more = summary.joined(digests[1_000:])
    assert all(digest in more for digest in digests)
    assert more.is_full
