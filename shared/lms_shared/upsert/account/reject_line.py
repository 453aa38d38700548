"""The lines of the rejects files: whole records with the reason, so that they can be written again after the fix."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from lms_shared.model.instant import format_instant


def strict_json(value: Any) -> bytes:
    """JSON that any parser reads: halves of characters are spelled out, and integers keep all of their digits."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_strict(value))


def _strict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_strict(str(key)): _strict(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_strict(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return orjson.Fragment(str(value))
    return value


def reject_line(
    stream: str,
    object_name: str,
    code: str,
    reason: str,
    remedy: str,
    candidates: list[dict[str, Any]],
    message: Mapping[str, Any],
) -> dict[str, Any]:
    """One line of a rejects file; `message` is the whole Airbyte message as it came. Numbers that JSON does not know
    (NaN) become their names."""
    return {
        "stream": stream,
        "object": object_name,
        "code": code,
        "reason": reason,
        "remedy": remedy,
        "candidates": candidates,
        "record": _named_numbers(message),
        "emitted_at": format_instant(datetime.now(UTC)),
    }


def _named_numbers(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _named_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_named_numbers(one) for one in value]
    return value
