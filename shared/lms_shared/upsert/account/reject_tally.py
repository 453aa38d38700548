"""Counts rejected records by stream and code, with a few that can be named, for the log and for the limits."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.privacy import mask_emails
from lms_shared.upsert.item import Reject
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

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
