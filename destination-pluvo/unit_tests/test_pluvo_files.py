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
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer

from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.docs.readme import written
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.upsert.account.reject_codes import find_code
from lms_shared.wire.parsing import parse_lines

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SAMPLES = ROOT / "integration_tests"


def test_the_generated_parts_of_the_pages_are_those_of_the_declarations() -> None:
    pages = written(DestinationPluvo(), ROOT)
    assert len(pages) == 3
    for page, text in pages.items():
        assert page.read_text("utf-8") == text, f"{page.name}: run make docs"


def test_each_promise_of_the_readme_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", README)
    assert len(named) >= 15
    for file, test in named:
        assert f"def {test}(" in (ROOT / "unit_tests" / file).read_text()


def test_each_code_of_a_reject_is_in_the_readme_and_in_the_table_of_codes() -> None:
    texts = [path.read_text() for path in (ROOT / "destination_pluvo").rglob("*.py")]
    codes = {code for text in texts for code in re.findall(r'"((?:INPUT|REFERENCE|REMOTE|POLICY)\.[A-Z_]+)"', text)}
    assert len(codes) > 6
    assert [code for code in sorted(codes) if f"`{code}`" not in README or find_code(code) is None] == []


def test_the_metadata_says_what_the_package_and_the_image_say() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert data["dockerImageTag"] == version
    assert f"io.airbyte.version={version}" in dockerfile
    assert f"io.airbyte.name={data['dockerRepository']}" in dockerfile
    assert f"ARG BASE_IMAGE={data['connectorBuildOptions']['baseImage']}" in dockerfile
    assert f"| {version} |" in README
    assert data["supportsDataActivation"] is True


@pytest.mark.parametrize("name", ["sample_config.json", "invalid_config.json"])
def test_the_sample_configs_have_keys_of_the_form_only(name: str) -> None:
    form: dict[str, Any] = dict(DestinationPluvo().spec(logging.getLogger("airbyte")).connectionSpecification)
    assert set(json.loads((SAMPLES / name).read_text())) <= set(form["properties"])


def test_the_sample_messages_can_be_written_with_the_sample_catalog(organization: PluvoOrganization) -> None:
    catalog = ConfiguredAirbyteCatalogSerializer.load(json.loads((SAMPLES / "configured_catalog.json").read_text()))
    with (SAMPLES / "messages.jsonl").open("rb") as lines:
        states = list(DestinationPluvo().sync(organization.config(), catalog, parse_lines(lines)))
    assert len(states) == 3
    assert organization.only("portfolio_items")["title"] == "Reading Python"
