"""Airbyte messages as they pass between two connectors: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

Message = Mapping[str, Any]

SUMMARY = "sync summary "


def parsed(line: bytes) -> Message | None:
    """The message of a line, or None if the line is something else, such as the output of a library."""
    try:
        message = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def parsed_lines(lines: Iterable[bytes]) -> Iterator[Message]:
    """The messages among the lines."""
    return (message for line in lines if (message := parsed(line)) is not None)


def is_for_the_destination(message: Message) -> bool:
    """Whether Airbyte hands this message of a source on: records, states and stream statuses."""
    if message["type"] == "TRACE":
        return bool(_member(message, "trace").get("type") == "STREAM_STATUS")
    return message["type"] in ("RECORD", "STATE")


def error_of(message: Message) -> Message | None:
    """`message`, `failure_type` and so on of an error trace, or None for any other message."""
    trace = _member(message, "trace") if message["type"] == "TRACE" else {}
    return _member(trace, "error") if trace.get("type") == "ERROR" else None


def log_of(message: Message) -> tuple[str, str] | None:
    """Level and text of a log message, or None for any other message."""
    log = _member(message, "log") if message["type"] == "LOG" else {}
    level, text = log.get("level"), log.get("message")
    return (level, text) if isinstance(level, str) and isinstance(text, str) else None


def told_in(text: str, prefix: str) -> dict[str, Any] | None:
    """The JSON object that follows the prefix of a log text, such as that of a sync summary."""
    if not text.startswith(prefix):
        return None
    try:
        value = orjson.loads(text.removeprefix(prefix))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _member(message: Message, name: str) -> Message:
    value = message.get(name)
    return value if isinstance(value, dict) else {}
