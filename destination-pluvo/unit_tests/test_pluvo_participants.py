"""Participants and trainers of trainings, for a client that may not ask what a user takes part in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from destination_pluvo.learning import training_members
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_user, an_assignment

Open = Callable[..., PluvoOrganization]
EMAILS = [f"u{number}@example.com" for number in range(60)]


@pytest.fixture
def organization(open_organization: Open) -> PluvoOrganization:
    """With two trainings and more learners than a page has."""
    organization = open_organization(trainings_of_users_shown=False)
    organization.write("users", *(a_user(email, name="U", external_reference=email) for email in EMAILS))
    organization.write("content", a_course(), a_course("c-2", "Other"))
    return organization


def participants(organization: PluvoOrganization) -> list[int]:
    return [len(training["participants"]) for training in organization.held("trainings")]


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("remembered", [training_members.MAX_REMEMBERED, 1])
def test_learners_are_assigned_once_withdrawn_once_and_assigned_again(
    organization: PluvoOrganization, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    monkeypatch.setattr(training_members, "MAX_REMEMBERED", remembered)
    rows = [an_assignment(email, course) for email in EMAILS for course in ("c-1", "c-2")]
    assert organization.write("assignments", *rows).total("created") == 120
    assert organization.write("assignments", *rows).total("unchanged") == 120
    withdrawn = an_assignment(EMAILS[-1], active=False)
    assert organization.write("assignments", withdrawn).total("deactivated") == 1
    assert organization.write("assignments", withdrawn).total("unchanged") == 1
    assert sorted(participants(organization)) == [59, 60]
    assert organization.write("assignments", *rows).total("created") == 1


def test_a_training_is_read_once(organization: PluvoOrganization, patient: None) -> None:
    rows = [an_assignment(email) for email in EMAILS]
    organization.write("assignments", *rows)
    before = organization.documents("training")
    organization.write("assignments", *rows)
    # The content by its reference, and two pages of its participants.
    assert organization.documents("training") - before == 3


def test_a_completion_assigns_its_content(organization: PluvoOrganization) -> None:
    organization.write("completions", a_completion(email=EMAILS[0]))
    assert sorted(participants(organization)) == [0, 1]
    assert organization.write("completions", a_completion(email=EMAILS[0])).total("unchanged") == 1


def test_trainers_are_no_participants(organization: PluvoOrganization) -> None:
    link = {"trainingRef": "c-1", "userRef": EMAILS[0]}
    assert organization.write("training_trainers", link).total("created") == 1
    assert organization.write("training_participants", link).total("created") == 1
    for stream in ("training_trainers", "training_participants"):
        assert organization.write(stream, link).total("unchanged") == 1
