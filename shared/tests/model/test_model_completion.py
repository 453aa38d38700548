"""Of several completions of a learner and content the best is kept."""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import pytest

from lms_shared.model.completion import is_better, is_later, score_number

EARLY, LATE = "2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z"
BEST_FIRST: list[dict[str, Any]] = [
    {"result": "Pass", "completed_at": EARLY, "score": {"percentage": 90}},
    {"result": "Pass", "completed_at": EARLY, "score": {"percentage": 80}, "time_spent": "PT2H"},
    {"result": "Pass", "completed_at": EARLY, "score": {"percentage": 80}, "time_spent": "PT90M"},
    {"result": "Pass", "completed_at": EARLY, "score": {"percentage": 80}},
    {"result": "Pass", "completed_at": EARLY, "score": {"raw_value": 80}, "time_spent": "PT2H"},
    {"result": "Pass", "completed_at": EARLY},
    {"result": "Pass", "completed_at": LATE, "score": {"percentage": 100}},
    {"completed_at": EARLY},
    {"completed_at": LATE, "score": {"raw_value": 1000}},
    {"result": "Fail", "completed_at": EARLY, "score": {"percentage": 100}},
    {"result": "Fail", "completed_at": LATE},
    {"result": "Pass"},
]


@pytest.mark.parametrize(("better", "worse"), list(pairwise(BEST_FIRST)))
def test_pass_beats_fail_then_the_earliest_then_the_highest_score(better: Any, worse: Any) -> None:
    assert is_better(better, worse)
    assert not is_better(worse, better)


def test_the_best_of_three_is_the_same_in_every_order() -> None:
    for order in permutations(BEST_FIRST[:3]):
        best = order[0]
        for one in order[1:]:
            best = one if is_better(one, best) else best
        assert best == BEST_FIRST[0]


def test_an_equal_completion_does_not_take_the_place_of_another() -> None:
    assert not is_better(BEST_FIRST[0], {**BEST_FIRST[0], "completed_at": "2026-01-01T09:00:00.4+01:00"})


@pytest.mark.parametrize(
    ("score", "number"),
    [
        ({"percentage": 80, "raw_value": 3}, 80),
        ({"percentage": None, "raw_value": 3}, 3),
        ({"percentage": 0}, 0),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_score_is_its_percentage_else_its_raw_value(score: Any, number: float | None) -> None:
    assert score_number(score) == number


RENEWED: list[dict[str, Any]] = [
    {"completed_at": LATE, "result": "Fail"},
    {"completed_at": EARLY, "result": "Pass", "score": {"percentage": 90}},
    {"completed_at": EARLY, "result": "Pass"},
    {"completed_at": "9999-01-01T00:00:00Z", "result": "Pass"},
]


@pytest.mark.parametrize(("later", "earlier"), list(pairwise(RENEWED)))
def test_of_results_that_are_renewed_the_latest_counts_be_it_better_or_not(later: Any, earlier: Any) -> None:
    assert is_later(later, earlier)
    assert not is_later(earlier, later)
    assert not is_later(later, later)
