"""The forms of the docs' pictures, laid out as Airbyte does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from lms_shared.dev.pictures.__main__ import CONNECTORS
from lms_shared.dev.pictures.form import Schema, cards, page

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"


@pytest.fixture(params=CONNECTORS)
def schema(request: pytest.FixtureRequest) -> Schema:
    command = Path(sys.executable).with_name(request.param)
    done = subprocess.run([command, "spec"], capture_output=True, check=True)
    spec = next(one for line in done.stdout.splitlines() if (one := orjson.loads(line))["type"] == "SPEC")
    form: Schema = spec["spec"]["connectionSpecification"]
    return form


@pytest.mark.sweep(kept=1)
def test_each_key_stands_in_its_group_once_and_what_is_required_is_seen(schema: Schema) -> None:
    groups = list(cards(schema))
    titles = [one.title for card in groups for one in (*card.seen, *card.optional)]
    visible = {key["title"] for key in schema["properties"].values() if not key.get("airbyte_hidden")}
    assert sorted(titles) == sorted(visible)
    seen = {one.title for card in groups for one in card.seen}
    assert {schema["properties"][name]["title"] for name in schema["required"]} <= seen
    assert not [one for card in groups for one in card.optional if one.is_required]
    drawn = page("source-x", schema)
    assert all(re.sub("[&'\"<>].*", "", title) in drawn for title in titles)


def test_a_secret_shows_nothing_even_if_it_has_an_example() -> None:
    key = {"title": "Key", "airbyte_secret": True, "examples": ["sk-live-example"], "type": "string", "order": 0}
    form = {"required": ["api_key"], "properties": {"api_key": key}}
    assert "sk-live-example" not in page("source-x", form)


@pytest.mark.parametrize("name", [*(f"{name}-form.png" for name in CONNECTORS), "report.png", "report-phone.png"])
def test_the_pictures_of_the_docs_are_there(name: str) -> None:
    assert (PICTURES / name).read_bytes().startswith(b"\x89PNG")
