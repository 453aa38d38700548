"""Every id is told: plan lines and ids files answer which object that is, for all that is created, changed or found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.syncs import Run, Stream

ADA = {"email": "Ada@Example.com", "external_reference": "u-1"}
COURSE = {"external_reference": "c-1", "title": "Reading Python", "content_url": "https://example.com/c-1"}
DONE = {
    "user_email": "ada@example.com",
    "learning_object_external_reference": "c-1",
    "completed_at": "2026-01-05T00:00:00Z",
}
STREAMS = [Stream("users", [ADA]), Stream("content", [COURSE]), Stream("completions", [DONE])]


@pytest.fixture
def lms() -> MemoryLms:
    return MemoryLms()


def run(lms: MemoryLms, folder: Path, streams: list[Stream] = STREAMS, **config: Any) -> Run:
    done = sync_into(lms, streams, object_storage_config={"storage_type": "LOCAL", "path": str(folder)}, **config)
    assert done.error is None
    return done


def lines(folder: Path, kind: str, stream: str) -> list[dict[str, Any]]:
    path = folder / f"{kind}-{stream}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def the_id(lms: MemoryLms, name: str) -> str:
    (row,) = lms.rows(name)
    return row.id


def test_each_created_object_is_told_with_its_id_and_again_when_it_is_found(lms: MemoryLms, tmp_path: Path) -> None:
    for created in (True, False):
        run(lms, tmp_path)
        for stream in ("users", "content", "completions"):
            (told,) = lines(tmp_path, "ids", stream)
            assert told["object"] == stream
            assert told["created"] is created
            assert told["id"] == the_id(lms, stream)
            (planned,) = lines(tmp_path, "plan", stream)
            assert planned["id"] == told["id"]
    assert lines(tmp_path, "plan", "content")[0]["external_reference"] == "c-1"


def test_the_key_is_that_of_the_record_as_it_came(lms: MemoryLms, tmp_path: Path) -> None:
    run(lms, tmp_path)
    assert lines(tmp_path, "ids", "users")[0]["key"] == ADA


def test_a_changed_object_and_a_deactivated_one_are_told(lms: MemoryLms, tmp_path: Path) -> None:
    run(lms, tmp_path)
    changed = {**COURSE, "title": "Reading more Python"}
    run(lms, tmp_path, [Stream("content", [changed])])
    (told,) = lines(tmp_path, "ids", "content")
    assert (told["id"], told["created"]) == (the_id(lms, "content"), False)
    run(lms, tmp_path, [Stream("content", [COURSE], sync_mode="soft_delete")])
    (planned,) = lines(tmp_path, "plan", "content")
    assert planned["action"] == "deactivated"
    assert planned["id"] == the_id(lms, "content")


def test_the_earlier_of_two_records_of_one_object_gets_its_id_too(lms: MemoryLms, tmp_path: Path) -> None:
    run(lms, tmp_path, [Stream("users", [ADA, {**ADA, "first_name": "Ada"}])])
    assert [one["id"] for one in lines(tmp_path, "ids", "users")] == 2 * [the_id(lms, "users")]


def test_a_dry_run_tells_the_ids_that_there_are_and_makes_up_none(lms: MemoryLms, tmp_path: Path) -> None:
    run(lms, tmp_path, [Stream("users", [ADA])])
    run(lms, tmp_path, dry_run=True)
    assert lines(tmp_path, "ids", "users")[0]["id"] == the_id(lms, "users")
    (planned,) = lines(tmp_path, "plan", "content")
    assert planned["action"] == "created"
    assert "id" not in planned
    assert planned["external_reference"] == "c-1"
    assert lines(tmp_path, "ids", "content") == []


def test_a_rejected_record_has_no_id(lms: MemoryLms, tmp_path: Path) -> None:
    run(lms, tmp_path, [Stream("users", [{"email": "nobody"}])])
    assert lines(tmp_path, "ids", "users") == []
    assert "id" not in lines(tmp_path, "plan", "users")[0]
