"""Rejected records: their lines in the rejects file, and how many there are by stream and code, for log and limits."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from lms_shared.model.scalars import format_instant
from lms_shared.privacy import mask_emails
from lms_shared.upsert.item import Reject
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")


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


MOST_SAMPLES = 3
MOST_REASONS = 50
"""Different reasons of one code that are told apart."""
LONGEST = 80
"""Characters of a value that a sample shows."""


@dataclass
class _OfCode:
    """The rejected records of a stream with one code."""

    records: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Reasons with their remedies."""
    samples: list[str] = field(default_factory=list)


class RejectTally:
    """The rejected records of a sync."""

    def __init__(self) -> None:
        self._by_code: dict[tuple[StreamId, str], _OfCode] = {}

    def note(self, stream: StreamId, reject: Reject, key: Mapping[str, Any]) -> None:
        """A record is rejected; `key` holds the fields by which people know it."""
        of_code = self._by_code.setdefault((stream, reject.code), _OfCode())
        of_code.records += 1
        reason = reject.reason, reject.remedy
        if reason in of_code.reasons or len(of_code.reasons) < MOST_REASONS:
            of_code.reasons[reason] += 1
        if key and len(of_code.samples) < MOST_SAMPLES:
            of_code.samples.append(", ".join(f"{name} {_masked(value)}" for name, value in key.items()))

    def codes(self, stream: StreamId) -> dict[str, int]:
        """The number of records by code."""
        return {code: one.records for (of, code), one in self._by_code.items() if of == stream}

    def tell(self) -> None:
        """Warns of each code of each stream: how many, why, what to do, and which for example."""
        for (stream, code), one in self._by_code.items():
            ((reason, remedy), _), *others = one.reasons.most_common()
            logger.warning(
                "Stream '%s': %d record(s) rejected as %s: %s.%s %s%s",
                stream,
                one.records,
                code,
                reason,
                " And for other reasons." if others else "",
                remedy,
                f" For example: {'; '.join(one.samples)}." if one.samples else "",
            )
        if self._by_code:
            logger.warning(
                "Rejected records are not kept. To keep them, choose a place in object_storage_config (in the form: "
                "Rejected records and reports)."
            )


def _masked(value: object) -> str:
    text = mask_emails(str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
