"""Reads the lines a destination gets, tolerant of whatever is no Airbyte message, and keeps what came as it came."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from lms_shared.upsert.messages import Input, RecordMessage, StateMessage, StatusMessage
from lms_shared.upsert.routing import StreamId

logger = logging.getLogger("airbyte")

MAX_LINE_BYTES = 20_000_000
"""A longer RECORD line is a reject; no LMS takes a record of that size."""

MAX_DEPTH = 100
"""A RECORD whose data is nested deeper is a reject: encoders and parsers on the way give up at a few hundred levels."""

_RECORD_LINE = re.compile(r'"type"\s*:\s*"RECORD"')
_STREAM_NAME = re.compile(r'"stream"\s*:\s*"((?:[^"\\]|\\.)*)"')


def parse_lines(lines: Iterable[bytes]) -> Iterator[Input]:
    """Airbyte messages out of raw lines; what is none is skipped with a warning that does not quote it."""
    for line in lines:
        if line.strip():
            message = parse_line(line)
            if message is not None:
                yield message


def parse_line(line: bytes) -> Input | None:
    """One line as a message, or None for what a destination has no use for."""
    if len(line) > MAX_LINE_BYTES:
        return _unreadable(line[:100_000], f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        message = parse_message(orjson.loads(line), len(line))
    except orjson.JSONDecodeError:
        return _lenient(line)
    if isinstance(message, RecordMessage) and message.problem is None and _names_a_key_twice(line):
        # Kept as text: an object could hold one of the two values only.
        kept = {"type": "RECORD", "unreadable": line.decode("utf-8", "replace")}
        return RecordMessage(message.stream, None, kept, len(line), "the line names a key twice in one object")
    return message


class _KeyTwice(Exception):
    pass


def _names_a_key_twice(line: bytes) -> bool:
    """Whether any object of the line has a key twice: a parser silently keeps the last of them."""
    try:
        json.loads(line, object_pairs_hook=_unique)
    except _KeyTwice:
        return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _KeyTwice
    return found


def _lenient(line: bytes) -> Input | None:
    """A RECORD line that only a lenient parser reads (NaN, lone surrogates, deep nesting) becomes a reject."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return _unreadable(line, "the line is no valid JSON")
    message = parse_message(raw, len(line))
    if isinstance(message, RecordMessage):
        problem = message.problem or "the line holds values that JSON does not know, such as NaN"
        return RecordMessage(message.stream, message.data, message.message, message.size, problem)
    return message


def _unreadable(line: bytes, problem: str) -> Input | None:
    """A line that no parser reads is still a reject when it can be seen to be a record of a stream."""
    text = line.decode("utf-8", "replace")
    stream = _STREAM_NAME.search(text)
    if not _RECORD_LINE.search(text) or stream is None:
        logger.warning("Skipped an input line that is not an Airbyte message (%d bytes).", len(line))
        return None
    name = StreamId(stream.group(1))
    return RecordMessage(name, None, {"type": "RECORD", "unreadable": text}, len(line), problem)


def parse_message(raw: Any, size: int = 0) -> Input | None:
    """A decoded message; None for logs, traces other than a stream status, and what is no Airbyte message."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is not None:
        return reader(raw, size)
    if not isinstance(kind, str) or kind not in _OF_NO_USE:
        logger.warning("Skipped an input line that is not an Airbyte message (%d bytes).", size)
    return None


def _record(raw: dict[str, Any], size: int) -> Input | None:
    body = raw.get("record")
    stream = _stream_id(body, "stream")
    if not isinstance(body, dict) or stream is None:
        logger.warning("Skipped a RECORD line without a stream (%d bytes).", size)
        return None
    data = body.get("data")
    if not isinstance(data, dict):
        return RecordMessage(stream, data, raw, size, "the record's data is not an object")
    if _deeper_than(MAX_DEPTH, data):
        # What is as deep as this can neither be walked nor written out as JSON again; only its place is kept.
        shallow = {**raw, "record": {**body, "data": None, "unreadable": "nested too deeply to be kept"}}
        return RecordMessage(stream, None, shallow, size, f"the record is nested deeper than {MAX_DEPTH} levels")
    return RecordMessage(stream, data, raw, size)


def _deeper_than(limit: int, value: Any) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _state(raw: dict[str, Any], size: int) -> Input | None:
    state = raw.get("state")
    if not isinstance(state, dict):
        logger.warning("Skipped a STATE line without a state (%d bytes).", size)
        return None
    return StateMessage(_stream_id(_inside(state, "stream", "stream_descriptor"), "name"), state)


def _trace(raw: dict[str, Any], _: int) -> Input | None:
    stream = _stream_id(_inside(raw, "trace", "stream_status", "stream_descriptor"), "name")
    status = _inside(raw, "trace", "stream_status", "status")
    if stream is None or status not in ("COMPLETE", "INCOMPLETE"):
        return None
    return StatusMessage(stream, complete=status == "COMPLETE")


def _inside(holder: Any, *path: str) -> Any:
    for name in path:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder


def _stream_id(holder: Any, key: str) -> StreamId | None:
    if not isinstance(holder, dict) or not isinstance(holder.get(key), str):
        return None
    namespace = holder.get("namespace")
    return StreamId(holder[key], namespace if isinstance(namespace, str) and namespace else None)


_READERS = {"RECORD": _record, "STATE": _state, "TRACE": _trace}
_OF_NO_USE = frozenset({"LOG", "SPEC", "CONNECTION_STATUS", "CATALOG", "CONTROL", "DESTINATION_CATALOG"})
