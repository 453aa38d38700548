"""What the report page tells of a sync, gathered while it runs: counts of everything, and a bounded choice to show.

However many records a sync has, this holds a few hundred short texts; the whole lies in the plan and rejects files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.upsert.account.rejects import strict_json
from lms_shared.upsert.account.store import Identity, ReportedObject, SyncObserver
from lms_shared.upsert.plan.plan import Action

MOST_OBJECTS = 50
"""Objects listed for each stream, object and action."""
MOST_CHANGES = 30
"""Changed fields listed for each of them."""
MOST_REASONS = 100
"""Different reasons of rejects that are listed."""
MOST_EXAMPLES = 10
"""Records listed for each reason, and candidates for each record."""
LONGEST = 500
"""Characters of a value that are shown."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LISTED = (Action.CREATE, Action.UPDATE, Action.DEACTIVATE, Action.DELETE)
"""What is shown object by object; what is unchanged is only counted."""

NamingFields = Mapping[str, Any]
"""The fields by which people know a record."""


@dataclass(frozen=True)
class ShownChange:
    """A field before and after; None where it is empty."""

    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class ShownObject:
    """One object that is written."""

    name: str
    reason: str
    changes: tuple[ShownChange, ...]
    more_changes: int
    identity: Identity


@dataclass
class Shown:
    """What is written in one way."""

    total: int = 0
    objects: list[ShownObject] = field(default_factory=list)


@dataclass(frozen=True)
class ShownReject:
    """One rejected record."""

    stream: str
    name: str
    candidates: tuple[str, ...]
    more_candidates: int


@dataclass
class RejectReason:
    """Rejected records with one and the same reason."""

    code: str
    reason: str
    remedy: str
    records: int = 0
    examples: list[ShownReject] = field(default_factory=list)


@dataclass
class ReportSummary:
    """The choice, and the counts beside it."""

    written: dict[tuple[str, str], dict[Action, Shown]] = field(default_factory=dict)
    """By stream and object."""
    changed_fields: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    reasons: dict[tuple[str, str, str], RejectReason] = field(default_factory=dict)
    rejected: int = 0
    """All rejected records, those of an interrupted sync included."""
    not_listed: int = 0
    """Rejected records whose reason is not among those listed."""
    recalled: int = 0
    """Rejected records of an interrupted sync with which this one goes on; some may have come again since."""

    secretive: frozenset[str] = frozenset()
    """Objects whose records hold secrets, so that none is shown as a whole."""

    def note(self, told: ReportedObject) -> None:
        """What became of one object."""
        if told.action not in LISTED:
            return
        place = told.stream, told.object_name
        if told.action is not Action.CREATE:
            self.changed_fields.setdefault(place, Counter()).update(str(one["field"]) for one in told.changes)
        shown = self.written.setdefault(place, {}).setdefault(told.action, Shown())
        shown.total += 1
        if len(shown.objects) < MOST_OBJECTS:
            changes = tuple(
                ShownChange(str(one["field"]), shown_value(one["old"]), shown_value(one["new"]))
                for one in told.changes[:MOST_CHANGES]
            )
            more = len(told.changes) - len(changes)
            shown.objects.append(
                ShownObject(shown_key(told.key), shown_text(told.reason), changes, more, told.identity)
            )

    def reject(self, line: Mapping[str, Any], key: NamingFields) -> None:
        """A rejected record, by its line of the rejects file."""
        self.rejected += 1
        code, text, remedy = str(line["code"]), shown_text(str(line["reason"])), shown_text(str(line["remedy"]))
        group = code, text, remedy
        if group not in self.reasons and len(self.reasons) >= MOST_REASONS:
            self.not_listed += 1
            return
        reason = self.reasons.setdefault(group, RejectReason(code, text, remedy))
        reason.records += 1
        if len(reason.examples) < MOST_EXAMPLES:
            candidates = [shown_key(one) for one in line["candidates"][:MOST_EXAMPLES]]
            more = len(line["candidates"]) - len(candidates)
            data = None if line["object"] in self.secretive else _data(line["record"])
            name = shown_key(key) or shown_value(data) or ""
            reason.examples.append(ShownReject(str(line["stream"]), name, tuple(candidates), more))

    def recall(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Takes in the rejects of an interrupted sync with which this one goes on."""
        for line in lines:
            self.recalled += 1
            self.reject(line, {})


@dataclass(frozen=True)
class Observers:
    """Several who are told of the same sync."""

    each: tuple[SyncObserver, ...]

    def note(self, told: ReportedObject) -> None:
        """Tells each what became of one object."""
        for one in self.each:
            one.note(told)

    def reject(self, line: Mapping[str, Any], key: NamingFields) -> None:
        """Tells each of a rejected record."""
        for one in self.each:
            one.reject(line, key)


def _data(message: Mapping[str, Any]) -> Any:
    record = message.get("record")
    data = record.get("data") if isinstance(record, Mapping) else None
    return message.get("unreadable") if data is None else data


def shown_key(key: NamingFields) -> str:
    """`email: ada@example.com · id: 12`."""
    return " · ".join(f"{name}: {shown_value(value)}" for name, value in key.items() if value is not None)


def shown_value(value: Any) -> str | None:
    """A value as text of bounded length; None for what is empty."""
    if value is None or value in ("", [], {}):
        return None
    return shown_text(value if isinstance(value, str) else strict_json(value).decode())


def shown_text(text: str) -> str:
    """A text of bounded length without what a page cannot show."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", cut)
