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

from source_pluralsight.planning.table import known_streams
from source_pluralsight.settings import PUBLIC_ENDPOINT, Settings
from source_pluralsight.source import SourcePluralsight

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "source_pluralsight"


@pytest.fixture(scope="module")
def spec() -> Any:
    return SourcePluralsight().spec(logging.getLogger(__name__)).connectionSpecification


def test_the_written_tables_are_those_of_the_streams() -> None:
    documents = runpy.run_path(str(ROOT / "write_docs.py"))
    readme = documents["README"].read_text("utf-8")
    assert documents["written_readme"](readme) == readme, "run make docs"
    assert documents["DICTIONARY"].read_text("utf-8") == documents["fields"](), "run make docs"


def test_each_guarantee_in_the_readme_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", (ROOT / "README.md").read_text())
    assert len(named) > 5
    for file, test in named:
        assert f"def {test}(" in (ROOT / "unit_tests" / file).read_text()


def test_each_static_stream_has_a_schema_file_and_each_file_a_stream() -> None:
    streams = {stream.name for stream in known_streams()}
    assert {path.stem for path in (PACKAGE / "schemas").glob("*.json")} == streams
    assert len(streams) == 13


def nodes(schema: Any) -> Any:
    yield schema
    for child in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from nodes(child)


@pytest.mark.parametrize("path", sorted((PACKAGE / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_file_lets_everything_be_null_and_allows_unknown_fields(path: Path) -> None:
    top = json.loads(path.read_text())
    assert (top["type"], top["additionalProperties"]) == ("object", True)
    for node in nodes(top):
        assert node is top or node["type"][0] == "null"
        assert "properties" not in node or node["additionalProperties"] is True
    legacy = {"userId", "userHandle", "ownerId", "ssoIdentifiers", "team", "stackOverflowTags"}
    assert not legacy & set(top["properties"])


def test_the_form_has_the_keys_and_defaults_that_the_connector_reads(spec: Any) -> None:
    properties = spec["properties"]
    read = Settings.parse({"api_key": "key", "partner_name": "Acme"}).model_dump()
    assert set(properties) == set(read)
    assert spec["required"] == ["api_key", "partner_name"]
    for key, part in properties.items():
        assert "default" not in part or part["default"] == (list(read[key]) if part["type"] == "array" else read[key])


def test_the_form_is_well_kept(spec: Any) -> None:
    """Rules of Airbyte's form: order, groups, patterns with a description, no angle brackets, no combined schemas."""
    assert spec["additionalProperties"] is True
    properties = spec["properties"]
    assert [part["order"] for part in properties.values()] == list(range(len(properties)))
    groups = [group["id"] for group in spec["groups"]]
    assert [group["title"] for group in spec["groups"]] == ["Connection", "What is read", "Advanced"]
    places = [groups.index(part["group"]) for part in properties.values()]
    assert places == sorted(places)
    for key, part in properties.items():
        assert {"title", "description", "type"} <= part.keys(), key
        assert not set("<>") & set(part["title"] + part["description"]), key
        assert part["title"] != key
        assert part["type"] != "array" or "items" in part
        assert part.get("format") != "date-time" or part["pattern"]
        assert ("pattern" in part) == ("pattern_descriptor" in part)
        assert not {"anyOf", "allOf", "not", "oneOf", "if", "patternProperties"} & part.keys()
        for example in part.get("examples", []):
            assert "pattern" not in part or re.fullmatch(part["pattern"], example)
    assert [key for key, part in properties.items() if part.get("airbyte_secret")] == ["api_key"]


def test_the_top_of_the_form_is_what_is_needed(spec: Any) -> None:
    assert list(spec["properties"])[:2] == ["api_key", "partner_name"]
    shown = [key for key, part in spec["properties"].items() if part.get("always_show")]
    assert shown == ["start_date", "show_off_plan_content"]


def test_the_documentation_is_the_same_in_the_form_and_in_the_metadata() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    assert SourcePluralsight().spec(logging.getLogger(__name__)).documentationUrl == data["documentationUrl"]


def test_the_form_shows_what_will_be_sent(spec: Any) -> None:
    assert "Acme skills_data connector" in spec["properties"]["partner_name"]["description"]


def test_the_metadata_says_what_the_package_and_the_image_say() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert data["dockerImageTag"] == version
    assert f"io.airbyte.version={version}" in dockerfile
    assert f"io.airbyte.name={data['dockerRepository']}" in dockerfile
    assert f"ARG BASE_IMAGE={data['connectorBuildOptions']['baseImage']}" in dockerfile
    assert f"| {version} |" in (ROOT / "README.md").read_text()
    assert data["allowedHosts"]["hosts"] == [PUBLIC_ENDPOINT.split("/")[2]]


def test_the_suggested_streams_and_the_sample_catalogue_are_static_streams() -> None:
    streams = {stream.name for stream in known_streams()}
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    catalog = json.loads((ROOT / "integration_tests" / "configured_catalog.json").read_text())
    assert set(data["suggestedStreams"]["streams"]) <= streams
    assert {configured["stream"]["name"] for configured in catalog["streams"]} == streams
