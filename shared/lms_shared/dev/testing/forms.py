"""What Airbyte's registry asks of a destination's form beyond its own tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, ClassVar

from airbyte_cdk.models import DestinationSyncMode

from lms_shared.destination.base import ActivationDestination

Schema = dict[str, Any]
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


class FormSuite:
    """Subclasses name the destination, what its form cannot do without, and what of it is secret."""

    destination: ClassVar[type[ActivationDestination]]
    required: ClassVar[tuple[str, ...]]
    secrets: ClassVar[tuple[str, ...]]

    @property
    def form(self) -> dict[str, Schema]:
        """The parts of the form by their paths."""
        return dict(parts(dict(self._spec().connectionSpecification)))

    def _spec(self) -> Any:
        return self.destination().spec(logging.getLogger("airbyte"))

    def test_each_part_is_one_that_airbyte_can_show(self) -> None:
        for path, schema in self.form.items():
            assert not FORBIDDEN & schema.keys(), path
            assert schema.get("additionalProperties", True) is True, path
            orders = [one.get("order") for one in schema.get("properties", {}).values()]
            assert None not in orders, path
            assert len(set(orders)) == len(orders), path
            assert schema["type"] != "array" or "items" in schema, path
            for variant in schema.get("oneOf", []):
                constants = [name for name, one in variant["properties"].items() if "const" in one]
                assert variant["type"] == schema["type"] == "object", path
                assert constants == ["storage_type"], path
                assert set(constants) <= set(variant["required"]), path

    def test_each_field_has_a_title_and_says_what_it_means(self) -> None:
        fields = {path: one for path, one in self.form.items() if path and "[" not in path}
        assert fields
        for path, one in fields.items():
            assert one["title"], path
            assert one["description"].endswith("."), path

    def test_what_is_secret_is_hidden_in_the_form(self) -> None:
        secrets = [path for path, one in self.form.items() if one.get("airbyte_secret")]
        assert [path for path in secrets if not path.startswith(".object_storage_config")] == list(self.secrets)

    def test_little_is_required_and_the_rest_has_a_default_or_may_be_empty(self) -> None:
        assert self.form[""]["required"] == list(self.required)

    def test_overwriting_is_not_offered(self) -> None:
        assert self._spec().supported_destination_sync_modes == [
            DestinationSyncMode.append,
            DestinationSyncMode.append_dedup,
            DestinationSyncMode.update,
            DestinationSyncMode.soft_delete,
        ]
