"""What goes with the connector says the same as the connector."""

from __future__ import annotations

import json
import logging
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from airbyte_cdk.models import AirbyteStream, SyncMode

from source_skilljar.manifest import declarations
from source_skilljar.source import SourceSkilljar
from source_skilljar.stream_graph import name_of, parents

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "source_skilljar"
HEAD = ["| Stream | Path | Parent | Primary key | Cursor | Sync |", "| --- | --- | --- | --- | --- | --- |"]


@pytest.fixture(scope="module")
def catalog() -> dict[str, AirbyteStream]:
    found = SourceSkilljar().discover(logging.getLogger(__name__), {"api_key": "sk-live-x"})
    return {stream.name: stream for stream in found.streams}


@pytest.fixture(scope="module")
def spec() -> Any:
    return SourceSkilljar().spec(logging.getLogger(__name__)).connectionSpecification


def ticks(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def table_row(declaration: Any) -> str:
    parameters = declaration["$parameters"]
    listing = parameters["listing"]
    query = "&".join(f"{name}={value}" for name, value in listing.get("query", {}).items())
    path = f"/{listing['path']}" + (f"?{query}" if query else "")
    cursor = listing.get("cursor", {})
    kind = "full refresh" if not cursor else "children of changed parents" if "parent" in cursor else "rows by cursor"
    above = ticks(name_of(parent) for parent in parents(declaration))
    field = f"`{cursor['field']}`" if cursor else ""
    return f"| `{parameters['name']}` | `{path}` | {above} | {ticks(parameters['primary_key'])} | {field} | {kind} |"


def test_the_table_of_streams_in_the_readme_is_that_of_the_manifest() -> None:
    expected = "\n".join([*HEAD, *map(table_row, declarations())])
    written = re.search(r"<!-- streams:.*?-->\n(.*?)\n<!-- /streams -->", (ROOT / "README.md").read_text(), re.DOTALL)
    assert written is not None
    assert written.group(1) == expected


def test_each_guarantee_in_the_readme_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "README.md").read_text())
    assert len(named) > 10
    for file, test in named:
        assert f"def {test}(" in (ROOT / "unit_tests" / file).read_text()


def test_the_catalogue_says_what_the_manifest_declares(catalog: dict[str, AirbyteStream]) -> None:
    assert len(catalog) == 77
    for declaration in declarations():
        parameters = declaration["$parameters"]
        stream = catalog[parameters["name"]]
        assert stream.source_defined_primary_key == [[field] for field in parameters["primary_key"]]
        cursor = parameters["listing"].get("cursor")
        assert (SyncMode.incremental in stream.supported_sync_modes) == (cursor is not None)
        assert stream.default_cursor_field == ([cursor["field"]] if cursor else None)


def test_keys_and_cursors_are_in_the_schemas(catalog: dict[str, AirbyteStream]) -> None:
    for name, stream in catalog.items():
        properties = stream.json_schema["properties"]
        assert {path[0] for path in stream.source_defined_primary_key or []} <= properties.keys(), name
        for field in stream.default_cursor_field or []:
            assert properties[field]["format"] == "date-time", name


def test_each_stream_has_a_schema_file_and_each_file_a_stream(catalog: dict[str, AirbyteStream]) -> None:
    assert {path.stem for path in (PACKAGE / "schemas").glob("*.json")} == set(catalog)


def nodes(schema: Any) -> Any:
    yield schema
    for child in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from nodes(child)


@pytest.mark.parametrize("path", sorted((PACKAGE / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_lets_everything_be_null_and_allows_unknown_fields(path: Path) -> None:
    top = json.loads(path.read_text())
    assert (top["type"], top["additionalProperties"]) == ("object", True)
    for node in nodes(top):
        assert node is top or node == {} or node["type"][0] == "null"
        assert "properties" not in node or node["additionalProperties"] is True
        assert "$ref" not in node


def test_no_schema_has_a_field_for_a_secret(catalog: dict[str, AirbyteStream]) -> None:
    secrets = {"login_token", "invite_url", "target_url", "basic_auth_password", "additional_headers", "download_url"}
    for stream in catalog.values():
        for node in nodes(stream.json_schema):
            assert not secrets & node.get("properties", {}).keys()
    assert "token" not in catalog["domain_user_invites"].json_schema["properties"]


def test_the_form_is_well_kept(spec: Any) -> None:
    assert spec["additionalProperties"] is True
    assert spec["required"] == ["api_key"]
    properties = spec["properties"]
    assert list(properties) == [
        "api_key",
        "domains",
        "start_date",
        "num_workers",
        "requests_per_minute",
        "requests_per_hour",
        "base_url",
    ]
    assert [part["order"] for part in properties.values()] == list(range(len(properties)))
    for key, part in properties.items():
        assert {"title", "description", "type"} <= part.keys(), key
        assert part["type"] != "array" or "items" in part
        assert part.get("format") != "date-time" or part["pattern"]
        assert not {"anyOf", "allOf", "not", "oneOf", "if", "patternProperties"} & part.keys()
        for example in part.get("examples", []):
            assert "pattern" not in part or re.fullmatch(part["pattern"], example)
    assert [key for key, part in properties.items() if part.get("airbyte_secret")] == ["api_key"]
    defaults = {key: part["default"] for key, part in properties.items() if "default" in part}
    assert defaults == {
        "domains": [],
        "num_workers": 6,
        "requests_per_minute": 600,
        "requests_per_hour": 5000,
        "base_url": "https://api.skilljar.com/v1",
    }


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


def test_the_suggested_streams_and_the_sample_catalogue_are_streams(catalog: dict[str, AirbyteStream]) -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    sample = json.loads((ROOT / "integration_tests" / "configured_catalog.json").read_text())
    assert set(data["suggestedStreams"]["streams"]) <= set(catalog)
    assert {configured["stream"]["name"] for configured in sample["streams"]} == set(catalog)
