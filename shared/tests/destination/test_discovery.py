"""`discover` and the form are derived from what the objects can do."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator

from lms_shared.destination.discovery import operations
from lms_shared.destination.form import shared_properties
from lms_shared.model.fields import FieldPolicy
from lms_shared.testing.memory_adapter import declarations
from lms_shared.upsert.settings import SyncConfig

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


def test_only_what_may_create_requires_what_creating_needs() -> None:
    required = {
        one["sync_mode"]: one["json_schema"].get("required", [])
        for one in OPERATIONS
        if one["object_name"] == "content"
    }
    assert required["append_dedup"] == ["external_reference", "title"]
    assert required["update"] == []
    (upsert,) = (one for one in OPERATIONS if one["object_name"] == "users" and one["sync_mode"] == "append_dedup")
    assert "Needs email or external_reference." in upsert["json_schema"]["description"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one['object_name']} {one['sync_mode']}")
def test_the_schema_of_an_operation_is_valid_and_can_be_sent(operation: dict[str, object]) -> None:
    schema = json.loads(json.dumps(operation["json_schema"]))
    Draft7Validator.check_schema(schema)
    assert schema["additionalProperties"] is True


def test_the_form_is_valid_and_its_fields_are_numbered_from_where_it_is_put() -> None:
    properties = shared_properties(10)
    Draft7Validator.check_schema({"type": "object", "properties": properties})
    assert [one["order"] for one in properties.values()] == list(range(10, 10 + len(properties)))
    assert all(one["title"] and one["description"] for one in properties.values())


def test_a_config_without_any_shared_key_has_the_defaults_of_the_form() -> None:
    settings = SyncConfig.parse({})
    properties = shared_properties(0)
    for name in ("namespace", "dry_run", "send_notifications", "num_workers", "batch_size"):
        assert getattr(settings, name) == properties[name]["default"]
    brake = properties["mirror"]["properties"]
    assert settings.mirror.max_deactivated == brake["max_deactivated"]["default"]
    assert settings.mirror.max_deactivated_share == brake["max_deactivated_share"]["default"]
    assert (settings.storage, settings.max_rejected, settings.max_rejected_share) == (None, None, None)


CONSTANT = shared_properties(0)["stream_mappings"]["items"]["properties"]["fields"]["items"]["properties"]["constant"]


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
