"""Nested objects of a record: what the API only shows, and what is empty, is neither sent nor compared."""

from __future__ import annotations

from typing import Any

import pytest

from destination_skilljar import native
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.skilljar_world import World
from lms_shared.dev.testing.syncs import Run
from lms_shared.model.fields import Kind
from lms_shared.resources.members import given_members
from lms_shared.resources.resource import Attribute

NUMBERS = {Kind.INTEGER, Kind.BOOLEAN}
NESTED = [
    pytest.param(one, id=f"{resource.name}.{one.name}")
    for resource in native.RESOURCES
    for one in resource.attributes
    if one.members
]


def filled(one: Attribute, text: str, number: int | None, **beside: Any) -> Any:
    """A nested value with a value in each member, and with members that are not declared."""
    if not one.members:
        return number if one.kind in NUMBERS else text
    members = {member.name: filled(member, text, number, **beside) for member in one.members}
    return [{**members, **beside}] if one.kind is Kind.NESTED_LIST else {**members, **beside}


def took(run: Run, **counts: int) -> bool:
    names = ("created", "updated", "unchanged", "rejected")
    return run.error is None and {name: run.total(name) for name in names if run.total(name)} == counts


@pytest.mark.parametrize("attribute", NESTED)
def test_what_request_bodies_do_not_declare_is_left_out_at_every_level(attribute: Attribute) -> None:
    as_shown = filled(attribute, "x", 1, only_shown="y", order=1)
    assert given_members(attribute, as_shown) == given_members(attribute, filled(attribute, "x", 1)) is not None


@pytest.mark.parametrize("attribute", NESTED)
@pytest.mark.parametrize("empty", ["", "  "])
def test_what_is_empty_counts_as_not_given_at_every_level(attribute: Attribute, empty: str) -> None:
    assert given_members(attribute, filled(attribute, empty, None)) is None


def test_answers_in_the_shape_of_the_api_are_those_of_the_record_and_nothing_more(academy: Academy) -> None:
    quiz = World(academy).quiz
    answers = [
        {"id": "of another quiz", "answer_text": "Yes", "correct": True, "order": 1},
        {"id": "a later one", "answer_text": "No", "correct": False, "order": 2},
    ]
    question = {"quiz": quiz, "html": "<p>Is it?</p>", "type": "MULTIPLE_CHOICE", "answers": answers}
    assert took(academy.try_to_write("quiz_questions", question), created=1)
    assert took(academy.try_to_write("quiz_questions", question), unchanged=1)


@pytest.mark.parametrize("text", [{"answer_text": None}, {"answer_text": " ", "correct": True}, {}, {"id": "1"}])
def test_an_answer_without_text_is_rejected_and_never_sent(academy: Academy, text: dict[str, Any]) -> None:
    question = {"quiz": World(academy).quiz, "html": "<p>Is it?</p>", "type": "MULTIPLE_CHOICE"}
    counted = academy.counting()
    reject = academy.rejected("quiz_questions", {**question, "answers": [{"answer_text": "Yes"}, text]})
    assert (reject["code"], reject["reason"]) == ("INPUT.MISSING", "answers.1 lacks answer_text")
    assert counted.writes == 0


def test_an_empty_name_of_a_member_leaves_the_name_as_it_is(academy: Academy) -> None:
    member = {"user": {"email": "ada@example.com", "first_name": "Ada", "last_name": ""}}
    assert took(academy.try_to_write("domain_users", member), created=1)
    academy.add_member("bo@example.com", first_name="Bo", last_name="Li")
    assert took(
        academy.try_to_write("domain_users", {"user": {"email": "bo@example.com", "last_name": ""}}), unchanged=1
    )
    assert academy.user("bo@example.com")["last_name"] == "Li"


def test_empty_texts_of_paths_and_progress_are_not_sent(academy: Academy) -> None:
    world = World(academy)
    path = {"slug": "a-path", "path": {"title": "A path", "short_description": "", "header_html": " "}}
    assert took(academy.try_to_write("published_paths", path), created=1)
    assert took(academy.try_to_write("published_paths", path), unchanged=1)
    assert world.enrollment
    record = {"user_id": world.enrolled, "published_course_id": world.published_course}
    progress = {**record, "course_progress": {"completed_at": "2026-01-01T00:00:00Z", "credits_earned": ""}}
    assert took(academy.try_to_write("user_course_progress", progress, sync_mode="update"), updated=1)


@pytest.mark.parametrize(
    ("name", "record", "lacking"),
    [
        ("published_paths", {"slug": "a-path", "path": {"title": " "}}, "path.title"),
        ("domain_users", {"user": {"email": "", "first_name": "Ada"}}, "user.email"),
        ("domain_users", {"user_id": "nobody"}, "user.email"),
        ("license_package_seats", {"student": {"email": ""}}, "student or student_id or user_email"),
    ],
)
def test_a_new_row_whose_nested_object_only_looks_as_if_it_were_given_is_rejected_and_never_sent(
    academy: Academy, name: str, record: dict[str, Any], lacking: str
) -> None:
    if name == "license_package_seats":
        record = {**record, "license_package_id": World(academy).license_package}
    counted = academy.counting()
    reject = academy.rejected(name, record)
    assert reject["code"] == "INPUT.MISSING"
    assert lacking in reject["reason"]
    assert counted.writes == 0


def test_the_person_of_a_member_is_found_by_address_whatever_id_the_record_shows(academy: Academy) -> None:
    academy.add_member("ada@example.com", domain=DOMAIN)
    member = {"user": {"id": "of another organization", "email": "ada@example.com"}}
    assert took(academy.try_to_write("domain_users", member), unchanged=1)
