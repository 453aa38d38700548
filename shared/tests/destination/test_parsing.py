"""What comes on stdin: messages are taken as they came, and what is none never ends a sync or gets into the log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from lms_shared.dev.testing.catalogue import nested
from lms_shared.dev.testing.syncs import record, state, status
from lms_shared.upsert.account.rejects import reject_line, strict_json
from lms_shared.wire import parsing
from lms_shared.wire.messages import RecordMessage, State, StateMessage, StatusMessage, StreamId
from lms_shared.wire.parsing import parse_line, parse_lines


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
    assert parse(message) == StateMessage(stream, State(message["state"]))


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
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": "\xff"}}}', "not valid JSON"),
    (b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": 1}', "not valid JSON"),
    (b'{"record": {"data": {}, "stream": "users"}, "type" : "RECORD"', "not valid JSON"),
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


def nested_line(depth: int) -> bytes:
    start = b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": '
    return start + b"[" * depth + b"]" * depth + b"}}}"


@pytest.mark.parametrize("depth", [101, 600, 1500, 100_000])
def test_a_record_that_is_nested_too_deeply_is_a_reject_at_any_depth(depth: int) -> None:
    parsed = parse_line(nested_line(depth))
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem == "the record is nested deeper than 100 levels"


@pytest.mark.parametrize("line", [*(line for line, _ in BAD_RECORDS), nested_line(101), nested_line(100_000)])
def test_a_reject_is_kept_as_a_message_that_is_rejected_whenever_it_comes_again(line: bytes) -> None:
    parsed = parse_line(line + b"\r\n")
    for _ in range(2):
        assert isinstance(parsed, RecordMessage)
        kept = json.loads(strict_json(reject_line("users", "users", "INPUT.JSON", "r", "m", [], parsed.message)))[
            "record"
        ]
        assert (kept["type"], kept["record"]["stream"]) == ("RECORD", "users")
        parsed = parse(kept)
        assert isinstance(parsed, RecordMessage)
        assert parsed.problem is not None


UNREADABLE_LINES = [line for line, problem in BAD_RECORDS if "not an object" not in problem and b"\xff" not in line]


@pytest.mark.parametrize("line", [*UNREADABLE_LINES, nested_line(300)])
def test_a_line_that_no_object_can_stand_for_is_kept_as_text(line: bytes) -> None:
    parsed = parse_line(line)
    assert isinstance(parsed, RecordMessage)
    assert parsed.message["unreadable"] == line.decode()
    assert "altered" not in parsed.message


def test_a_line_that_is_no_text_is_kept_as_far_as_it_is_and_says_so() -> None:
    parsed = parse_line(b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": "\xff"}}}')
    assert isinstance(parsed, RecordMessage)
    assert parsed.message["unreadable"].endswith('{"a": "\N{REPLACEMENT CHARACTER}"}}}')
    assert "replaced" in parsed.message["altered"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": "RECORD", "record": {"stream": "users", "namespace": "hr", "data": {"a": 1, "a": 2}}}',
        b'{"type": "RECORD", "record": {"data": {"stream": "x", "namespace": ""}, "namespace": "hr", "stream": "users"',
        b'{"record": {"namespace": "hr", "stream": "users", "data": {"a": "\xff"}}, "type":"RECORD"}',
        b'{"type": "RECORD", "record": {"namespace": "hr", "stream": "users", "data": ' + b"[" * 5000,
    ],
)
def test_the_namespace_of_a_record_that_cannot_be_read_is_seen_where_it_stands(line: bytes) -> None:
    parsed = parse_line(line)
    assert isinstance(parsed, RecordMessage)
    assert parsed.stream == StreamId("users", "hr")
    assert parsed.message["record"] == {"stream": "users", "namespace": "hr", "data": None}


def test_a_record_behind_a_broken_quote_is_still_seen_to_be_one() -> None:
    parsed = parse_line(b'{"record": {"data": {"a": "b"c"}, "stream": "users"}, "type": "RECORD"}')
    assert isinstance(parsed, RecordMessage)
    assert parsed.stream == StreamId("users")


def test_a_log_that_quotes_a_record_is_none() -> None:
    quoted = json.dumps({"type": "LOG", "log": {"message": '{"type": "RECORD", "record": {"stream": "users"}}'}})
    assert parse_line(quoted[:-1].encode()) is None


def test_a_message_that_calls_itself_unreadable_is_a_reject_that_stays_one() -> None:
    parsed = parse({**record("users", {"a": 1}), "unreadable": "no line at all"})
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is not None
    assert parsed.message["record"]["data"] == {"a": 1}


def test_a_record_keeps_all_digits_of_its_integers() -> None:
    message = record("users", {"id": 123456789012345678901234567890, "small": -9223372036854775809})
    parsed = parse(message)
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is None
    line = strict_json(reject_line("users", "users", "INPUT.TYPE", "r", "m", [], parsed.message))
    assert json.loads(line)["record"] == message


def test_a_number_of_thousands_of_digits_is_a_reject() -> None:
    parsed = parse_line(b'{"type": "RECORD", "record": {"stream": "users", "data": {"a": ' + b"9" * 5000 + b"}}}")
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is not None


def test_a_byte_order_mark_is_passed_over() -> None:
    parsed = parse(b"\xef\xbb\xbf" + json.dumps(record("users", {"a": 1})).encode())
    assert isinstance(parsed, RecordMessage)
    assert (parsed.message, parsed.problem) == (record("users", {"a": 1}), None)


def test_a_record_that_is_nested_but_not_absurdly_so_is_taken() -> None:
    parsed = parse(record("users", nested(90)))
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem is None


def test_a_line_that_no_lms_would_take_is_a_reject_whose_copy_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_LINE_BYTES", 1000)
    parsed = parse(record("users", {"a": "x" * 200_000}))
    assert isinstance(parsed, RecordMessage)
    assert parsed.problem == "the line is longer than 1000 bytes"
    assert parsed.message["record"] == {"stream": "users", "data": None}
    assert "cut" in parsed.message["altered"]
    assert len(json.dumps(parsed.message)) < 110_000


def test_the_stream_of_a_line_that_is_too_long_is_seen_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_LINE_BYTES", 1000)
    parsed = parse({"record": {"data": {"a": "x" * 200_000}, "stream": "users"}, "type": "RECORD"})
    assert isinstance(parsed, RecordMessage)
    assert parsed.stream == StreamId("users")


def test_a_state_may_be_of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_LINE_BYTES", 1000)
    assert isinstance(parse(state("users", {"cursors": "x" * 2000})), StateMessage)


@pytest.mark.parametrize("line", [b'{"type": "STATE", "state": {"a": \xff}}', b'{"type": "STATE", "state": {"a": 1}'])
def test_what_is_no_state_that_can_be_read_is_skipped_with_a_warning(
    line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert parse_line(line) is None
    assert "not an Airbyte message" in caplog.text


def test_blank_lines_are_nothing() -> None:
    lines = [b"\n", b"  \r\n", json.dumps(record("users", {})).encode() + b"\r\n", b""]
    assert len(list(parse_lines(lines))) == 1


@pytest.mark.parametrize(
    "data",
    [
        *('{"a": 1}', '{"a" :1}', '{"a":1,"a":2}', '{"a" :1,"a":2}', '{"\\u0061":1,"a":2}', '{"a":[{"b":1,"b":2}]}'),
        *('{"a":"\\":"}', '{"a":"b\\":c"}', '{"a":"::"}', '{"":1}', '{"a":"\\ud800"}', '{"a":"\\ud83d\\ude00"}'),
        *('{"a":-0}', '{"a":-0.0}', '{"a":1.0}', '{"a":1E5}', '{"a":1e400}', '{"a":NaN}', '{"a":1.}', '{"a":01}'),
        *('{"a":123456789012345678}', '{"a":12345678901234567890}', '{"a":9007199254740993.0}', "[]", "null", '"x"'),
        *('{"a":' + "[" * depth + "]" * depth + "}" for depth in (98, 99, 100, 101, 600)),
        *('{"a":' * depth + "1" + "}" * depth for depth in (99, 100, 101)),
    ],
)
@pytest.mark.parametrize("beside", ["", '"namespace":"hr",', '"stream":"groups",', '"unreadable":"x",'])
def test_a_line_says_the_same_at_a_glance_and_at_a_close_look(
    data: str, beside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = f'{{"type":"RECORD","record":{{"stream":"users",{beside}"data":{data}}}}}'.encode()
    at_a_glance = repr(parse_line(line))
    monkeypatch.setattr(parsing, "_plain_record", lambda *_: None)
    assert at_a_glance == repr(parse_line(line))
