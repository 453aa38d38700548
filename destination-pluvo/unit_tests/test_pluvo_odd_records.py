"""Odd records of all kinds: what they cost, what Pluvo holds then, and that a second sync writes nothing."""

from __future__ import annotations

import pytest

from destination_pluvo.learning.portfolio import read_note
from lms_shared.dev.testing.odd_records import (
    DURATIONS,
    MENDED,
    ODD,
    PERSON,
    SCORES,
    Odd,
    durations,
    mended,
    nulls_and_blanks,
    scores,
)
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization


def written(organization: PluvoOrganization, odd: Odd) -> None:
    """Writes all syncs, each twice: the same is rejected, and the second time nothing is written."""
    for number, streams in enumerate(odd.syncs):
        expected = odd.rejected[number] if number < len(odd.rejected) else {}
        for again in (False, True):
            writes = organization.writes
            run = organization.sync(list(streams), **odd.config)
            assert run.error is None, run.error
            assert run.total("rejected") == len(expected), run.rejects
            reasons = [one["reason"] for one in run.rejects]
            assert all(any(name in reason for reason in reasons) for name in expected.values())
            assert organization.writes == writes or not again


@pytest.mark.parametrize("odd", ODD, ids=lambda one: one.name)
def test_odd_records_cost_what_they_must_and_a_second_sync_writes_nothing(
    organization: PluvoOrganization, odd: Odd
) -> None:
    written(organization, odd)


def test_a_length_that_is_none_costs_itself(organization: PluvoOrganization) -> None:
    written(organization, durations())
    notes = {row["title"]: read_note(row["description"]) for row in organization.held("portfolio_items")}
    for number, (said, good) in enumerate(DURATIONS.items()):
        assert notes[f"Length {number}"].get("time_spent") == (said if good else None)


def test_a_score_that_is_none_costs_itself(organization: PluvoOrganization) -> None:
    written(organization, scores())
    notes = {row["title"]: read_note(row["description"]) for row in organization.held("portfolio_items")}
    for number, (_, said, __) in enumerate(SCORES):
        score = notes[f"Score {number}"].get("score")
        assert (next(iter(score.values())) if score else None) == said


def test_what_is_not_given_stays(organization: PluvoOrganization) -> None:
    written(organization, nulls_and_blanks())
    user = next(row for row in organization.held("users") if row["email"] == PERSON)
    assert (user["name"], user["language"], user["archived"]) == ("Nia Lowe", "EN", False)
    assert organization.only("trainings")["introduction"].startswith("<p>Old words</p>")


def test_titles_that_the_source_has_mended_are_mended(organization: PluvoOrganization) -> None:
    written(organization, mended())
    assert {row["title"] for row in organization.held("trainings")} == set(MENDED.values())
