"""What is wrong with a record is said by code, field and remedy, and never by quoting a value."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.testing.catalogue import assignments, completions, content, group_members, groups, users
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model import validation
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Field, Kind
from lms_shared.model.reading import read_record
from lms_shared.model.unified import UNIFIED_OBJECTS
from lms_shared.model.validation import record_schema, value_problem

OBJECTS = declarations()
VALID = {
    "users": users()[0],
    "groups": groups()[0],
    "group_members": group_members()[0],
    "content": content()[0],
    "assignments": assignments()[0],
    "completions": completions()[0],
}


@pytest.mark.parametrize("name", VALID)
def test_a_whole_record_has_no_problem(name: str) -> None:
    assert read_record(OBJECTS[name], VALID[name], strict=True).problem is None


@pytest.mark.parametrize(
    ("name", "change", "code", "reason"),
    [
        ("users", {"active": "no longer"}, "INPUT.TYPE", "active is not of type boolean"),
        ("users", {"email": ["a@b.c"]}, "INPUT.TYPE", "email is not of type string"),
        ("users", {"email": "a b@c.d"}, "INPUT.FORMAT", "email is not an e-mail address"),
        ("users", {"email": "@example.com"}, "INPUT.FORMAT", "email is not an e-mail address"),
        ("users", {"email": "a@b@c"}, "INPUT.FORMAT", "email is not an e-mail address"),
        ("users", {"external_reference": 1.5}, "INPUT.TYPE", "external_reference is not of type string or integer"),
        ("users", {"external_reference": 1e20}, "INPUT.TYPE", "external_reference is not of type string or integer"),
        ("users", {"first_name": "x" * 51}, "INPUT.LENGTH", "first_name is longer than 50 characters"),
        ("users", {"last_name": "x" * 1_000_001}, "INPUT.LENGTH", "last_name is longer than 1000000 characters"),
        ("users", {"first_name": "a\x00"}, "INPUT.CHARACTERS", "first_name holds control characters"),
        ("users", {"email": None, "external_reference": ""}, "INPUT.MISSING", "email or external_reference is missing"),
        ("content", {"title": " "}, "INPUT.MISSING", "title is missing or empty"),
        ("content", {"content_url": "courses/7"}, "INPUT.FORMAT", "content_url is not an absolute http"),
        ("content", {"content_url": "ftp://x/y"}, "INPUT.FORMAT", "content_url is not an absolute http"),
        ("content", {"duration": "1:30"}, "INPUT.FORMAT", "duration is not an ISO 8601 duration"),
        ("content", {"order": 1.5}, "INPUT.TYPE", "order is not of type integer"),
        ("content", {"order": 2.0**53 + 2}, "INPUT.TYPE", "order is not of type integer"),
        ("content", {"tags": ["a", 1]}, "INPUT.TYPE", "tags.1 is not of type string"),
        ("content", {"additional_data": {"x": float("inf")}}, "INPUT.VALUE", "additional_data is or holds a number"),
        ("assignments", {"due_date": "tomorrow"}, "INPUT.FORMAT", "due_date is not an ISO 8601 date"),
        ("assignments", {"status": "done"}, "INPUT.VALUE", "status is not one of pending, in_progress, completed"),
        ("assignments", {"progress": 101}, "INPUT.VALUE", "progress is out of range (maximum 100)"),
        ("assignments", {"progress": -1}, "INPUT.VALUE", "progress is out of range (minimum 0)"),
        ("assignments", {"user_email": None}, "INPUT.MISSING", "user_id or user_external_reference or user_email"),
        ("completions", {"completed_at": None}, "INPUT.MISSING", "completed_at is missing"),
        ("completions", {"score": {"percentage": "0,85"}}, "INPUT.TYPE", "score.percentage is not of type number"),
        ("completions", {"score": {"percentage": 101}}, "INPUT.VALUE", "score.percentage is out of range"),
        ("completions", {"score": {"raw_value": float("nan")}}, "INPUT.VALUE", "score.raw_value is or holds a number"),
    ],
)
def test_a_problem_is_told_by_code_and_field(name: str, change: dict[str, Any], code: str, reason: str) -> None:
    problem = read_record(OBJECTS[name], {**VALID[name], **change}, strict=True).problem
    assert problem is not None
    assert problem.code == code
    assert reason in problem.reason
    assert problem.remedy.endswith(".")


LIMITED = ObjectDeclaration(
    "pages",
    "Page",
    "",
    (
        Field("slug", Kind.TEXT, "", pattern="^[a-z-]+$", place="here"),
        Field("tags", Kind.TEXT_LIST, "", item_max_length=3, place="here"),
        Field("owner", Kind.NESTED, "", extra_schema={"properties": {"email": {"format": "email"}}}, place="here"),
    ),
    (),
)


@pytest.mark.parametrize(
    ("values", "code", "reason"),
    [
        ({"slug": "A b"}, "INPUT.FORMAT", "slug is not a text that matches ^[a-z-]+$"),
        ({"tags": ["abc", "abcd"]}, "INPUT.LENGTH", "tags.1 is longer than 3 characters"),
        ({"owner": {"email": "nobody"}}, "INPUT.FORMAT", "owner.email is not an e-mail address"),
    ],
)
def test_a_problem_of_form_or_length_is_told_with_its_place(values: dict[str, Any], code: str, reason: str) -> None:
    problem = read_record(LIMITED, values, strict=True).problem
    assert problem is not None
    assert (problem.code, problem.reason) == (code, reason)


@pytest.mark.parametrize("slug", ["a-b", " a-b\n", "", "  ", None])
def test_a_text_is_checked_as_it_is_written_and_not_at_all_where_it_counts_as_not_given(slug: str | None) -> None:
    assert read_record(LIMITED, {"slug": slug}, strict=True).problem is None


LINKING = ObjectDeclaration("tags", "Tag", "", (Field("course", Kind.LINK, "", place="here"),), ())


@pytest.mark.parametrize("course", [{}, {"id": None}, {"id": " ", "title": "Python"}])
def test_what_an_object_must_have_is_missing_where_it_is_null_or_blank(course: dict[str, Any]) -> None:
    problem = read_record(LINKING, {"course": course}, strict=True).problem
    assert problem is not None
    assert (problem.code, problem.reason) == ("INPUT.MISSING", "course lacks id")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("users", {"email": "secret-person@"}),
        ("users", {"active": "secret-person"}),
        ("assignments", {"status": "secret-person"}),
        ("content", {"title": "secret-person" * 20}),
    ],
)
def test_no_reason_quotes_the_record(name: str, values: dict[str, Any]) -> None:
    problem = read_record(OBJECTS[name], {**VALID[name], **values}, strict=True).problem
    assert problem is not None
    assert "secret-person" not in problem.reason + problem.remedy


@pytest.mark.parametrize(
    ("name", "values", "enough"),
    [
        ("content", {"external_reference": "c-1"}, True),
        ("content", {"id": "7", "duration": "PT1M"}, True),
        ("content", {"duration": "PT1M"}, False),
        ("completions", {"user_email": "a@b.c", "learning_object_id": "7"}, True),
        ("completions", {"user_email": "a@b.c"}, False),
    ],
)
def test_where_nothing_is_created_a_record_needs_only_what_finds_its_object(
    name: str, values: dict[str, Any], enough: bool
) -> None:
    problem = read_record(OBJECTS[name], values, creates=False, strict=True).problem
    assert (problem is None) is enough


@pytest.mark.parametrize("declaration", UNIFIED_OBJECTS, ids=lambda one: one.name)
def test_the_schema_of_an_object_describes_every_field_and_takes_unknown_ones(declaration: Any) -> None:
    schema = record_schema(declaration)
    assert schema["additionalProperties"] is True
    assert {name for name, one in schema["properties"].items() if one["description"] and "null" in one["type"]} == {
        one.name for one in declaration.fields
    }


ODD_VALUES = [
    "",
    " ",
    "plain",
    "x" * 21,
    "a@b",
    "a@@b",
    "a b@c",
    "https://example.com",
    "ftp://example.com",
    "https://",
    "2026-01-02",
    "01/02/2026",
    "PT1H",
    "1 hour",
    True,
    False,
    0,
    1.5,
    [],
    {},
]


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_passed_without_the_validator_passes_the_validator(kind: Kind) -> None:
    declared = Field("field", kind, "A field.", max_length=20)
    passed = [one for one in ODD_VALUES if validation._surely_fits(declared, one)]
    validator = validation._validator(validation._ByIdentity(declared))
    assert [one for one in passed if not validator.is_valid(one)] == []


def test_a_field_with_a_pattern_or_choices_is_left_to_the_validator() -> None:
    assert value_problem(Field("field", Kind.TEXT, "A field.", pattern="^a$"), "field", "b") is not None
    assert value_problem(Field("field", Kind.TEXT, "A field.", choices=("a",)), "field", "b") is not None
