"""The form: what Airbyte's registry asks of a connection specification beyond its own tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.models import DestinationSyncMode

from destination_skilljar.destination import DestinationSkilljar

Schema = dict[str, Any]
SPEC = DestinationSkilljar().spec(logging.getLogger("airbyte"))
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
    for variant in schema.get("oneOf", []):
        constants = [name for name, one in variant["properties"].items() if "const" in one]
        assert variant["type"] == schema["type"] == "object"
        assert constants == ["storage_type"]
        assert set(constants) <= set(variant["required"])


@pytest.mark.parametrize("path", [path for path in PARTS if path and "[" not in path])
def test_each_field_has_a_title_and_says_what_it_means(path: str) -> None:
    assert PARTS[path]["title"]
    assert PARTS[path]["description"].endswith(".")


def test_the_key_is_the_secret_beside_those_of_a_bucket() -> None:
    secrets = [path for path, one in PARTS.items() if one.get("airbyte_secret")]
    assert [path for path in secrets if not path.startswith(".object_storage_config")] == [".api_key"]


def test_key_and_domain_alone_are_required_and_the_rest_has_a_default_or_may_be_empty() -> None:
    assert FORM["required"] == ["api_key", "domain_name"]


def test_overwriting_is_not_offered() -> None:
    assert SPEC.supported_destination_sync_modes == [
        DestinationSyncMode.append,
        DestinationSyncMode.append_dedup,
        DestinationSyncMode.update,
        DestinationSyncMode.soft_delete,
    ]
