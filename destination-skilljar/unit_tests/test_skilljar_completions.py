"""Completions: course progress, of which the best is kept."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from lms_shared.destination import base
from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream, messages, record, state
from lms_shared.wire import feed

TITLE = "Reading Python"
EARLIER, LATER = "2026-03-01T08:00:00Z", "2026-04-01T08:00:00Z"


@pytest.fixture
def academy(academy: Academy) -> Academy:
    """An academy with a learner and a course."""
    academy.add_member(ADA)
    academy.write("content", a_course())
    return academy


def test_a_completion_makes_the_enrollment_and_writes_the_progress(academy: Academy) -> None:
    assert academy.write("completions", a_completion(EARLIER, "Pass", 80)).total("created") == 1
    assert academy.only("enrollments")["enrolled_at"] == EARLIER
    progress = academy.only("progress")
    assert (progress["completed_at"], progress["success_status"]) == (EARLIER, "PASSED")
    assert (progress["score"], progress["max_score"]) == (80, 100)


def test_a_completion_uses_the_enrollment_that_is_there(academy: Academy) -> None:
    academy.write("assignments", an_assignment())
    academy.write("completions", a_completion())
    assert academy.only("enrollments")["enrolled_at"] == "2026-01-05T09:00:00Z"


def test_a_failed_completion_says_so(academy: Academy) -> None:
    academy.write("completions", a_completion(EARLIER, "Fail", 30))
    assert academy.only("progress")["success_status"] == "FAILED"


def test_a_completion_without_result_and_score_writes_the_date_alone(academy: Academy) -> None:
    academy.write("completions", a_completion(EARLIER, None))
    progress = academy.only("progress")
    assert (progress["completed_at"], progress["success_status"], progress["score"]) == (EARLIER, None, None)


@pytest.mark.parametrize(("percentage", "score"), [(84.4, 84), (84.5, 85), (85.5, 86), (99.6, 100), (0.2, 0)])
def test_a_percentage_is_rounded_half_up(academy: Academy, percentage: float, score: int) -> None:
    academy.write("completions", a_completion(percentage=percentage))
    assert academy.only("progress")["score"] == score
    assert academy.write("completions", a_completion(percentage=percentage)).total("unchanged") == 1


def test_a_raw_score_is_written_without_a_maximum(academy: Academy) -> None:
    record = a_completion(score={"raw_value": 412.6})
    academy.write("completions", record)
    assert academy.only("progress")["score"] == 413
    assert academy.write("completions", record).total("unchanged") == 1


def test_the_percentage_goes_before_the_raw_score(academy: Academy) -> None:
    academy.write("completions", a_completion(score={"percentage": 70, "raw_value": 412}))
    assert (academy.only("progress")["score"], academy.only("progress")["max_score"]) == (70, 100)


def rank(record: Mapping[str, Any]) -> tuple[int, bool, float]:
    """How good a completion is by the published rule: result, then the earlier date, then the score."""
    results = {"Fail": 0, None: 1, "Pass": 2}
    score = record.get("score", {}).get("percentage", -1)
    return results[record.get("result")], record["completed_at"] == EARLIER, score


def best_of(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, str | None, float | None]:
    """What is kept of two: the better one, or all that both say where they are one completion."""
    results = {first.get("result"), second.get("result")}
    best = second if rank(second) > rank(first) else first
    if first["completed_at"] == second["completed_at"] and None in results and len(results) == 2:
        scores = [one["score"]["percentage"] for one in (first, second) if "score" in one]
        return best["completed_at"], next(one for one in results if one), max(scores, default=None)
    return best["completed_at"], best.get("result"), best.get("score", {}).get("percentage")


@pytest.mark.sweep
def test_of_any_two_completions_the_better_one_is_kept_in_whichever_order_they_come(academy: Academy) -> None:
    variants = list(itertools.product((EARLIER, LATER), ("Pass", None, "Fail"), (None, 40, 90)))
    pairs = [
        [a_completion(*one, email=f"{number}@example.com") for one in pair]
        for number, pair in enumerate(itertools.product(variants, variants))
    ]
    academy.write("users", *(a_user(first["user_email"]) for first, _ in pairs))
    academy.write("completions", *(first for first, _ in pairs))
    academy.write("completions", *(second for _, second in pairs))
    kept = {row["email"]: row for row in academy.held("progress")}
    status = {"Pass": "PASSED", "Fail": "FAILED", None: None}
    for first, second in pairs:
        completed_at, result, score = best_of(first, second)
        row = kept[first["user_email"]]
        assert row["completed_at"] == completed_at, (first, second)
        assert row["success_status"] == status[result], (first, second)
        assert row["score"] == score, (first, second)
    counted = academy.counting()
    academy.write("completions", *(record for pair in pairs for record in pair))
    assert counted.writes == 0


def test_what_is_left_of_a_worse_completion_goes_but_where_a_policy_keeps_it(academy: Academy) -> None:
    failed, passed = a_completion(EARLIER, "Fail", 30), a_completion(LATER, "Pass")
    keep_scores = {"field_policies": [{"object": "completions", "field": "score", "policy": "never"}]}
    academy.write("completions", failed)
    academy.write("completions", passed, **keep_scores)
    held = academy.only("progress")
    assert (held["success_status"], held["score"], held["max_score"]) == ("PASSED", 30, 100)
    academy.write("completions", {**passed, "completed_at": EARLIER})
    held = academy.only("progress")
    assert (held["completed_at"], held["score"], held["max_score"]) == (EARLIER, None, None)


def test_a_raw_score_takes_the_place_of_a_percentage_with_its_maximum(academy: Academy) -> None:
    academy.write("completions", a_completion(LATER, percentage=80))
    academy.write("completions", a_completion(EARLIER, score={"raw_value": 412}))
    held = academy.only("progress")
    assert (held["score"], held["max_score"]) == (412, None)
    assert academy.write("completions", a_completion(EARLIER, score={"raw_value": 412})).total("unchanged") == 1


def test_a_better_completion_that_an_admin_entered_stays(academy: Academy) -> None:
    academy.enroll(ADA, TITLE)
    academy.set_progress(ADA, TITLE, completed_at=EARLIER, success_status="PASSED", score=95, max_score=100)
    counted = academy.counting()
    for worse in (a_completion(LATER, "Pass", 99), a_completion(EARLIER, "Fail", 99), a_completion(EARLIER, "Pass", 9)):
        assert academy.write("completions", worse).total("unchanged") == 1
    assert counted.writes == 0


def test_progress_that_is_not_a_completion_gives_way_to_one(academy: Academy) -> None:
    academy.enroll(ADA, TITLE)
    academy.set_progress(ADA, TITLE, score=20, max_score=100)
    assert academy.write("completions", a_completion(EARLIER, "Pass", 80)).total("created") == 1
    assert academy.only("progress")["score"] == 80


def test_several_completions_of_one_learner_share_one_read(academy: Academy) -> None:
    references = [f"c-{number}" for number in range(2, 12)]
    academy.write("content", *(a_course(one, f"Course {one}") for one in references))
    counted = academy.counting()
    academy.write("completions", *(a_completion(course=one) for one in references))
    assert counted.of("GET /v1/users/{user_id}/published-courses") == 1
    assert counted.writes == 2 * len(references)
    counted = academy.counting()
    academy.write("completions", *(a_completion(course=one) for one in references))
    assert counted.of("GET /v1/users/{user_id}/published-courses") == 1
    assert counted.writes == 0


def test_a_course_that_is_not_published_is_a_reject(academy: Academy) -> None:
    academy.add_course("Unpublished", "ext:airbyte:c-2", published=False)
    assert academy.rejected("completions", a_completion(course="c-2"))["code"] == "REFERENCE.NOT_PUBLISHED"


def test_a_completion_cannot_be_taken_back(academy: Academy) -> None:
    run = academy.try_to_write("completions", a_completion(), sync_mode="soft_delete")
    assert "cannot be written in mode 'soft_delete'" in str(run.error)


def test_a_score_that_the_api_cannot_hold_is_a_reject_and_stops_nothing(academy: Academy) -> None:
    academy.write("content", a_course("c-2", "Writing Python"))
    huge = a_completion(score={"raw_value": 1e30})
    run = academy.try_to_write("completions", huge, a_completion(course="c-2"))
    assert run.error is None
    assert [one["code"] for one in run.rejects] == ["REMOTE.400"]
    assert run.total("created") == 1


def test_an_assignment_that_comes_later_in_the_sync_dates_the_enrollment(academy: Academy) -> None:
    streams = [Stream("completions", [a_completion()]), Stream("assignments", [an_assignment()]), Stream("users")]
    run = academy.sync(streams, batch_size=1)
    assert run.error is None
    assert academy.only("enrollments")["enrolled_at"] == "2026-01-05T09:00:00Z"
    assert academy.only("progress")["completed_at"] == "2026-03-01T08:00:00Z"


def test_completions_that_wait_for_assignments_are_written_as_soon_as_those_are_complete(
    academy: Academy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "feed", iter)  # no reading ahead, so that what is sent when is known
    streams = [Stream("completions", [a_completion()]), Stream("assignments", [an_assignment()]), Stream("users")]
    sent = messages(streams)
    given: list[str] = []

    def watched() -> Iterator[dict[str, Any]]:
        for message in sent:
            if message["type"] == "TRACE" and message["trace"]["stream_status"]["stream_descriptor"]["name"] == "users":
                given.extend(row["completed_at"] for row in academy.held("progress"))
            yield message

    run = academy.sync(streams, watched(), batch_size=1)
    assert run.error is None
    assert given == ["2026-03-01T08:00:00Z"]


def test_a_short_pause_of_the_source_changes_nothing_of_what_is_written(
    academy: Academy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_pauses(inputs: Iterable[Any]) -> Iterator[Any]:
        for one in inputs:
            yield from (one, None)

    monkeypatch.setattr(base, "feed", with_pauses)
    streams = [Stream("completions", [a_completion()]), Stream("assignments", [an_assignment()])]
    assert academy.sync(streams).error is None
    assert academy.only("enrollments")["enrolled_at"] == "2026-01-05T09:00:00Z"


def test_completions_and_their_states_do_not_wait_for_a_source_that_pauses_for_long(
    academy: Academy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "IDLE_AGAIN", 0.01)
    written = threading.Event()
    academy.server.on_write = lambda event: written.set() if event.phase == "after" else None

    def sent() -> Iterator[Mapping[str, Any]]:
        yield from (record("completions", a_completion()), state("completions", {"sent": 1}))
        assert written.wait(30), "nothing was written while the source paused"

    run = academy.sync([Stream("completions"), Stream("assignments")], sent())
    assert run.error is None, run.error
    assert [one["destinationStats"] for one in run.states] == [{"recordCount": 1.0}]
