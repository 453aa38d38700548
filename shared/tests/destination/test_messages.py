"""What comes on stdin: messages are taken as they came, and what is none never ends a sync or gets into the log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from lms_shared.destination import messages
from lms_shared.destination.messages import parse_line, parse_lines
from lms_shared.testing.catalogue import nested
from lms_shared.testing.syncs import record, state, status
from lms_shared.upsert.messages import RecordMessage, StateMessage, StatusMessage
from lms_shared.upsert.routing import StreamId


def parse(message: Any) -> Any:
    return parse_line(message if isinstance(message, bytes) else json.dumps(message).encode())


def test_a_record_keeps_the_whole_message() -> None:
    message = {**record("users", {"a": 1}), "unknown": True}
    message["record"]["namespace"] = "hr"
    parsed = parse(message)
    assert isinstance(parsed, RecordMessage)
    assert (parsed.stream, parsed.data, parsed.message, parsed.problem) == (
        StreamId("users", "hr"),
        {"a": 1},
        message,
        None,
    )


@pytest.mark.parametrize(
    ("message", "stream"),
    [
        (state("users", {"x": 1}), StreamId("users")),
        ({"type": "STATE", "state": {"type": "GLOBAL", "global": {"stream_states": []}}}, None),
        ({"type": "STATE", "state": {"data": {"legacy": 1}}}, None),
        ({"type": "STATE", "state": {"type": "STREAM", "stream": "odd"}}, None),
        ({"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": ["odd"]}}}, None),
        ({"type": "STATE", "state": {"id": 7, "unknown": [None]}}, None),
    ],
)
def test_a_state_is_kept_as_it_came(message: dict[str, Any], stream: StreamId | None) -> None:
    assert parse(message) == StateMessage(stream, message["state"])


@pytest.mark.parametrize(("value", "complete"), [("COMPLETE", True), ("INCOMPLETE", False)])
def test_the_end_of_a_stream_is_understood(value: str, complete: bool) -> None:
    assert parse(status("users", value)) == StatusMessage(StreamId("users"), complete)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "LOG", "log": {"level": "INFO", "message": "x"}},
        {"type": "SPEC"},
        {"type": "CATALOG"},
        {"type": "CONTROL"},
        {"type": "TRACE", "trace": {"type": "ESTIMATE"}},
        {"type": "TRACE", "trace": {"type": "ERROR", "error": {"message": "x"}}},
        status("users", "STARTED"),
    ],
)
def test_what_a_destination_has_no_use_for_is_passed_over_in_silence(
    message: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert parse(message) is None
    assert caplog.text == ""


ODD_LINES: list[Any] = [
    b"secret-name\n",
    b"secret-name: 12 rows",
    b"\xff\xfe secret-name",
    b'{"type": "LOG", "secret-name": ',
    [],
    7,
    "secret-name",
    None,
    {},
    {"type": []},
    {"type": {"a": 1}},
    {"type": None},
    {"type": "secret-name"},
    {"type": "RECORD"},
    {"type": "RECORD", "record": None},
    {"type": "RECORD", "record": []},
    {"type": "RECORD", "record": {"data": {"a": "secret-name"}}},
    {"type": "RECORD", "record": {"stream": 7, "data": {"a": "secret-name"}}},
    {"type": "STATE"},
    {"type": "STATE", "state": "secret-name"},
]


@pytest.mark.parametrize("line", ODD_LINES, ids=repr)
def test_what_is_no_message_is_skipped_with_a_warning_that_does_not_quote_it(
    line: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert parse(line) is None
    assert len(caplog.records) == 1
    assert "bytes" in caplog.text
    assert "secret-name" not in caplog.text


@pytest.mark.parametrize(
    "trace",
    [
        "x",
        [],
        None,
        {"stream_status": "x"},
        {"stream_status": []},
        {"stream_status": {"stream_descriptor": "x", "status": "COMPLETE"}},
        {"stream_status": {"stream_descriptor": {"name": "users"}, "status": []}},
    ],
)
def test_a_trace_of_any_shape_is_passed_over(trace: Any) -> None:
    assert parse({"type": "TRACE", "trace": trace}) is None


BAD_RECORDS: list[tuple[bytes, str]] = [
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": NaN}}}', "does not know"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": 1, "a": 2}}}', "names a key twice"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": [{"b": 1, "b": 1}]}}}', "names a key twice"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": -Infinity}}}', "does not know"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": 1e999}}}', "does not know"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": "\\ud800"}}}', "does not know"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": "\xff"}}}', "no valid JSON"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": 1}', "no valid JSON"),
    (b'{"record": {"data": {}, "stream": "users"}, "type" : "RECORD"', "no valid JSON"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": [1]}}', "not an object"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": null}}', "not an object"),
    (b'{"type": "RECORD", "record": {"stream": "users"}}', "not an object"),
]


@pytest.mark.parametrize(("line", "problem"), BAD_RECORDS)
def test_a_record_that_cannot_be_read_is_a_reject_of_its_stream(line: bytes, problem: str) -> None:
    parsed = parse_line(line)
    assert isinstance(parsed, RecordMessage)
    assert parsed.stream == StreamId("users")
    assert parsed.problem is not None
    assert problem in parsed.problem


@pytest.mark.parametrize("depth", [101, 600, 1500, 100_000])
def test_a_record_that_is_nested_too_deeply_is_a_reject_at_any_depth(depth: int) -> None:
    start = b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": '
    parsed = parse_line(start + b"[" * depth + b"]" * depth + b"}}}")
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is not None


def test_a_record_that_is_nested_but_not_absurdly_so_is_taken() -> None:
    parsed = parse(record("users", nested(90)))
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is None


def test_a_line_that_no_lms_would_take_is_a_reject_whose_copy_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_LINE_BYTES", 1000)
    parsed = parse(record("users", {"a": "x" * 200_000}))
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem == "the line is longer than 1000 bytes"
    assert len(json.dumps(parsed.message)) < 110_000


def test_blank_lines_are_nothing() -> None:
    lines = [b"\n", b"  \r\n", json.dumps(record("users", {})).encode() + b"\r\n", b""]
    assert len(list(parse_lines(lines))) == 1
