"""Content, assignments and completions, as trainings and as offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from lms_shared.dev.sandbox.pluvo import Unenrollment
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import ADA, a_completion, a_course, a_user, an_assignment

Open = Callable[..., PluvoOrganization]
KINDS = {"training": "trainings", "offer": "offers"}
both = pytest.mark.parametrize("content_object", list(KINDS))
LINK = '<p><a href="https://learn.example.com/c-1">Open the content</a></p>'


def text_of(organization: PluvoOrganization, content_object: str) -> str:
    """The text of the only piece of content."""
    field = "introduction" if content_object == "training" else "description"
    return str(organization.only(KINDS[content_object])[field])


@both
def test_content_has_its_reference_and_a_link_behind_its_description(
    organization: PluvoOrganization, content_object: str
) -> None:
    organization.write("content", a_course(description="<p>All of it</p>"), content_object=content_object)
    held = organization.only(KINDS[content_object])
    assert (held["ref"], held["title"], held["is_active"]) == ("c-1", "Reading Python", True)
    assert text_of(organization, content_object) == f"<p>All of it</p>\n{LINK}"


@both
def test_a_new_address_changes_the_link_and_a_new_description_what_stands_before_it(
    organization: PluvoOrganization, content_object: str
) -> None:
    how: dict[str, Any] = {"content_object": content_object}
    organization.write("content", a_course(description="<p>One</p>"), **how)
    organization.write("content", {**a_course(), "content_url": "https://learn.example.com/new?a=1&b=2"}, **how)
    assert "<p>One</p>" in text_of(organization, content_object)
    assert 'href="https://learn.example.com/new?a=1&amp;b=2"' in text_of(organization, content_object)
    organization.write(
        "content", {"external_reference": "c-1", "title": "Reading Python", "description": "<p>Two</p>"}, **how
    )
    assert "<p>One</p>" not in text_of(organization, content_object)
    assert "<p>Two</p>" in text_of(organization, content_object)
    assert "learn.example.com/new" in text_of(organization, content_object)


@both
def test_retired_content_is_archived_with_all_records_kept_and_restored(
    organization: PluvoOrganization, content_object: str
) -> None:
    how: dict[str, Any] = {"content_object": content_object}
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), **how)
    organization.write("completions", a_completion(), **how)
    assert organization.write("content", a_course(active=False), **how).total("deactivated") == 1
    assert organization.only(KINDS[content_object])["archived"] is True
    assert organization.write("completions", a_completion(), **how).total("unchanged") == 1
    organization.write("content", a_course(active=True), **how)
    assert organization.only(KINDS[content_object])["archived"] is False


@both
def test_content_that_is_retired_from_the_start_is_made_archived(
    organization: PluvoOrganization, content_object: str
) -> None:
    how: dict[str, Any] = {"content_object": content_object}
    organization.write("content", a_course(active=False), **how)
    held = organization.only(KINDS[content_object])
    assert (held["archived"], held["is_active"]) == (True, False)
    assert organization.write("content", a_course(active=False), **how).total("unchanged") == 1


def test_the_only_training_of_a_title_that_nobody_has_stamped_is_adopted(organization: PluvoOrganization) -> None:
    organization.add_training("Reading Python", introduction="<p>By hand</p>")
    assert organization.write("content", a_course()).total("updated") == 1
    held = organization.only("trainings")
    assert held["ref"] == "c-1"
    assert held["introduction"] == f"<p>By hand</p>\n{LINK}"
    assert organization.write("content", a_course()).total("unchanged") == 1


def test_several_trainings_of_a_title_are_a_reject_with_the_candidates(organization: PluvoOrganization) -> None:
    for _ in range(2):
        organization.add_training("Reading Python")
    reject = organization.rejected("content", a_course())
    assert (reject["code"], len(reject["candidates"])) == ("REMOTE.AMBIGUOUS", 2)


@pytest.mark.parametrize("fields", [{"ref": "HR-1"}, {"introduction": LINK.replace("c-1", "c-2")}])
def test_a_training_that_carries_a_stamp_is_no_candidate(
    organization: PluvoOrganization, fields: dict[str, str]
) -> None:
    organization.add_training("Reading Python", **fields)
    assert organization.write("content", a_course()).total("created") == 1


def test_courses_of_equal_title_with_random_references_stay_two(organization: PluvoOrganization) -> None:
    courses = [a_course(str(uuid4())) for _ in range(2)]
    for course in courses:
        organization.write("content", course)
    assert len(organization.held("trainings")) == 2
    assert organization.write("content", *courses).total("unchanged") == 2


def test_a_training_that_is_not_published_is_published_where_the_record_is_active(
    organization: PluvoOrganization,
) -> None:
    organization.add_training("Reading Python", ref="c-1", isActive=False)
    organization.write("content", a_course(active=True))
    assert organization.only("trainings")["is_active"] is True


@both
def test_an_assignment_is_made_once_withdrawn_and_made_again(
    organization: PluvoOrganization, content_object: str
) -> None:
    how: dict[str, Any] = {"content_object": content_object}
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), **how)
    assert organization.write("assignments", an_assignment(), **how).total("created") == 1
    assert organization.write("assignments", an_assignment(), **how).total("unchanged") == 1
    assert organization.write("assignments", an_assignment(active=False), **how).total("deactivated") == 1
    assert organization.write("assignments", an_assignment(active=False), **how).total("unchanged") == 1
    run = organization.write("assignments", an_assignment(active=True), **how)
    assert run.total("created") + run.total("updated") == 1
    assert organization.mails == []


@pytest.mark.parametrize("way", list(Unenrollment))
def test_a_withdrawn_enrollment_stays_withdrawn_whatever_pluvo_keeps_of_it(
    open_organization: Open, way: Unenrollment
) -> None:
    organization = open_organization(unenrollment=way)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), content_object="offer")
    organization.write("assignments", an_assignment(), content_object="offer")
    withdrawn = an_assignment(active=False)
    assert organization.write("assignments", withdrawn, content_object="offer").total("deactivated") == 1
    assert organization.write("assignments", withdrawn, content_object="offer").total("unchanged") == 1


def test_assignments_to_an_archived_training_are_seen(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    organization.write("assignments", an_assignment())
    organization.write("content", a_course(active=False))
    assert organization.write("assignments", an_assignment()).total("unchanged") == 1


@both
def test_a_completion_assigns_the_content_and_says_all_that_it_knows(
    organization: PluvoOrganization, content_object: str
) -> None:
    how: dict[str, Any] = {"content_object": content_object}
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course(), **how)
    organization.write("completions", a_completion(percentage=87.5, time_spent="PT1H30M"), **how)
    item = organization.only("portfolio_items")
    assert (item["title"], item["start_date"]) == ("Reading Python", "2026-03-01T08:00:00Z")
    assert item["description"] == "Result: Pass\nScore: 87.5 %\nTime spent: PT1H30M\n[airbyte:c-1]"
    assert organization.write("assignments", an_assignment(), **how).total("unchanged") == 1


def test_of_two_completions_the_better_one_is_kept(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    failed, passed = a_completion("2026-02-01T08:00:00Z", "Fail", 20), a_completion("2026-03-01T08:00:00Z", "Pass", 80)
    organization.write("completions", failed)
    organization.write("completions", passed)
    assert organization.write("completions", failed).total("unchanged") == 1
    item = organization.only("portfolio_items")
    assert item["start_date"] == "2026-03-01T08:00:00Z"
    assert "Result: Pass" in item["description"]


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("reference", ["c-1", "a/b [c]:d é", "x" * 100, "9f0c1f3a-53a4-4c55-9d7b-6a1c3d1f2b7e"])
def test_a_completion_is_found_again_whatever_its_reference_and_its_date_look_like(
    open_organization: Open, reference: str, lost: bool
) -> None:
    organization = open_organization(portfolio_dates_lose_time=lost)
    organization.write("users", a_user(name="Ada"))
    organization.write("content", {**a_course(reference), "content_url": "https://learn.example.com/c"})
    organization.write("completions", a_completion(course=reference))
    assert organization.write("completions", a_completion(course=reference)).total("unchanged") == 1
    assert len(organization.held("portfolio_items")) == 1


def test_a_completion_of_content_without_a_reference_is_found_again_after_it_got_one(
    organization: PluvoOrganization,
) -> None:
    training = organization.add_training("Reading Python")
    organization.write("users", a_user(name="Ada"))
    completion = {"user_email": ADA, "learning_object_id": training, "completed_at": "2026-03-01T08:00:00Z"}
    organization.write("completions", completion)
    organization.write("content", a_course())
    assert organization.write("completions", completion).total("unchanged") == 1
    by_reference = {**a_completion(result=None)}
    assert organization.write("completions", by_reference).total("unchanged") == 1


def test_completions_of_another_namespace_are_others(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"))
    organization.write("content", a_course())
    organization.write("completions", a_completion())
    assert organization.write("completions", a_completion(), namespace="other").total("created") == 1


def test_a_dry_run_writes_nothing(organization: PluvoOrganization) -> None:
    organization.write("users", a_user(name="Ada"), dry_run=True)
    organization.write("content", a_course(), dry_run=True)
    assert organization.writes == 0
