"""Odd records of all kinds: what they cost, what Skilljar holds then, and that a second sync writes nothing."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.odd_records import (
    MENDED,
    MOMENTS,
    ODD,
    SCORES,
    Odd,
    mended,
    moments,
    nulls_and_blanks,
    scores,
)
from lms_shared.dev.testing.skilljar_academy import Academy


def written(academy: Academy, odd: Odd) -> None:
    """Writes all syncs, each twice: the same is rejected, and the second time nothing is written."""
    for number, streams in enumerate(odd.syncs):
        expected = odd.rejected[number] if number < len(odd.rejected) else {}
        for again in (False, True):
            counted = academy.counting()
            run = academy.sync(list(streams), **odd.config)
            assert run.error is None, run.error
            assert run.total("rejected") == len(expected), run.rejects
            reasons = [one["reason"] for one in run.rejects]
            assert all(any(name in reason for reason in reasons) for name in expected.values())
            assert counted.writes == 0 or not again


@pytest.mark.parametrize("odd", ODD, ids=lambda one: one.name)
def test_odd_records_cost_what_they_must_and_a_second_sync_writes_nothing(academy: Academy, odd: Odd) -> None:
    written(academy, odd)


def test_a_score_that_is_none_costs_itself_and_any_other_is_a_whole_number(academy: Academy) -> None:
    written(academy, scores())
    held = {row["course"]: row["score"] for row in academy.held("progress")}
    assert held == {f"Score {number}": whole for number, (_, __, whole) in enumerate(SCORES)}


def test_a_completion_of_no_real_time_is_none_and_its_real_time_wins_later(academy: Academy) -> None:
    written(academy, moments())
    assert len(academy.held("progress")) == len(MOMENTS) + 3
    assert all(row["completed_at"].startswith("2026-") for row in academy.held("progress"))


def test_a_sentinel_that_stands_in_skilljar_gives_way_to_a_real_time(academy: Academy) -> None:
    odd = moments()
    academy.sync(list(odd.syncs[0]))
    for row in academy.rows("course_progress"):
        academy.edit("course_progress", row["id"], completed_at="1970-01-01T00:00:00Z", success_status="PASSED")
    academy.sync(list(odd.syncs[0]))
    assert {row["completed_at"][:4] for row in academy.held("progress")} == {"2026"}


def test_what_is_not_given_stays(academy: Academy) -> None:
    written(academy, nulls_and_blanks())
    (member,) = academy.held("users")
    assert (member["first_name"], member["last_name"], member["active"]) == ("Nia", "Lowe", True)
    assert academy.course("Null")["long_description_html"] == "<p>Old words</p>"


def test_titles_that_the_source_has_mended_are_mended(academy: Academy) -> None:
    written(academy, mended())
    assert {row["title"] for row in academy.rows("courses")} == set(MENDED.values())
