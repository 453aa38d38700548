"""`discover` and the form are derived from what the objects can do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft7Validator

from lms_shared.destination.discovery import operations
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.model.fields import FieldPolicy
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.reading import read_record
from lms_shared.upsert.routing.settings import SyncConfig

OBJECTS = declarations()
OPERATIONS = operations(OBJECTS.values())


def test_each_object_offers_the_sync_modes_that_it_can_do() -> None:
    offered = {name: [one["sync_mode"] for one in OPERATIONS if one["object_name"] == name] for name in OBJECTS}
    assert offered == {
        "users": ["append", "append_dedup", "update", "soft_delete"],
        "groups": ["append", "append_dedup", "update"],
        "group_members": ["append", "append_dedup", "soft_delete"],
        "content": ["append", "append_dedup", "update", "soft_delete"],
        "assignments": ["append", "append_dedup", "update", "soft_delete"],
        "completions": ["append", "append_dedup", "update"],
    }


def test_matching_keys_are_told_in_the_order_in_which_they_are_tried() -> None:
    keys = {one["object_name"]: one["matching_keys"] for one in OPERATIONS}
    assert keys["users"] == [["external_reference"], ["id"], ["email"]]
    assert keys["content"] == [["external_reference"], ["id"]]
    assert ["user_email", "learning_object_external_reference"] in keys["assignments"]
    assert len(keys["group_members"]) == 9


def schema_of(name: str, sync_mode: str, *, user_references: bool = True) -> dict[str, Any]:
    offered = operations(declarations(user_references=user_references).values())
    (schema,) = (one["json_schema"] for one in offered if (one["object_name"], one["sync_mode"]) == (name, sync_mode))
    return dict(schema)


USER = ({"user_id"}, {"user_external_reference"}, {"user_email"})
COURSE = ({"learning_object_id"}, {"learning_object_external_reference"})


@pytest.mark.parametrize(
    ("name", "sync_mode", "required", "alternatives"),
    [
        ("content", "append_dedup", ["external_reference", "title"], []),
        ("content", "update", [], [{"external_reference"}, {"id"}, {"title"}]),
        ("content", "soft_delete", [], [{"external_reference"}, {"id"}]),
        ("users", "append_dedup", [], [{"email"}, {"external_reference"}]),
        ("users", "update", [], [{"external_reference"}, {"id"}, {"email"}]),
        ("groups", "append", ["name"], []),
        ("completions", "append", ["completed_at"], [one | other for one in USER for other in COURSE]),
        ("completions", "update", [], [one | other for one in USER for other in COURSE]),
    ],
)
def test_each_operation_requires_what_its_records_cannot_do_without(
    name: str, sync_mode: str, required: list[str], alternatives: list[set[str]]
) -> None:
    schema = schema_of(name, sync_mode)
    assert schema["required"] == required
    assert [set(one["required"]) for one in schema.get("anyOf", [])] == alternatives


def test_what_is_needed_is_told_in_words_too() -> None:
    assert "Needs email or external_reference." in schema_of("users", "append_dedup")["description"]
    assert "Needs external_reference or id." in schema_of("content", "soft_delete")["description"]


def test_nobody_can_be_created_by_a_field_that_the_lms_has_no_place_for() -> None:
    schema = schema_of("users", "append_dedup", user_references=False)
    assert (schema["required"], schema.get("anyOf")) == (["email"], None)
    schema = schema_of("users", "update", user_references=False)
    assert schema["anyOf"] == [{"required": ["id"]}, {"required": ["email"]}]


def test_parts_of_a_key_are_required_where_creating_needs_them_too() -> None:
    keyed = replace(
        OBJECTS["groups"],
        keys=(MatchKey("id", KeyKind.IDENTIFIER), MatchKey("external_reference", KeyKind.NATURAL, ("name", "active"))),
    )
    (update,) = (one["json_schema"] for one in operations([keyed]) if one["sync_mode"] == "update")
    assert update["anyOf"] == [{"required": ["id"]}, {"required": ["external_reference", "name"]}]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one['object_name']} {one['sync_mode']}")
def test_a_record_that_misses_what_a_schema_requires_would_be_rejected(operation: dict[str, Any]) -> None:
    schema, declaration = operation["json_schema"], OBJECTS[operation["object_name"]]
    creates = operation["sync_mode"].startswith("append")
    assert not Draft7Validator(schema).is_valid({})
    problem = read_record(declaration, {}, creates=creates, strict=True).problem
    assert problem is not None
    assert problem.code == "INPUT.MISSING"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one['object_name']} {one['sync_mode']}")
def test_the_schema_of_an_operation_is_valid_and_can_be_sent(operation: dict[str, object]) -> None:
    schema = json.loads(json.dumps(operation["json_schema"]))
    Draft7Validator.check_schema(schema)
    assert schema["additionalProperties"] is True


FORM = MemoryDestination.form()
PROPERTIES = FORM["properties"]


def test_the_form_is_valid_and_chooses_objects_and_presets_by_name() -> None:
    Draft7Validator.check_schema(FORM)
    entry = PROPERTIES["stream_mappings"]["items"]["properties"]
    assert "users" in entry["object"]["enum"]
    assert entry["preset"]["enum"] == ["none", "pluralsight", "skilljar"]
    assert PROPERTIES["content_provider"]["enum"] == ["auto", "pluralsight", "skilljar", "none"]


def test_a_config_without_any_shared_key_has_the_defaults_of_the_form() -> None:
    settings = SyncConfig.parse({})
    properties = PROPERTIES
    for name in ("namespace", "dry_run", "send_notifications", "num_workers", "batch_size"):
        assert getattr(settings, name) == properties[name]["default"]
    brake = properties["mirror"]["properties"]
    assert settings.mirror.max_deactivated == brake["max_deactivated"]["default"]
    assert settings.mirror.max_deactivated_share == brake["max_deactivated_share"]["default"]
    assert (settings.max_rejected, settings.max_rejected_share) == (None, None)


CONSTANT = PROPERTIES["stream_mappings"]["items"]["properties"]["fields"]["items"]["properties"]["constant"]


@pytest.mark.parametrize("constant", ["text", "", False, 3, 1.5, ["a"], {"a": [1]}, None])
def test_a_constant_may_be_any_json_and_is_a_text_field_in_the_form(constant: object) -> None:
    assert Draft7Validator(CONSTANT).is_valid(constant)
    # Airbyte's form takes the first of several types.
    assert CONSTANT["type"][0] == "string"


def test_policies_are_read_by_object_and_field() -> None:
    entries = [
        {"object": "content", "field": "tags", "policy": "never"},
        {"object": "content", "field": "title", "policy": "fill_if_empty"},
    ]
    settings = SyncConfig.parse({"field_policies": entries})
    assert settings.policies == {"content": {"tags": FieldPolicy.NEVER, "title": FieldPolicy.FILL_IF_EMPTY}}
