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
        self._beaten: Counter[Place] = Counter()
        self._repeated: Counter[Place] = Counter()

    def left_out(self, stream: StreamId, object_name: str, fields: Mapping[str, str]) -> None:
        """A record was written without fields, for these reasons."""
        for name, reason in fields.items():
            self._left_out[stream, object_name][name] += 1
            self._why.setdefault(((stream, object_name), name), reason)

    def rounded(self, stream: StreamId, object_name: str, field_name: str) -> None:
        """More than noise was rounded away of a number."""
        self._rounded[stream, object_name][field_name] += 1

    def beaten(self, stream: StreamId, object_name: str) -> None:
        """A record is that of a person who is not active, under a key that another person has."""
        self._beaten[stream, object_name] += 1

    def repeated(self, stream: StreamId, object_name: str) -> None:
        """A record says something else than an earlier one of the same key, which was written before it."""
        self._repeated[stream, object_name] += 1

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
        for (stream, object_name), count in self._beaten.items():
            logger.warning(
                "Stream '%s': %d record(s) of %s are of people who are not active, under an address that another "
                "person has; they are left alone.",
                stream,
                count,
                object_name,
            )
        for (stream, object_name), count in self._repeated.items():
            logger.warning(
                "Stream '%s': %d record(s) of %s say something else than an earlier one of the same key; the last one "
                "holds, and each sync writes them anew.",
                stream,
                count,
                object_name,
            )
