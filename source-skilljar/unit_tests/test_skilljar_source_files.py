"""What goes with the connector says the same as the connector."""

from __future__ import annotations

import json
import logging
import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models import AirbyteStream, SyncMode

from source_skilljar.config import resolve_settings
from source_skilljar.declarations import declared_streams
from source_skilljar.source import SourceSkilljar
from source_skilljar.v2.streams import V2_STREAMS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "source_skilljar"


@pytest.fixture(scope="module")
def catalog() -> dict[str, AirbyteStream]:
    found = SourceSkilljar().discover(logging.getLogger(__name__), {"api_key": "sk-live-x"})
    return {stream.name: stream for stream in found.streams}


@pytest.fixture(scope="module")
def spec() -> Any:
    return SourceSkilljar().spec(logging.getLogger(__name__)).connectionSpecification


def test_the_tables_in_the_readme_and_the_dictionary_are_those_of_the_declarations() -> None:
    documents = runpy.run_path(str(ROOT / "write_docs.py"))
    written = (ROOT / "README.md").read_text("utf-8")
    assert documents["written_readme"](written) == written
    assert documents["DICTIONARY"].read_text("utf-8") == documents["fields"]()
    assert documents["SAMPLE_CATALOG"].read_text("utf-8") == documents["sample_catalog"]()


def test_each_guarantee_in_the_readme_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "README.md").read_text())
    assert len(named) > 10
    for file, test in named:
        assert f"def {test}(" in (ROOT / "unit_tests" / file).read_text()


def test_the_catalog_says_what_the_table_declares(catalog: dict[str, AirbyteStream]) -> None:
    assert list(catalog) == list(declared_streams())
    for name, declared in declared_streams().items():
        stream = catalog[name]
        cursor = declared.cursor
        assert stream.source_defined_primary_key == [[field] for field in declared.key]
        assert (SyncMode.incremental in stream.supported_sync_modes) == (cursor is not None)
        assert bool(stream.source_defined_cursor) == (cursor is not None)
        assert stream.default_cursor_field == ([cursor.field] if cursor and cursor.field else None)


def test_keys_and_cursors_are_in_the_schemas(catalog: dict[str, AirbyteStream]) -> None:
    for name, stream in catalog.items():
        properties = stream.json_schema["properties"]
        assert {path[0] for path in stream.source_defined_primary_key or []} <= properties.keys(), name
        for field in stream.default_cursor_field or []:
            assert properties[field]["format"] == "date-time", name


def test_each_stream_has_a_schema_file_and_each_file_a_stream(catalog: dict[str, AirbyteStream]) -> None:
    assert {path.stem for path in (PACKAGE / "schemas").glob("*.json")} == {*catalog, *V2_STREAMS}


KEYS = {name: one.key for name, one in (*declared_streams().items(), *V2_STREAMS.items())}
FILLERS = {"the", "a", "an", "of", "its", "is", "this", "value", "field"}


def named_fields(schema: Any) -> Any:
    for name, field in schema.get("properties", {}).items():
        yield name, field
        yield from named_fields(field.get("items", field))


def nodes(schema: Any) -> Any:
    yield schema
    for child in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from nodes(child)


@pytest.mark.parametrize("path", sorted((PACKAGE / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_lets_everything_but_the_key_be_null_and_allows_unknown_fields(path: Path) -> None:
    top = json.loads(path.read_text())
    assert (top["type"], top["additionalProperties"]) == ("object", True)
    for name in KEYS[path.stem]:
        assert top["properties"][name]["type"] == "string"
    keys = [top["properties"][name] for name in KEYS[path.stem]]
    for node in nodes(top):
        assert node is top or any(node is key for key in keys) or node["type"][0] == "null"
        assert "properties" not in node or node["additionalProperties"] is True
        assert "$ref" not in node


@pytest.mark.parametrize("path", sorted((PACKAGE / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_each_field_is_described_in_other_words_than_its_name(path: Path) -> None:
    for name, field in named_fields(json.loads(path.read_text())):
        described = field.get("description", "")
        words = set(re.findall(r"[a-z0-9]+", described.lower())) - FILLERS
        assert words - set(name.split("_")), f"{name}: {described!r}"
        assert re.fullmatch(r"[A-Z].*\.", described), f"{name}: {described!r}"


def test_no_schema_has_a_field_for_a_secret(catalog: dict[str, AirbyteStream]) -> None:
    secrets = {"login_token", "invite_url", "target_url", "basic_auth_password", "additional_headers", "download_url"}
    for stream in catalog.values():
        for node in nodes(stream.json_schema):
            assert not secrets & node.get("properties", {}).keys()
    assert "token" not in catalog["domain_user_invites"].json_schema["properties"]


def test_the_form_asks_in_groups_for_what_is_needed_first(spec: Any) -> None:
    assert spec["additionalProperties"] is True
    assert spec["required"] == ["api_key"]
    assert [group["id"] for group in spec["groups"]] == ["connection", "read", "version_2", "advanced"]
    properties = spec["properties"]
    assert [part["order"] for part in properties.values()] == list(range(len(properties)))
    assert [part["group"] for part in properties.values()] == sorted(
        (part["group"] for part in properties.values()), key=["connection", "read", "version_2", "advanced"].index
    )
    for key, part in properties.items():
        assert {"title", "description", "type", "group"} <= part.keys(), key
        assert part["type"] != "array" or "items" in part
        assert ("pattern" in part) == ("pattern_descriptor" in part), key
        assert part.get("format") != "date-time" or part["pattern"]
        assert not {"anyOf", "allOf", "not", "oneOf", "if", "patternProperties"} & part.keys()
        assert not re.search("[<>]", part["description"])
        for example in part.get("examples", []):
            assert "pattern" not in part or re.fullmatch(part["pattern"], example)
    assert [key for key, part in properties.items() if part.get("airbyte_secret")] == ["api_key", "v2_client_secret"]


def test_the_defaults_of_the_form_are_those_of_the_config_and_in_the_readme(spec: Any) -> None:
    config = resolve_settings({"api_key": "k"})
    readme = (ROOT / "README.md").read_text("utf-8")
    for key, part in spec["properties"].items():
        assert f"| `{key}` |" in readme, key
        if "default" in part:
            value = getattr(config, key)
            assert (list(value) if isinstance(value, tuple) else value) == part["default"], key


def test_the_form_links_to_the_page_that_the_metadata_names() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    assert SourceSkilljar().spec(logging.getLogger(__name__)).documentationUrl == data["documentationUrl"]


def test_the_metadata_says_what_the_package_and_the_image_say() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert data["dockerImageTag"] == version
    assert f"io.airbyte.version={version}" in dockerfile
    assert f"io.airbyte.name={data['dockerRepository']}" in dockerfile
    assert f"ARG BASE_IMAGE={data['connectorBuildOptions']['baseImage']}" in dockerfile
    assert f"| {version} |" in (ROOT / "README.md").read_text()
    assert data["allowedHosts"]["hosts"] == ["api.skilljar.com"]


def test_the_suggested_streams_are_streams_that_cost_no_call_per_learner_without_need(
    catalog: dict[str, AirbyteStream],
) -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    suggested = set(data["suggestedStreams"]["streams"])
    assert suggested <= set(catalog)
    assert not suggested & {"domain_user_invites", "user_groups", "user_lesson_progress"}
