"""Counts what a sync did, stream by stream, and says so in the log."""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lms_shared.model.declarations import Mode
from lms_shared.model.scalars import shown
from lms_shared.upsert.account.rejects import RejectTally
from lms_shared.upsert.item import Reject
from lms_shared.upsert.plan.plan import Action
from lms_shared.upsert.routing.routing import Route
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

StreamObject = tuple[StreamId, str]
"""A stream and the object that its records are written to."""


class Remarks:
    """Counts remarks while records are written, and logs them at the end."""

    def __init__(self) -> None:
        self._left_out: dict[StreamObject, Counter[str]] = defaultdict(Counter)
        self._why: dict[tuple[StreamObject, str], str] = {}
        self._rounded: dict[StreamObject, Counter[str]] = defaultdict(Counter)
        self._beaten: Counter[StreamObject] = Counter()
        self._repeated: Counter[StreamObject] = Counter()

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


MOST_TOLD = 50
LONGEST_NAME = 100
"""How many ignored fields of an object are named, and how much of each: records can be maps with a key for each person.
"""


def request_label(stream: StreamId, object_name: str) -> str:
    """The label under which the requests of a stream's object are counted."""
    return f"{stream}/{object_name}"


@dataclass(frozen=True)
class StreamSummary:
    """What became of the records of a stream, for one object."""

    stream: StreamId
    object_name: str
    mode: Mode
    counts: Mapping[Action, int]
    """Objects by what was done with them."""
    rejected_records: int
    """Source records that were rejected for this object; one of several objects counts once, for the first."""
    requests: int
    dry_run: bool
    retried: int = 0
    """Rejects of syncs before that were tried again; they are in no other count."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Fields whose values the LMS cannot hold, and in how many records."""

    def count(self, *actions: Action) -> int:
        return sum(self.counts.get(action, 0) for action in actions)

    def as_json(self) -> dict[str, object]:
        return {
            "stream": str(self.stream),
            "object": self.object_name,
            "mode": self.mode.value,
            "created": self.count(Action.CREATE),
            "updated": self.count(Action.UPDATE),
            "unchanged": self.count(Action.UNCHANGED),
            "deactivated": self.count(Action.DEACTIVATE, Action.DELETE),
            "rejected": self.rejected_records,
            "rejected_items": self.count(Action.REJECT),
            "retried": self.retried,
            "requests": self.requests,
            "left_out": dict(self.left_out),
            **({"dry_run": True} if self.dry_run else {}),
        }


@dataclass(frozen=True)
class SyncResult:
    """What a sync has done so far."""

    began: datetime
    summaries: tuple[StreamSummary, ...]
    calls_to_write: int
    """About how many calls the planned writes take."""


@dataclass
class Counters:
    """Counters by stream and object, and the fields that were ignored."""

    routes: dict[StreamId, Route]
    requests_made: Callable[[str], int]
    dry_run: bool = False
    _counts: dict[tuple[StreamId, str], Counter[Action]] = field(default_factory=dict)
    rejects: RejectTally = field(default_factory=RejectTally)
    _rejected_records: Counter[tuple[StreamId, str]] = field(default_factory=Counter)
    _taken: Counter[StreamId] = field(default_factory=Counter)
    _retried: Counter[StreamId] = field(default_factory=Counter)
    _told: dict[tuple[StreamId, str, bool], dict[str, None]] = field(default_factory=dict)
    """The fields that are not written, by stream, object, and whether the object has them at all."""
    _lms: str = ""
    _passed_over: Counter[StreamId] = field(default_factory=Counter)
    remarks: Remarks = field(default_factory=Remarks)

    def __post_init__(self) -> None:
        for stream, route in self.routes.items():
            for name in route.objects:
                self._counts[stream, name] = Counter()

    def took(self, stream: StreamId) -> None:
        """A record came in."""
        self._taken[stream] += 1

    def count(self, stream: StreamId, object_name: str, action: Action) -> None:
        """One record of an object is settled."""
        self._counts[stream, object_name][action] += 1

    def passed_over(self, stream: StreamId) -> None:
        """A record is not relevant for the preset; it counts as unchanged for its first object."""
        self._passed_over[stream] += 1
        self.count(stream, self.routes[stream].objects[0], Action.UNCHANGED)

    def retried(self, stream: StreamId) -> None:
        """A reject of a sync before is tried again; it counts for nothing else."""
        self._retried[stream] += 1

    def rejected(self, stream: StreamId, object_name: str, reject: Reject, key: Mapping[str, Any]) -> None:
        """A source record is rejected, for the first of its objects that was."""
        self._rejected_records[stream, object_name] += 1
        self.rejects.note(stream, reject, key)

    @property
    def rejected_records(self) -> int:
        return self._rejected_records.total()

    @property
    def taken_records(self) -> int:
        return self._taken.total()

    def taken_of(self, stream: StreamId) -> int:
        """The records of a stream that came in."""
        return self._taken[stream]

    def tell_ignored(self, stream: StreamId, object_name: str, field_name: str, *, known: bool, lms: str) -> None:
        """Takes note that a field is not written: `known` is one that the LMS has no place for, the object does not
        have the others."""
        self._lms = lms
        told = self._told.setdefault((stream, object_name, known), {})
        if field_name not in told and len(told) <= MOST_TOLD:
            told[shown(field_name[:LONGEST_NAME])] = None

    def _log_ignored(self) -> None:
        for (stream, object_name, known), fields in self._told.items():
            names = ", ".join(list(fields)[:MOST_TOLD])
            more = " and more" if len(fields) > MOST_TOLD else ""
            if known:
                logger.warning(
                    "Stream '%s': %s has no place for these fields of %s, and they are not written: %s%s.",
                    stream,
                    self._lms,
                    object_name,
                    names,
                    more,
                )
            else:
                logger.warning(
                    "Stream '%s': object %s has no such fields, and they are ignored: %s%s. Map what is wanted in "
                    "stream_mappings.",
                    stream,
                    object_name,
                    names,
                    more,
                )

    def progress(self) -> dict[str, int]:
        """`records` that came in, objects `written`, records `rejected`. May be called from any thread."""
        written = (Action.CREATE, Action.UPDATE, Action.DEACTIVATE, Action.DELETE)
        return {
            "records": self.taken_records,
            "written": sum(counts[action] for counts in self._counts.values() for action in written),
            "rejected": self.rejected_records,
        }

    def log_summaries(self) -> None:
        """The last log line of each stream and object: `sync summary` and its JSON."""
        self._log_ignored()
        self.remarks.log()
        for stream, count in self._passed_over.items():
            logger.info("Stream '%s': %d record(s) are of a kind that the preset leaves out.", stream, count)
        for summary in self.summaries():
            logger.info("sync summary %s", json.dumps(summary.as_json()))

    def summaries(self) -> list[StreamSummary]:
        """What became of the records so far, by stream and object."""
        return [
            StreamSummary(
                stream,
                name,
                self.routes[stream].mode,
                dict(counts),
                self._rejected_records[stream, name],
                self.requests_made(request_label(stream, name)),
                self.dry_run,
                self._retried[stream] if name == self.routes[stream].objects[0] else 0,
                self.remarks.counts_left_out(stream, name),
            )
            for (stream, name), counts in self._counts.items()
        ]
