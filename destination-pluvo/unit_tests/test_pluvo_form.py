"""The form: what Airbyte's registry asks of a connection specification beyond its own tests, and discover."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.models import DestinationSyncMode

from destination_pluvo.destination import DestinationPluvo

Schema = dict[str, Any]
SPEC = DestinationPluvo().spec(logging.getLogger("airbyte"))
FORM: Schema = dict(SPEC.connectionSpecification)
FORBIDDEN = {"anyOf", "allOf", "not", "patternProperties", "if", "$ref"}


def parts(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """The schema and all schemas in it, by their paths."""
    yield path, schema
    for name, one in schema.get("properties", {}).items():
        yield from parts(one, f"{path}.{name}")
    for number, one in enumerate(schema.get("oneOf", [])):
        yield from parts(one, f"{path}[{number}]")
    if isinstance(schema.get("items"), dict):
        yield from parts(schema["items"], f"{path}[]")


PARTS = dict(parts(FORM))


@pytest.mark.parametrize("path", PARTS)
def test_each_part_is_one_that_airbyte_can_show(path: str) -> None:
    schema = PARTS[path]
    assert not FORBIDDEN & schema.keys()
    assert schema.get("additionalProperties", True) is True
    orders = [one.get("order") for one in schema.get("properties", {}).values()]
    assert None not in orders
    assert len(set(orders)) == len(orders)
    assert schema["type"] != "array" or "items" in schema


@pytest.mark.parametrize("path", [path for path in PARTS if path and "[" not in path])
def test_each_field_has_a_title_and_says_what_it_means(path: str) -> None:
    assert PARTS[path]["title"]
    assert PARTS[path]["description"].endswith(".")


def test_the_client_secret_is_a_secret() -> None:
    assert PARTS[".client_secret"]["airbyte_secret"] is True
    assert ".client_id" not in [path for path, one in PARTS.items() if one.get("airbyte_secret")]


def test_the_client_alone_is_required_and_the_rest_has_a_default_or_may_be_empty() -> None:
    assert FORM["required"] == ["client_id", "client_secret"]


def test_overwriting_is_not_offered() -> None:
    assert SPEC.supported_destination_sync_modes == [
        DestinationSyncMode.append,
        DestinationSyncMode.append_dedup,
        DestinationSyncMode.update,
        DestinationSyncMode.soft_delete,
    ]


def test_discover_shows_each_object_with_what_it_can_do() -> None:
    config = {"organization": "acme", "client_id": "a", "client_secret": "b"}
    found = DestinationPluvo().discover(config)["operations"]
    modes = {(one["object_name"], one["sync_mode"]) for one in found}
    assert ("groups", "soft_delete") not in modes
    assert ("certificates", "update") not in modes
    objects = {one["object_name"] for one in found}
    assert objects == {
        "users",
        "groups",
        "group_members",
        "content",
        "assignments",
        "completions",
        "group_managers",
        "trainings",
        "training_participants",
        "training_trainers",
        "offers",
        "offer_events",
        "enrollments",
        "extra_categories",
        "extra_category_values",
        "portfolio_items",
        "certificates",
    }
    users = next(one for one in found if one["object_name"] == "users")
    assert users["matching_keys"] == [["external_reference"], ["id"], ["email"]]
