"""What an adapter tells the engine: objects as the LMS holds them, the keys that find them, and how a call can fail."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from lms_shared.model.fields import Kind
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.normal_forms import key_part
from lms_shared.model.scalars import visible

PLANNED_ID = "(planned)"
"""Id of objects that a dry run would have created."""


def is_planned(value: object) -> bool:
    """Whether a value is the id of an object that a dry run would have created, or a list with one."""
    if isinstance(value, list):
        return any(map(is_planned, value))
    return isinstance(value, str) and value.startswith(PLANNED_ID)


@dataclass(frozen=True)
class RemoteObject:
    """An object as the LMS holds it, in the fields of its declaration."""

    id: str
    fields: Mapping[str, Any]
    stamped: bool = False
    """Whether it carries a reference stamp of any namespace."""
    own: bool = False
    """Whether the stamp is of this connection's namespace."""
    sets: frozenset[str] = frozenset()
    """The streams of this namespace whose mark it carries: mode mirror acts within the set of its own stream."""
    withdrawn: bool = False
    """Whether this connection switched it off, as far as the LMS shows it: what comes back to a mirrored stream is
    switched on again, whether its record says `active` or not."""
    draft: bool = False
    incomplete: bool = False
    """Whether something that creating makes is missing, as after a crash; an update completes it."""
    removed: bool = False
    """Whether it is what a removal leaves behind, so that there is nothing more to delete."""
    kept: frozenset[str] = frozenset()
    """Fields that stay as they are whatever a record says, since an admin decided so in a way that the LMS shows."""
    unsettled: frozenset[str] = frozenset()
    """Fields that are to be written whatever value a record gives: what the LMS holds of them is half a change."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """What the adapter wants to remember about it, such as the ids of its parts. The engine never looks inside."""

    @property
    def planned(self) -> bool:
        """Whether it is only planned, by a dry run."""
        return self.id == PLANNED_ID

    def changed(self, fields: Mapping[str, Any], **attributes: Any) -> RemoteObject:
        """The object after a write."""
        return replace(self, fields={**self.fields, **fields}, **attributes)

    def describe(self) -> dict[str, Any]:
        """How the object is shown among the candidates of a reject."""
        shown = {name: self.fields[name] for name in ("title", "name", "email") if self.fields.get(name)}
        return {"id": self.id, **shown}


class RecordRejected(Exception):
    """The LMS, or a rule of its adapter, refuses one record; the sync goes on."""

    def __init__(self, code: str, reason: str, remedy: str, candidates: tuple[RemoteObject, ...] = ()) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.candidates = candidates


class FieldRefused(RecordRejected):
    """The LMS cannot hold the value of one field; whether that costs the record is the declaration's to say."""

    def __init__(self, field: str, code: str, reason: str, remedy: str) -> None:
        super().__init__(code, reason, remedy)
        self.field = field


Awaited = tuple[str, str, str]
"""An object, one of its key fields, and the value that is waited for."""


class Key(NamedTuple):
    """A value of one key field, both in normal form; a tuple, since it is looked up several times for each record."""

    field: str
    value: str


def text_key(field: str, text: object) -> Key:
    """The key of a text that people read, such as a title.

    Texts which the plan takes for equal have one key, and so have those that differ in escapes and blanks alone: what
    was left of an earlier spelling is to be found, not made a second time.
    """
    return Key(field, " ".join(html.unescape(visible(str(text))).split()))


def spellings(field: str, kind: Kind, value: Any) -> Iterator[Key]:
    """The keys of a value that the LMS holds: its normal form, and the form in which it stands there."""
    normal = key_part(kind, value)
    if normal is not None:
        came = str(value).strip()
        if came == normal:
            yield Key(field, came)  # the text of the row itself: there may be many rows
        else:
            yield Key(field, str(normal))
            yield Key(field, came)


def lookup_key(key: MatchKey, value: str) -> Key:
    """What is looked up for the normal form of a match key's value."""
    return text_key(key.field, value) if key.kind is KeyKind.ATTRIBUTE else Key(key.field, value)
