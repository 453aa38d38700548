"""The folder of rejects and plans: shape of the lines, earlier syncs, and what a crash leaves behind."""

from __future__ import annotations

import json
import logging
import math
import re
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType, Status
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.syncs import Run, Stream, sync
from lms_shared.reports.folder import FolderStore
from lms_shared.reports.opening import open_store
from lms_shared.reports.storage import LocalStorage
from lms_shared.reports.store import file_name
from lms_shared.upsert.account.rejects import reject_line, strict_json
from lms_shared.upsert.account.store import FileKind

BAD = {"email": "nobody", "note": "kept as it came"}


def run(folder: Path, *records: dict[str, Any], **config: Any) -> Run:
    storage = {"storage_type": "LOCAL", "path": str(folder)}
    config = {"api_key": "k", "object_storage_config": storage, **config}
    return sync(MemoryDestination(), config, [Stream("users", records)])


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_rejected_record_is_one_line_with_the_whole_message(tmp_path: Path) -> None:
    run(tmp_path, BAD, {"email": "fine@example.com"})
    (line,) = lines(tmp_path / "rejects-users.jsonl")
    assert list(line) == ["stream", "object", "code", "reason", "remedy", "candidates", "record", "emitted_at"]
    assert (line["stream"], line["object"], line["code"]) == ("users", "users", "INPUT.FORMAT")
    assert line["record"] == {"type": "RECORD", "record": {"stream": "users", "data": BAD, "emitted_at": 1}}
    assert line["candidates"] == []
    assert line["emitted_at"].endswith("Z")


def test_candidates_are_shown_with_their_id_and_name(tmp_path: Path) -> None:
    destination = MemoryDestination()
    for _ in range(2):
        destination.lms.add("content", title="Twice")
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    records = [{"external_reference": "c-1", "title": "Twice"}]
    sync(destination, {"api_key": "k", "object_storage_config": storage}, [Stream("content", records)])
    (line,) = lines(tmp_path / "rejects-content.jsonl")
    assert line["code"] == "REMOTE.AMBIGUOUS"
    assert line["candidates"] == [{"id": "content-1", "title": "Twice"}, {"id": "content-2", "title": "Twice"}]


def test_a_plan_line_names_each_change_with_old_and_new(tmp_path: Path) -> None:
    destination = MemoryDestination()
    destination.lms.add("users", email="a@example.com", first_name="Old")
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    records = [{"email": "a@example.com", "first_name": "New"}]
    config = {"api_key": "k", "object_storage_config": storage, "dry_run": True}
    sync(destination, config, [Stream("users", records)])
    (line,) = lines(tmp_path / "plan-users.jsonl")
    assert (line["stream"], line["object"], line["action"]) == ("users", "users", "updated")
    assert line["reason"].startswith("matched by email")
    assert line["changes"] == [{"field": "first_name", "old": "Old", "new": "New"}]


def test_files_of_a_sync_that_ended_well_are_put_away_by_the_next(tmp_path: Path) -> None:
    run(tmp_path, BAD)
    run(tmp_path, {"email": "fine@example.com"})
    assert not (tmp_path / "rejects-users.jsonl").exists()
    (earlier,) = (tmp_path / "earlier").iterdir()
    assert len(lines(earlier / "rejects-users.jsonl")) == 1


def test_after_a_sync_that_broke_off_the_next_goes_on_in_the_same_files(tmp_path: Path) -> None:
    assert run(tmp_path, BAD, BAD, max_rejected=0).error is not None
    assert run(tmp_path, BAD).error is None
    assert len(lines(tmp_path / "rejects-users.jsonl")) >= 2
    assert not (tmp_path / "earlier").exists()


@pytest.mark.parametrize("torn", [b'{"stream": "us', b'{"a": "' + b"x" * 200_000])
def test_a_line_that_a_crash_cut_off_does_not_spoil_the_next(tmp_path: Path, torn: bytes) -> None:
    store = FolderStore(tmp_path)
    store.append(FileKind.REJECTS, "users", {"number": 1})
    store.close(finished=False)
    path = tmp_path / "rejects-users.jsonl"
    path.write_bytes(path.read_bytes() + torn)
    store = FolderStore(tmp_path)
    store.append(FileKind.REJECTS, "users", {"number": 2})
    store.close(finished=True)
    assert lines(path) == [{"number": 1}, {"number": 2}]


def test_a_file_that_is_nothing_but_a_torn_line_is_emptied(tmp_path: Path) -> None:
    (tmp_path / ".unfinished").touch()
    (tmp_path / "rejects-users.jsonl").write_bytes(b'{"torn')
    store = FolderStore(tmp_path)
    store.append(FileKind.REJECTS, "users", {"number": 1})
    store.close(finished=True)
    assert lines(tmp_path / "rejects-users.jsonl") == [{"number": 1}]


@pytest.mark.parametrize("stream", ["../../etc/passwd", "a/b", "a b", "ns.users", "ä"])
def test_the_name_of_a_stream_never_leads_out_of_the_folder(tmp_path: Path, stream: str) -> None:
    folder = tmp_path / "folder"
    store = FolderStore(folder)
    store.append(FileKind.REJECTS, stream, {"number": 1})
    store.close(finished=True)
    assert [path.parent for path in tmp_path.rglob("*.jsonl")] == [folder]


def test_each_stream_has_files_of_its_own_whose_names_any_file_system_takes() -> None:
    plain = "course_progress-2"
    assert file_name(FileKind.REJECTS, plain) == f"rejects-{plain}.jsonl"
    streams = [plain, plain.upper(), "a" * 250, "a" * 249 + "b", "a/b", "a b", "ä", "å", "курсы", "عربى", "\ud800", ""]
    names = [file_name(kind, stream) for kind in (FileKind.REJECTS, FileKind.PLAN) for stream in streams]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 100 and re.fullmatch(r"[a-z0-9_.-]+", name) for name in names)


def test_a_folder_that_cannot_be_made_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AirbyteTracedException) as caught:
        open_store(LocalStorage(storage_type="LOCAL", path=str(tmp_path / "file" / "folder")))
    assert caught.value.failure_type is FailureType.config_error
    assert "object_storage_config.path" in str(caught.value.message)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "half \ud800", 2**70, {"k\udfff": [2**70, None]}])
def test_whatever_came_the_line_is_json_that_any_parser_reads(value: Any) -> None:
    line = reject_line("users", "users", "INPUT.JSON", "r", "m", [], {"type": "RECORD", "record": {"data": value}})
    read = json.loads(strict_json(line), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert read["record"]["record"]["data"] is not None


def test_check_proves_that_the_folder_can_be_written_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, expected in ((tmp_path / "new", Status.SUCCEEDED), (tmp_path / "file" / "new", Status.FAILED)):
        storage = {"storage_type": "LOCAL", "path": str(folder)}
        config = {"api_key": "k", "object_storage_config": storage}
        status = MemoryDestination().check(logging.getLogger("airbyte"), config)
        assert status.status is expected
        assert expected is Status.SUCCEEDED or "object_storage_config.path" in str(status.message)
    assert list((tmp_path / "new").iterdir()) == []
