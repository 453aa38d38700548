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

import lms_shared
from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.settings import Settings
from lms_shared.dev.docs.readme import written
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.wire.parsing import parse_lines

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SAMPLES = ROOT / "integration_tests"


def test_the_generated_parts_of_the_pages_are_those_of_the_declarations() -> None:
    pages = written(DestinationSkilljar(), ROOT)
    assert len(pages) == 3
    for page, text in pages.items():
        assert page.read_text("utf-8") == text, f"{page.name}: run make docs"


def test_each_promise_of_the_readme_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", README)
    assert len(named) >= 15
    for file, test in named:
        assert f"def {test}(" in (ROOT / "unit_tests" / file).read_text()


def test_each_code_of_a_reject_is_in_the_readme() -> None:
    packages = (ROOT / "destination_skilljar", *(Path(lms_shared.__path__[0]) / name for name in ("model", "upsert")))
    # The table of all codes has those that only other connectors raise, too.
    paths = [path for package in packages for path in package.rglob("*.py") if path.name != "reject_codes.py"]
    sources = [path.read_text() for path in paths]
    codes = {code for text in sources for code in re.findall(r'"((?:INPUT|REFERENCE|REMOTE|POLICY)\.[A-Z_]+)"', text)}
    assert len(codes) > 10
    assert [code for code in sorted(codes) if f"`{code}`" not in README] == []


def test_the_metadata_says_what_the_package_and_the_image_say() -> None:
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text())["data"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert data["dockerImageTag"] == version
    assert f"io.airbyte.version={version}" in dockerfile
    assert f"io.airbyte.name={data['dockerRepository']}" in dockerfile
    assert f"ARG BASE_IMAGE={data['connectorBuildOptions']['baseImage']}" in dockerfile
    assert f"| {version} |" in README
    assert data["allowedHosts"]["hosts"] == [Settings.model_fields["base_url"].default.split("/")[2]]
    assert data["supportsDataActivation"] is True


@pytest.mark.parametrize("name", ["sample_config.json", "invalid_config.json"])
def test_the_sample_configs_have_keys_of_the_form_only(name: str) -> None:
    form: dict[str, Any] = dict(DestinationSkilljar().spec(logging.getLogger("airbyte")).connectionSpecification)
    assert set(json.loads((SAMPLES / name).read_text())) <= set(form["properties"])


def test_the_sample_messages_can_be_written_with_the_sample_catalog(academy: Academy) -> None:
    catalog = ConfiguredAirbyteCatalogSerializer.load(json.loads((SAMPLES / "configured_catalog.json").read_text()))
    with (SAMPLES / "messages.jsonl").open("rb") as lines:
        states = list(DestinationSkilljar().sync(academy.config(), catalog, parse_lines(lines)))
    assert len(states) == 3
    assert academy.only("progress")["success_status"] == "PASSED"
