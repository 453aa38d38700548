"""Reads the lines a destination gets, tolerates whatever is not an Airbyte message, and keeps what came as it came."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from lms_shared.wire.messages import Input, RecordMessage, State, StateMessage, StatusMessage, StreamId
from lms_shared.wire.raw import member

logger = logging.getLogger("airbyte")

MAX_LINE_BYTES = 20_000_000
"""A longer RECORD line is a reject; no LMS takes a record of that size."""
KEPT_OF_LONG = 100_000
"""Characters that are kept of it."""

MAX_DEPTH = 100
"""A RECORD whose data is nested deeper is a reject: encoders and parsers on the way give up at a few hundred levels."""

UNREADABLE = "unreadable"
"""Key of a rejected message: the text of a line that no JSON object can stand for. A message that has it, as one does
that comes from a rejects file, is rejected again: what else it says is not what the source sent."""
ALTERED = "altered"
"""Key beside it, where the text is not the whole line: what was done to it."""

_RECORD_LINE = re.compile(r'"type"\s*:\s*"RECORD"')
_STREAM_NAME = re.compile(r'"stream"\s*:\s*("(?:[^"\\]|\\.)*")')
_BLANKS = " \t\r\n"
_BEYOND_64_BITS = re.compile(r"\d{19}")
_BLANK_BEFORE_COLON = re.compile(r'"[ \t\r\n]+:')


@dataclass(frozen=True)
class _Line:
    """A line, as far as its messages need to know it."""

    text: str = ""
    """Empty for a message that was given decoded."""
    size: int = 0
    key_twice: bool = False


_DECODED = _Line()


def parse_lines(lines: Iterable[bytes]) -> Iterator[Input]:
    """Airbyte messages out of raw lines; anything else is skipped with a warning that does not quote it."""
    for line in lines:
        if line.strip():
            message = parse_line(line)
            if message is not None:
                yield message


def parse_line(line: bytes) -> Input | None:
    """One line as a message, or None for what a destination has no use for."""
    size, altered = len(line), ""
    try:
        text = line.decode("utf-8-sig").strip(_BLANKS)
    except UnicodeDecodeError:
        text = line.decode(errors="replace").strip(_BLANKS)
        altered = "bytes that are not text are replaced"
    if size > MAX_LINE_BYTES and (stream := _stream_of(text)):
        kept = _kept(stream, text[:KEPT_OF_LONG], f"cut after {KEPT_OF_LONG} characters")
        return RecordMessage(stream, None, kept, size, f"the line is longer than {MAX_LINE_BYTES} bytes")
    if altered:
        return _unreadable(text, size, "the line is not valid JSON: it is not UTF-8", altered)
    plain = _plain_record(text, size)
    if plain is not None:
        return plain
    keys = _Keys()
    try:
        raw = json.loads(text, object_pairs_hook=keys.of)
    except RecursionError:
        return _unreadable(text, size, _too_deep())
    except json.JSONDecodeError:
        return _unreadable(text, size, "the line is not valid JSON")
    except ValueError:
        return _unreadable(text, size, "the line holds a number of thousands of digits")
    return parse_message(raw, _Line(text, size, keys.twice))


def _plain_record(text: str, size: int) -> RecordMessage | None:
    """A RECORD line without any of what is looked for below, as nearly all are; None for another line."""
    if _BEYOND_64_BITS.search(text) or _BLANK_BEFORE_COLON.search(text):
        return None
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(raw, dict) or raw.get("type") != "RECORD" or UNREADABLE in raw:
        return None
    body = raw.get("record")
    stream = _stream_id(body, "stream")
    if not isinstance(body, dict) or stream is None or not isinstance(body.get("data"), dict):
        return None
    # Each key is followed by `":`, which texts may hold as well: as many of them as keys, and none is named twice.
    if _keys_within(MAX_DEPTH + 2, raw) != text.count('":'):
        return None
    return RecordMessage(stream, body["data"], raw, size)


def _keys_within(limit: int, value: Any) -> int | None:
    """The keys of all objects; None where they are nested deeper than the limit."""
    keys, level = 0, [value]
    for _ in range(limit):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                keys += len(one)
                inner += [each for each in one.values() if isinstance(each, dict | list)]
            else:
                inner += [each for each in one if isinstance(each, dict | list)]
        if not inner:
            return keys
        level = inner
    return None


class _Keys:
    """Makes the objects of a line, and notices a key that is named twice in one: of its values one could be kept."""

    def __init__(self) -> None:
        self.twice = False

    def of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        self.twice = self.twice or len(made) < len(pairs)
        return made


def _unreadable(text: str, size: int, problem: str, altered: str = "") -> Input | None:
    """A line that no parser reads is still a reject when it can be seen to be a record of a stream."""
    stream = _stream_of(text)
    if stream is None:
        logger.warning("Skipped an input line that is not an Airbyte message (%d bytes).", size)
        return None
    return RecordMessage(stream, None, _kept(stream, text, altered), size, problem)


def _stream_of(text: str) -> StreamId | None:
    """The stream of a line that is a record, or was before something broke it."""
    body = member(text, "record") or ""
    if member(text, "type") == '"RECORD"' and (name := _name(member(body, "stream"))):
        return StreamId(name, _name(member(body, "namespace")))
    # A broken quote hides what comes behind it; the name is told by its key alone then.
    found = _STREAM_NAME.search(text)
    name = _name(found[1]) if found and _RECORD_LINE.search(text) else None
    return StreamId(name) if name is not None else None


def _name(text: str | None) -> str | None:
    try:
        name = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None
    return name if isinstance(name, str) else None


def _kept(stream: StreamId, text: str, altered: str = "") -> dict[str, Any]:
    """What is kept of a record that no object can stand for."""
    record = {"stream": stream.name, **({"namespace": stream.namespace} if stream.namespace else {}), "data": None}
    return {"type": "RECORD", "record": record, UNREADABLE: text, **({ALTERED: altered} if altered else {})}


def parse_message(raw: Any, line: _Line = _DECODED) -> Input | None:
    """A decoded message; None for logs, traces other than a stream status, and what is not an Airbyte message."""
    kind = raw.get("type") if isinstance(raw, dict) else None
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is not None:
        return reader(raw, line)
    if not isinstance(kind, str) or kind not in _OF_NO_USE:
        logger.warning("Skipped an input line that is not an Airbyte message (%d bytes).", line.size)
    return None


def _record(raw: dict[str, Any], line: _Line) -> Input | None:
    body = raw.get("record")
    stream = _stream_id(body, "stream")
    if not isinstance(body, dict) or stream is None:
        logger.warning("Skipped a RECORD line without a stream (%d bytes).", line.size)
        return None
    if _deeper_than(MAX_DEPTH + 2, raw):  # the data is two levels down
        return RecordMessage(stream, None, _kept(stream, line.text), line.size, _too_deep())
    if UNREADABLE in raw:
        problem = "the line is one of a rejects file that could not be read when it first came"
        return RecordMessage(stream, None, raw, line.size, problem)
    if line.key_twice:
        problem = "the line names a key twice in one object"
        return RecordMessage(stream, None, _kept(stream, line.text), line.size, problem)
    data = body.get("data")
    if not isinstance(data, dict):
        return RecordMessage(stream, data, raw, line.size, "the record's data is not an object")
    if line.text:
        try:
            strict = orjson.loads(line.text)
        except orjson.JSONDecodeError:
            problem = "the line holds values that JSON does not know, such as NaN"
            return RecordMessage(stream, data, {**raw, UNREADABLE: line.text}, line.size, problem)
        if _BEYOND_64_BITS.search(line.text):
            # No LMS takes such an integer, so the checks see the number as it is read; a reject has its digits.
            data = strict["record"]["data"]
    return RecordMessage(stream, data, raw, line.size)


def _too_deep() -> str:
    return f"the record is nested deeper than {MAX_DEPTH} levels"


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


def _state(raw: dict[str, Any], line: _Line) -> Input | None:
    state = raw.get("state")
    if not isinstance(state, dict):
        logger.warning("Skipped a STATE line without a state (%d bytes).", line.size)
        return None
    stream = _stream_id(_inside(state, "stream", "stream_descriptor"), "name")
    return StateMessage(stream, State(state, line.text), line.size)


def _trace(raw: dict[str, Any], _: _Line) -> Input | None:
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
