"""Rejected records are written again after the fix, with the documented command and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.records import a_course, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream, record, sync
from lms_shared.upsert.account.rejects import reject_line, strict_json
from lms_shared.wire.parsing import MAX_LINE_BYTES


@dataclass(frozen=True)
class Output:
    """What the command printed."""

    code: int
    printed: bytes
    errors: bytes


Replay = Callable[..., Output]


@pytest.fixture
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """The command, forked from a process that has imported it already."""
    processes = ConnectorProcesses("lms_shared.rejects:run", tmp_path_factory.mktemp("processes"))

    def start(*arguments: str, given: bytes = b"") -> Output:
        process = processes.start(*arguments, sent=[given])
        return Output(process.wait(), process.printed, process.errors)

    return start


def test_the_command_is_a_module_that_python_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lms_shared.rejects", str(tmp_path / "rejects-nothing.jsonl")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"rejects-nothing.jsonl" in done.stderr


def test_after_the_fix_in_the_lms_the_rejected_records_are_written_and_none_is_rejected(
    replayed: Replay, tmp_path: Path
) -> None:
    destination = MemoryDestination()
    lms = destination.lms
    twins = [lms.add("content", title="Negotiation") for _ in range(2)]
    config: dict[str, Any] = {
        "api_key": "k",
        "object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path / "reports")},
    }
    streams = [
        Stream("users", [a_user("ada@example.com")]),
        Stream("content", [a_course("c-1", "Negotiation"), a_course("c-2")]),
        Stream("assignments", [an_assignment("ada@example.com", one) for one in ("c-1", "c-2", "c-3")]),
    ]
    first = sync(destination, config, streams)
    assert [one["code"] for one in first.rejects] == ["REFERENCE.NOT_FOUND", "REFERENCE.NOT_FOUND", "REMOTE.AMBIGUOUS"]

    lms.edit("content", twins[0], title="Negotiation (old)")
    lms.add("content", title="Came later", stamps={"airbyte": "c-3"})
    files = sorted(str(path) for path in (tmp_path / "reports").glob("rejects-*.jsonl"))
    printed = replayed(*files)
    assert printed.code == 0
    again = sync(destination, config, streams, sent=printed.printed.splitlines())

    assert again.error is None
    assert again.rejects == []
    assert again.total("rejected") == 0
    assert len(lms.rows("assignments")) == 3
    assert len(lms.rows("content")) == 4


def test_the_messages_come_out_as_they_came_in(replayed: Replay, tmp_path: Path) -> None:
    message = {"type": "RECORD", "record": {"stream": "users", "namespace": "n", "data": {"é": [1, None]}, "x": 1}}
    line = json.dumps({"stream": "users", "code": "INPUT.TYPE", "record": message}).encode()
    done = replayed("-", given=line + b"\n\n" + line)
    assert [json.loads(one) for one in done.printed.splitlines()] == [message, message]


UNREADABLE = [
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@example.com", "email": "b@example.c"}}}',
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@example.com", "x": NaN}}}',
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@example.com", "x": "\\ud800"}}}',
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@example.com", "x": '
    + b"[" * 300
    + b"]" * 300
    + b"}}}",
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@exam',
]
NOT_KEPT_WHOLE = [
    b'{"type": "RECORD", "record": {"stream": "users", "data": {"email": "ada@example.com", "x": "\xff"}}}',
    json.dumps(record("users", {"email": "x" * MAX_LINE_BYTES})).encode(),
]


def test_what_no_parser_reads_is_rejected_again_whichever_way_it_is_written_again(
    replayed: Replay, tmp_path: Path
) -> None:
    destination = MemoryDestination()
    config: dict[str, Any] = {
        "api_key": "k",
        "object_storage_config": {"storage_type": "LOCAL", "path": str(tmp_path / "reports")},
    }
    streams = [Stream("users")]
    first = sync(destination, config, streams, sent=[*UNREADABLE, *NOT_KEPT_WHOLE])
    codes = ["INPUT.JSON" for _ in first.rejects]
    for _ in range(2):
        printed = replayed(str(tmp_path / "reports" / "rejects-users.jsonl")).printed.splitlines()
        assert printed[: len(UNREADABLE)] == UNREADABLE
        again = sync(destination, config, streams, sent=printed)
        assert [one["code"] for one in again.rejects] == codes
        for before, after in zip(first.rejects[: len(UNREADABLE)], again.rejects, strict=False):
            assert {**after, "emitted_at": ""} == {**before, "emitted_at": ""}
    as_with_jq = [one["record"] for one in first.rejects]
    assert [one["record"]["stream"] for one in as_with_jq] == ["users"] * len(codes)
    again = sync(destination, config, streams, sent=as_with_jq)
    assert [one["code"] for one in again.rejects] == codes
    assert len(codes) == len(UNREADABLE) + len(NOT_KEPT_WHOLE)
    assert destination.lms.rows("users") == []


def test_integers_of_any_size_come_out_as_they_came_in(replayed: Replay) -> None:
    message = record("users", {"id": 123456789012345678901234567890})
    line = strict_json(reject_line("users", "users", "INPUT.TYPE", "r", "m", [], message))
    assert json.loads(replayed("-", given=line).printed) == message


def test_a_message_that_only_calls_itself_unreadable_is_printed_itself(replayed: Replay) -> None:
    message = {**record("users", {}), "unreadable": "nothing that a destination would take"}
    line = strict_json(reject_line("users", "users", "INPUT.JSON", "r", "m", [], message))
    assert json.loads(replayed("-", given=line).printed) == message


@pytest.mark.parametrize("line", [b'{"stream": "us', b"[]", b'{"record": {"type": "STATE"}}', b'{"action": "created"}'])
def test_a_file_that_holds_anything_else_is_refused_naming_the_line(replayed: Replay, line: bytes) -> None:
    done = replayed("-", given=b"\n" + line + b"\n")
    assert done.code == 1
    assert done.printed == b""
    assert b"line 2" in done.errors
    assert b"Traceback" not in done.errors


def test_a_file_that_is_not_there_is_an_error(replayed: Replay, tmp_path: Path) -> None:
    done = replayed(str(tmp_path / "rejects-nothing.jsonl"))
    assert done.code == 1
    assert b"No such file" in done.errors
