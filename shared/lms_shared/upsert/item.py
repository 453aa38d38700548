"""A record of one object on its way through the engine, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lms_shared.adapter.remote import Awaited, RecordRejected, RemoteObject
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.keys import MatchKey
from lms_shared.privacy import HIDDEN
from lms_shared.upsert.plan.plan import Action, Change, Decision
from lms_shared.wire.messages import StreamId


@dataclass(frozen=True)
class Item:
    """A validated record of one object; plain data, so that it can be put aside on disk."""

    record: int
    """Number of the source record that it comes from."""
    stream: StreamId
    object_name: str
    mode: Mode
    values: Mapping[str, Any]
    size: int
    given_ids: tuple[str, ...] = ()
    """Fields with ids of other objects that came with the record, so that nobody has looked these up."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Fields whose values the LMS cannot hold, and why."""
    key: Mapping[str, Any] = field(default_factory=dict)
    """The fields by which people know the record, as they came."""
    as_they_came: Mapping[str, str] = field(default_factory=dict)
    """Texts as they were before invisible characters were taken away."""
    match_by: MatchKey | None = None
    """The key that alone finds the object, where the user chose one."""
    renews: bool = False
    """Whether it says a fact that is renewed, so that the latest counts and not the best."""

    def key_values(self, declaration: ObjectDeclaration) -> tuple[str | None, ...]:
        """The values of its object's keys, as the declaration has and orders them; None where a part is missing."""
        known: tuple[str | None, ...] | None = self.__dict__.get(_KEY_VALUES)
        if known is None:
            known = tuple(declaration.key_value(key, self.values) for key in declaration.keys)
            self.__dict__[_KEY_VALUES] = known
        return known


_KEY_VALUES = "_key_values"
"""Where an item remembers them: they are asked for a dozen times."""

REMOVING = frozenset({Mode.SOFT_DELETE, Mode.HARD_DELETE})
"""Modes whose records name what is not to be there."""


def wants_link(item: Item) -> bool:
    """Whether the record of a link says that the link is to be there, and active."""
    return item.mode not in REMOVING and item.values.get("active") is not False


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
    remote: RemoteObject | None = None
    """The object as it is now."""
    reject: Reject | None = None
    former: RemoteObject | None = None
    """The object as it was found."""
    beaten: bool = False
    """Whether another person under the record's natural key goes before it."""

    @property
    def known(self) -> RemoteObject | None:
        """The object in the LMS, also where it is gone by now; None for one that is only planned."""
        found = self.remote or self.former
        return None if found is None or found.planned else found


class Foreseen(NamedTuple):
    """What is going to be done with an item, as far as the LMS is now."""

    decision: Decision
    remote: RemoteObject | None = None
    """The object as it was found."""

    @property
    def held(self) -> str | None:
        """Its id."""
        return None if self.remote is None else self.remote.id


class Ready(NamedTuple):
    """An item that can be written: what it refers to is there. A tuple, since there are two for each record."""

    item: Item
    references: Mapping[str, RemoteObject]
    held: str | None = None
    """Id of the object that it means, where the LMS has it."""
    foreseen: Foreseen | None = None
    """What is going to be done with it, where memory said so already and no other record comes in between."""


@dataclass(frozen=True)
class Waiting:
    """An item whose reference is not there (yet)."""

    item: Item
    reference: str
    awaited: tuple[Awaited, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object lies in the spill."""

    number: int


@dataclass(frozen=True)
class Stuck:
    """An item whose calls fail each time; whether that is about the item is not known yet."""

    item: Item
    failure: CallFailed


@dataclass(frozen=True, slots=True)
class Version:
    """A record as one of several about the same thing."""

    stream: StreamId
    keys: tuple[str, ...]
    emitted_at: float
    number: int
    """Its place in the order in which records came."""

    @property
    def order(self) -> tuple[float, int]:
        return self.emitted_at, self.number


LONGEST_MARK = 150
"""Characters of a stream's name that its mark holds."""


def set_mark(stream: StreamId) -> str:
    """What marks an object in the LMS as one of a stream's set, for mode mirror: its name, or a hash of a long one."""
    name = str(stream)
    return name if len(name) <= LONGEST_MARK else hashlib.sha256(name.encode()).hexdigest()


LONGEST_NAME = 300
"""Characters of a text by which a record is named; a rejected one can be of any length."""


def naming_fields(declaration: ObjectDeclaration, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by which people know a record: its own keys, and what it refers to. Secrets are not told."""
    named: dict[str, Any] = {}
    for name, secret in declaration.naming:
        value = values.get(name)
        if isinstance(value, str):
            named[name] = HIDDEN if secret else value[:LONGEST_NAME]
        elif isinstance(value, int):
            named[name] = HIDDEN if secret else value
    return named


def naming_fields_of(declaration: ObjectDeclaration, item: Item) -> dict[str, Any]:
    """The same of an item, as its record has them: without the ids that were filled in for what it names otherwise."""
    filled = {one.field for one in declaration.field_references if one.field not in item.given_ids}
    values = {name: value for name, value in item.values.items() if name not in filled} if filled else item.values
    return {**naming_fields(declaration, values), **item.key}


def identity(declaration: ObjectDeclaration, item: Item) -> tuple[object, ...]:
    """What makes two records of the input mean the same object, before the LMS is asked."""
    if declaration.references:
        names = (one.field for reference in declaration.references for one in reference.selectors)
        return tuple(item.values.get(name) for name in names)
    for key, value in zip(declaration.keys, item.key_values(declaration), strict=True):
        if value is not None:
            return (key.field, value)
    return (item.record,)


def subject(declaration: ObjectDeclaration, ready: Ready) -> tuple[object, ...]:
    """What makes two records mean the same object, by whichever keys: what the LMS has, else their first key."""
    if ready.references and not any(one.planned for one in ready.references.values()):
        return ("link", *(one.id for one in ready.references.values()))
    return identity(declaration, ready.item) if ready.held is None else ("held", ready.held)
