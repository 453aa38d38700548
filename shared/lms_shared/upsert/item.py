"""A record of one object on its way through the engine, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.upsert.declarations import Mode, ObjectDeclaration
from lms_shared.upsert.parking import Awaited
from lms_shared.upsert.plan import Action, Change
from lms_shared.upsert.remote import RecordRejected, Remote
from lms_shared.upsert.routing import StreamId
from lms_shared.upsert.spool import Place


@dataclass(frozen=True)
class Item:
    """A validated record of one object; plain data, so that it can be parked on disk."""

    record: int
    """Number of the source record that it comes from."""
    stream: StreamId
    object_name: str
    mode: Mode
    values: Mapping[str, Any]
    size: int


@dataclass(frozen=True)
class Reject:
    """Why a record is rejected, and what to change."""

    code: str
    reason: str
    remedy: str
    candidates: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, error: RecordRejected) -> Reject:
        return cls(error.code, error.reason, error.remedy, tuple(one.describe() for one in error.candidates))


@dataclass(frozen=True)
class Outcome:
    """What became of an item."""

    item: Item
    action: Action
    reason: str
    changes: tuple[Change, ...] = ()
    remote: Remote | None = None
    reject: Reject | None = None


@dataclass(frozen=True)
class Waiting:
    """An item whose reference is not there (yet)."""

    item: Item
    reference: str
    awaited: tuple[Awaited, ...]


@dataclass(slots=True)
class RecordAccount:
    """A source record that is not settled: how many of its items are open, and its first reject."""

    open_items: int
    message: Mapping[str, Any] | Place
    """The whole message as it came, or its place on disk."""
    reject: tuple[str | None, Reject] | None = field(default=None)


def identity(declaration: ObjectDeclaration, item: Item) -> tuple[object, ...]:
    """What makes two records of the input mean the same object, before the LMS is asked."""
    if declaration.references:
        names = (one.field for reference in declaration.references for one in reference.selectors)
        return tuple(item.values.get(name) for name in names)
    for key in declaration.keys:
        value = declaration.key_value(key, item.values)
        if value is not None:
            return (key.field, value)
    return (item.record,)
