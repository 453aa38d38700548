"""What is said of a sync once for each kind, with the number of records: what was left out, rounded, or beaten."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping

from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

Place = tuple[StreamId, str]
"""A stream and the object that its records are written to."""


class Remarks:
    """Counts remarks while records are written, and logs them at the end."""

    def __init__(self) -> None:
        self._left_out: dict[Place, Counter[str]] = defaultdict(Counter)
        self._why: dict[tuple[Place, str], str] = {}
        self._rounded: dict[Place, Counter[str]] = defaultdict(Counter)

    def left_out(self, stream: StreamId, object_name: str, fields: Mapping[str, str]) -> None:
        """A record was written without fields, for these reasons."""
        for name, reason in fields.items():
            self._left_out[stream, object_name][name] += 1
            self._why.setdefault(((stream, object_name), name), reason)

    def rounded(self, stream: StreamId, object_name: str, field_name: str) -> None:
        """More than noise was rounded away of a number."""
        self._rounded[stream, object_name][field_name] += 1

    def counts_left_out(self, stream: StreamId, object_name: str) -> Mapping[str, int]:
        """Fields that were left out, and of how many records."""
        return dict(self._left_out.get((stream, object_name), {}))

    def log(self) -> None:
        """Warns of all that was remarked."""
        for (stream, object_name), fields in self._left_out.items():
            for name, count in fields.items():
                logger.warning(
                    "Stream '%s': %s.%s was left out of %d record(s), the rest of them was written: %s.",
                    stream,
                    object_name,
                    name,
                    count,
                    self._why[(stream, object_name), name],
                )
        for (stream, object_name), fields in self._rounded.items():
            for name, count in fields.items():
                logger.warning(
                    "Stream '%s': %s.%s was rounded in %d record(s): the LMS keeps fewer decimals.",
                    stream,
                    object_name,
                    name,
                    count,
                )
