"""What Airbyte's form and registry ask of a destination's form, as one suite.

The rules, each of which was broken once:
- nothing that the form cannot render: no anyOf, allOf, not, patternProperties, if or references; arrays have items;
  objects of choices have one constant of the same name in each variant;
- a unique order among the keys of an object, and groups at the top level only, all of them declared, each with its keys
  side by side;
- optional keys that a newcomer needs are always shown, and nothing else is;
- each key has a title, and a description that is a sentence, says nothing in angle brackets and names no JSON schema;
- titles differ, so that each makes sense without its heading;
- a pattern has a description, and no description shows the pattern;
- names that can be listed are chosen from a list, and each choice that is not a name is explained;
- the documentation is linked, with the same address as in metadata.yaml.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import yaml
from airbyte_cdk.models import DestinationSyncMode

from lms_shared.destination.base import ActivationDestination

Schema = dict[str, Any]
FORBIDDEN = {"anyOf", "allOf", "not", "patternProperties", "if", "$ref"}
GROUPS = ["connection", "written", "safety", "reports", "advanced"]
CHOSEN = (
    ".content_provider",
    ".stream_mappings[].object",
    ".stream_mappings[].preset",
    ".stream_mappings[].mode",
    ".field_policies[].object",
    ".field_policies[].policy",
)
EXPLAINED = (".content_provider", ".stream_mappings[].mode", ".field_policies[].policy")


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
    """Subclasses name the destination and its folder, what its form asks for at the top, and what of it is secret."""

    destination: ClassVar[type[ActivationDestination]]
    folder: ClassVar[Path]
    required: ClassVar[tuple[str, ...]]
    shown: ClassVar[tuple[str, ...]]
    """What is seen before any fold is opened, in its order."""
    secrets: ClassVar[tuple[str, ...]]
    groups: ClassVar[list[str]] = GROUPS
    """The parts of the form in their order."""

    @property
    def form(self) -> dict[str, Schema]:
        """The parts of the form by their paths."""
        return dict(parts(dict(self._spec().connectionSpecification)))

    @property
    def keys(self) -> dict[str, Schema]:
        """The keys of the form by their paths, those of entries and of choices included."""
        return {path: one for path, one in self.form.items() if path and not path.endswith("]")}

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

    def test_keys_stand_in_groups_of_which_each_is_whole(self) -> None:
        form = self.form[""]
        assert [one["id"] for one in form["groups"]] == self.groups
        assert all(one["title"] for one in form["groups"])
        in_order = sorted(form["properties"].values(), key=lambda one: one["order"])
        groups = [one["group"] for one in in_order]
        assert groups == sorted(groups, key=self.groups.index)
        assert set(groups) == set(self.groups)
        assert not any("group" in one for path, one in self.keys.items() if path.count(".") > 1 or "[" in path)

    def test_what_is_needed_stands_at_the_top_and_nothing_else_does(self) -> None:
        form = self.form[""]
        in_order = sorted(form["properties"].items(), key=lambda named: named[1]["order"])
        shown = [name for name, one in in_order if name in form["required"] or one.get("always_show")]
        assert shown == list(self.shown)
        assert form["required"] == list(self.required)

    def test_each_key_has_a_title_and_says_what_it_means(self) -> None:
        for path, one in self.keys.items():
            assert one["title"][0].isupper(), path
            assert one["description"].endswith((".", '"].')), path
            assert not {"<", ">"} & set(one["description"]), path
            assert "JSON schema" not in one["description"], path

    def test_each_title_makes_sense_without_its_heading(self) -> None:
        titles = [one["title"] for path, one in self.keys.items() if "[" not in path]
        assert len(set(titles)) == len(titles)
        for variant in self.form[".object_storage_config"]["oneOf"]:
            assert variant["title"] not in ("None", "LOCAL", "S3")

    def test_a_pattern_is_told_in_words(self) -> None:
        patterns = {path: one for path, one in self.keys.items() if "pattern" in one}
        assert patterns
        for path, one in patterns.items():
            assert one["pattern_descriptor"], path
            assert one["pattern"] not in one["description"], path
            assert "^" not in one["pattern_descriptor"], path

    def test_names_are_chosen_from_a_list_and_choices_are_explained(self) -> None:
        for path in CHOSEN:
            assert self.form[path]["enum"], path
        for path in EXPLAINED:
            assert all(one in self.form[path]["description"] for one in self.form[path]["enum"]), path
        objects = self.form[".stream_mappings[].object"]["enum"]
        sinks = self.destination().adapter(self.destination.least_config).sinks
        assert objects == [name for name, sink in sinks.items() if sink.declaration.modes]

    def test_what_is_secret_is_hidden_in_the_form(self) -> None:
        secrets = [path for path, one in self.form.items() if one.get("airbyte_secret")]
        assert [path for path in secrets if not path.startswith(".object_storage_config")] == list(self.secrets)

    def test_the_documentation_is_linked_as_in_the_metadata(self) -> None:
        metadata = yaml.safe_load((self.folder / "metadata.yaml").read_text())
        assert self._spec().documentationUrl == metadata["data"]["documentationUrl"]

    def test_overwriting_is_not_offered(self) -> None:
        assert self._spec().supported_destination_sync_modes == [
            DestinationSyncMode.append,
            DestinationSyncMode.append_dedup,
            DestinationSyncMode.update,
            DestinationSyncMode.soft_delete,
        ]
