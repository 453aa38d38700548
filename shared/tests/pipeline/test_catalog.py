"""Which streams a run takes, and where their schemas come from."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lms_shared.pipeline import catalog
from lms_shared.pipeline.folder import Folder
from lms_shared.pipeline.problems import PipelineConfigError

OFFERED = {
    "users": {
        "name": "users",
        "json_schema": {"properties": {"id": {}}},
        "supported_sync_modes": ["full_refresh"],
        "source_defined_primary_key": [["id"]],
    },
    "progress": {
        "name": "progress",
        "json_schema": {"properties": {"at": {}}},
        "supported_sync_modes": ["full_refresh", "incremental"],
        "default_cursor_field": ["at"],
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    streams = [catalog.Stream("users"), catalog.Stream("progress", catalog.INCREMENTAL)]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog.outline(streams)))
    return Folder(tmp_path)


class Asked:
    """A source's `discover`, counted."""

    def __init__(self, **offered: Any) -> None:
        self.times = 0
        self._offered = offered or OFFERED

    def __call__(self) -> dict[str, Any]:
        self.times += 1
        return self._offered


def test_schemas_come_from_the_source_once_a_day_and_the_file_stays_as_it_is(folder: Folder) -> None:
    asked, before = Asked(), folder.catalog_file.read_text()
    first = catalog.described(folder, catalog.load(folder), asked, "source-x")
    assert [one["stream"] for one in first] == list(OFFERED.values())
    assert (first[0]["primary_key"], first[1]["cursor_field"]) == ([["id"]], ["at"])
    assert catalog.described(folder, catalog.load(folder), asked, "source-x") == first
    assert asked.times == 1
    yesterday = folder.discovered_file.stat().st_mtime - catalog.REMEMBERED_SECONDS - 1
    os.utime(folder.discovered_file, (yesterday, yesterday))
    catalog.described(folder, catalog.load(folder), asked, "source-x")
    assert asked.times == 2
    assert folder.catalog_file.read_text() == before


def test_a_stream_that_has_its_schema_is_taken_as_it_is(folder: Folder) -> None:
    whole = catalog.described(folder, catalog.load(folder), Asked(), "source-x")
    own = {**whole[0], "stream": {**whole[0]["stream"], "json_schema": {"properties": {"own": {}}}}}
    folder.catalog_file.write_text(json.dumps({"streams": [own, whole[1]]}))
    folder.discovered_file.unlink()
    asked = Asked()
    assert catalog.described(folder, catalog.load(folder), asked, "source-x") == [own, whole[1]]
    assert asked.times == 0


def test_a_stream_that_the_account_lacks_is_named_unless_it_is_not_chosen(folder: Folder) -> None:
    asked = Asked(users=OFFERED["users"])
    streams = catalog.load(folder)
    with pytest.raises(PipelineConfigError, match="does not offer progress on this account"):
        catalog.described(folder, streams, asked, "source-x")
    assert len(catalog.described(folder, catalog.chosen(streams, ["users"]), asked, "source-x")) == 1


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"streams": []}',
        '{"streams": ["users"]}',
        '{"streams": [{"stream": {"name": "a"}, "sync_mode": "whole", "destination_sync_mode": "append"}]}',
        '{"streams": [{"stream": {}, "sync_mode": "full_refresh", "destination_sync_mode": "append"}]}',
    ],
)
def test_something_else_than_a_configured_catalog_is_refused(folder: Folder, content: str) -> None:
    folder.catalog_file.write_text(content)
    with pytest.raises(PipelineConfigError, match="must be a configured catalog"):
        catalog.load(folder)
