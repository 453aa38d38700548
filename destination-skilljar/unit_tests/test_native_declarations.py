"""The declarations of the native objects hold together, and say what the API's request bodies say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from destination_skilljar import native
from destination_skilljar.hooks import HOOKS
from lms_shared.destination.discovery import operations
from lms_shared.dev.docs.readme import natives_page
from lms_shared.dev.sandbox.skilljar.description import BodyField, load_description
from lms_shared.model.declarations import Mode
from lms_shared.model.fields import Kind
from lms_shared.model.keys import KeyKind
from lms_shared.model.reading import read_record
from lms_shared.model.validation import record_schema
from lms_shared.resources.resource import Attribute, Resource
from lms_shared.resources.rest import RestCalls

RESOURCES = {one.name: one for one in native.RESOURCES}
DECLARED = native.declarations()


def rest(resource: Resource) -> RestCalls:
    assert isinstance(resource.calls, RestCalls)
    return resource.calls


API = load_description()

KINDS = {
    "str": {Kind.TEXT, Kind.HTML, Kind.REFERENCE},
    "email": {Kind.EMAIL},
    "url": {Kind.URL},
    "int": {Kind.INTEGER},
    "bool": {Kind.BOOLEAN},
    "datetime": {Kind.INSTANT},
    "obj": {Kind.NESTED},
}
UNWRAPPED = {"asset", "web_package"}
"""Nested objects of bodies whose fields are fields of the record, as they are in answers."""
TAKEN_BY_PATH = {"lesson_id", "published_course_id", "lesson_progress_id"}
OTHER_OWNER = {"quiz_questions": "quiz_question_bank", "question_bank_questions": "quiz"}
"""Questions are made by one call for both owners, which are two objects here."""


def bodies(resource: Resource) -> list[str]:
    """The request bodies of the calls that make and change a row."""
    names = ["{}" if part.startswith("{") else part for part in f"/v1/{rest(resource).path}".split("/")]
    items = ["{}" if part.startswith("{") else part for part in f"/v1/{rest(resource).item}".split("/")]
    found = {}
    for one in API.operations:
        shape = ["{}" if part.startswith("{") else part for part in one.path.split("/")]
        if one.body and (
            (shape == names and one.method == "POST") or (shape == items and one.method in ("PUT", "PATCH"))
        ):
            found[one.body] = True
    return list(found)


def body_fields(schema: str) -> dict[str, BodyField]:
    fields: dict[str, BodyField] = {}
    for one in API.bodies[schema]:
        if one.name in UNWRAPPED:
            fields |= body_fields(str(one.reference))
        else:
            fields[one.name] = one
    return fields


def declared(resource: Resource) -> dict[str, Attribute]:
    """Attributes by the last part of their place in bodies."""
    return {one.body_place.rpartition(".")[2]: one for one in resource.attributes if one.body_place}


def fits(one: Attribute, field: BodyField) -> bool:
    if field.reference or one.kind in (Kind.LINK, Kind.NESTED, Kind.NESTED_LIST):
        return one.kind in (Kind.LINK, Kind.NESTED, Kind.NESTED_LIST, Kind.TEXT_LIST)
    return one.kind is Kind.TEXT_LIST if field.is_list else one.kind in KINDS[field.type]


@pytest.mark.parametrize("name", RESOURCES)
def test_every_field_that_the_api_takes_is_a_field_of_the_object_with_its_limits(name: str) -> None:
    resource = RESOURCES[name]
    attributes = declared(resource)
    schemas = bodies(resource)
    assert schemas
    for schema in schemas:
        for field in body_fields(schema).values():
            if field.name in TAKEN_BY_PATH or field.name == OTHER_OWNER.get(name) or "*" in attributes:
                continue
            one = attributes[field.name]
            assert fits(one, field), field
            assert one.pattern == (field.pattern or ""), field
            if field.is_list and not field.reference:
                assert one.item_max_length == field.max_length, field
            if field.type == "str" and not field.is_list and not field.reference:
                assert one.max_length == field.max_length or (field.max_length is None and one.max_length), field
                assert set(one.choices) - {one.null_word} <= set(field.choices), field
                assert bool(one.choices) == bool(field.choices), field


@pytest.mark.parametrize("name", RESOURCES)
def test_an_object_holds_no_field_that_the_api_does_not_take(name: str) -> None:
    resource = RESOURCES[name]
    taken = {field for schema in bodies(resource) for field in body_fields(schema)}
    assert set(declared(resource)) - taken <= {"*"}


def test_every_resource_that_the_api_lets_a_client_write_is_an_object() -> None:
    written = {
        one.table
        for one in API.operations
        if one.method in ("POST", "PUT", "PATCH", "DELETE") and one.table and one.kind.value != "action"
    }
    for resource in RESOURCES.values():
        shapes = {_shape(f"/v1/{path}") for path in (rest(resource).path, rest(resource).item)}
        written -= {one.table for one in API.operations if _shape(one.path) in shapes}
    # The unified objects `users` and `groups` are the native ones too, and groups' e-mail rules are an object here.
    assert written == {"users"}


def test_every_call_that_writes_and_is_no_object_is_named_on_the_page_of_the_native_objects() -> None:
    shapes = {
        _shape(f"/v1/{path}") for resource in RESOURCES.values() for path in (rest(resource).path, rest(resource).item)
    }
    actions = [
        one.path
        for one in API.operations
        if one.kind.value == "action" and one.method != "GET" and _shape(one.path) not in shapes
    ]
    assert "/v1/web-packages/{web_package_id}/lessons" in actions
    page = natives_page(Path(__file__).parents[1]).read_text().partition("<!-- generated")[0]
    assert [path for path in actions if f"{path.rpartition('/')[2]}`" not in page] == []


def _shape(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize("name", [name for name, one in RESOURCES.items() if one.calls.creates])
def test_what_can_be_made_has_a_key_among_the_required_fields_so_that_it_is_found_again(name: str) -> None:
    declaration = DECLARED[name]
    needed = [set(group) for group in declaration.required]
    parents = {"domain_name", "event_type"}  # both have a default
    if name == "assets":
        parents.add("name")  # has one too: the end of the address

    def always_there(fields: tuple[str, ...]) -> bool:
        return all(field in parents or any(field in group for group in needed) for field in fields)

    assert any(always_there(key.fields) for key in declaration.keys if key.kind is not KeyKind.IDENTIFIER)


@pytest.mark.parametrize("name", RESOURCES)
def test_discover_offers_each_operation_with_its_fields_and_keys(name: str) -> None:
    declaration = DECLARED[name]
    offered: dict[str, dict[str, Any]] = {one["sync_mode"]: one for one in operations([declaration])}
    modes = {"append": Mode.UPSERT, "append_dedup": Mode.UPSERT, "update": Mode.UPDATE, "soft_delete": Mode.SOFT_DELETE}
    assert set(offered) == {sync_mode for sync_mode, mode in modes.items() if mode in declaration.modes}
    for one in offered.values():
        assert one["matching_keys"]
        assert {field for key in one["matching_keys"] for field in key} <= set(one["json_schema"]["properties"])
    if "append" in offered:
        required = {group[0] for group in declaration.required if len(group) == 1}
        assert set(offered["append"]["json_schema"]["required"]) == required


@pytest.mark.parametrize(
    ("name", "record", "code"),
    [
        ("published_courses", {"course": "c", "slug": "Python"}, "INPUT.FORMAT"),
        ("published_courses", {"course": "c", "slug": "python"}, "INPUT.FORMAT"),
        ("published_courses", {"course": "c", "slug": " python-course "}, None),
        ("published_courses", {"course": "c", "slug": " "}, None),
        ("published_paths", {"slug": "a b", "path": {"title": "A path"}}, "INPUT.FORMAT"),
        ("published_paths", {"slug": "path", "path": {"title": "A path"}}, None),
        ("catalog_pages", {"page_title": "Home", "slug": "not/here"}, "INPUT.FORMAT"),
        ("catalog_pages", {"page_title": "Home", "slug": "All_of_it"}, None),
        ("ilt_sessions", {"tags": ["fits", "x" * 101]}, "INPUT.LENGTH"),
    ],
)
def test_what_the_api_would_refuse_for_its_form_is_rejected_before_it_is_sent(
    name: str, record: dict[str, Any], code: str | None
) -> None:
    problem = read_record(DECLARED[name], record, strict=True).problem
    assert (problem.code if problem else None) == code


def test_discover_shows_the_form_of_slugs_and_the_length_of_tags() -> None:
    shown = {name: record_schema(DECLARED[name])["properties"] for name in ("catalog_pages", "ilt_sessions")}
    assert shown["catalog_pages"]["slug"]["pattern"] == "^[-a-zA-Z0-9_]+$"
    assert shown["ilt_sessions"]["tags"]["items"]["maxLength"] == 100


def test_all_hooks_belong_to_an_object() -> None:
    assert {one.hooks for one in RESOURCES.values()} == set(HOOKS)
