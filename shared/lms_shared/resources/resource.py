"""What a writable resource of the API is: where it lives, how its rows are found, and what can be done with them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.keys import KeyKind

Row = dict[str, Any]
"""An object of an answer, as it came."""


WHOLE_BODY = "*"
"""The place of a field that is a body by itself."""


@dataclass(frozen=True)
class Attribute:
    """A field of a resource."""

    name: str
    kind: Kind
    required: bool = False
    decides: bool = False
    """Without it the row would be another one, so a value that is not valid rejects the record."""
    max_length: int | None = None
    item_max_length: int | None = None
    """The same for each text of a list."""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    members: tuple[Attribute, ...] = ()
    """The fields of a nested object."""
    about: str = ""
    """What it means, for docs."""
    body: str | None = ""
    """Dotted place in request bodies: the name where it is empty, nowhere where it is None, `*` for the body itself."""
    row: str = ""
    """Dotted place in answers: the name where it is empty."""
    policy: FieldPolicy = FieldPolicy.SOURCE_WINS
    fixed: bool = False
    """Taken only when the row is made."""
    shown: bool = False
    """Answers alone have it: the id of something that the row brings along, which others refer to by the row."""
    late: bool = False
    """Not taken when the row is made, only by a change."""
    unread: bool = False
    """No answer shows it, so it is written with a new row and never compared."""
    detail: bool = False
    """Only the item's own answer shows it, rows of the list do not."""
    secret: bool = False
    verified: bool = False
    """The API may ignore it with 200: the answer to a write is compared."""
    add_remove: bool = False
    """A change names what to add and what to remove, not the whole list."""
    patch_to: str = ""
    """Path of another resource that changes of this nested object go to."""
    null_word: str = ""
    """Stands for null in a record, where null means something to the API."""
    clears: bool = False
    """Null in a change empties it."""
    flag: bool = False
    """Answers have a value in its place, such as a time, where it is true."""
    day: bool = False
    """Rows are found by the day of this moment, whatever the time."""
    lower: bool = False
    """Kept in lower case by the API."""

    @property
    def body_place(self) -> str | None:
        return self.name if self.body == "" else self.body

    @property
    def row_place(self) -> str:
        return self.row or self.name

    @property
    def compared(self) -> bool:
        """Whether a difference between record and row means anything."""
        return not self.unread and (self.body is not None or self.late)


@dataclass(frozen=True)
class Soft:
    """How a row is switched off: the field, and its value then."""

    field: str
    off: bool
    beside: str = ""
    """A second flag that gets the same value: the row is off when both have it."""
    memory: str = ""
    """Where what they were is kept, for docs; empty: nowhere."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, self.beside) if self.beside else (self.field,)


@dataclass(frozen=True)
class RowKey:
    """A way to find a row. The fields of the scope are part of each key."""

    fields: tuple[str, ...]
    kind: KeyKind
    unless: str = ""
    """A field with which a record is not looked for by this key."""


@dataclass(frozen=True)
class Refers:
    """A field of a resource that holds the id of another object."""

    of: str
    """The field."""
    object_name: str
    prefix: str = ""
    """Before the names by which a record may name the object, where they would be those of another field."""
    within: str = ""
    """The same before what else the object's keys take."""
    takes: str = ""
    """Field of the object whose value is taken instead of its id."""
    when: tuple[str, str] | None = None
    """A field and the value that it must have."""
    names: Mapping[str, str] = field(default_factory=dict)
    """How a record may name the object here, where that is not how others name it."""


class Calls(Protocol):
    """What a resource's calls need and can do, whichever transport makes them."""

    @property
    def where(self) -> str:
        """Where the resource is described, for docs."""

    @property
    def parents(self) -> tuple[str, ...]:
        """Fields of a record without which no row can be made."""

    @property
    def scope(self) -> tuple[str, ...]:
        """Fields of a record that say which list a row is in."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Fields of a row that its own address names beside those of its list."""

    @property
    def address(self) -> tuple[str, ...]:
        """All fields of a row that its own address names."""

    @property
    def listed(self) -> bool:
        """Whether rows can be listed."""

    @property
    def filters(self) -> Container[str]:
        """Fields by which the list can be searched."""

    @property
    def creates(self) -> bool: ...

    @property
    def changes(self) -> bool: ...

    @property
    def writes_to_change(self) -> int:
        """How many calls a change takes."""

    def reads(self, fields: tuple[str, ...]) -> bool:
        """Whether the one row with a key of these fields can be asked for without its list."""


@dataclass(frozen=True)
class Resource:
    """A writable resource."""

    name: str
    called: str
    """One of its rows, in messages."""
    description: str
    """For docs; empty: its place in the API says it."""
    calls: Calls
    keys: tuple[RowKey, ...]
    attributes: tuple[Attribute, ...]
    repeatable: bool
    """Whether creating twice is the same as creating once."""
    soft: Soft | None
    delete: str
    """What deleting does, for docs; empty: it cannot be done."""
    first: bool
    """Whether any row will do where several have the key."""
    read_back: bool
    """Whether a 200 proves nothing, so that each write is read back."""
    serial: tuple[str, ...]
    """Fields whose equal values are written one after the other, in the order of the records."""
    place: str
    """Field whose value only one row of a list can have; empty: there is none."""
    references: tuple[Refers, ...]
    """Fields that hold ids of other objects."""
    names: Mapping[str, str]
    """How others may name a row: fields of their records, and the field of this resource (or `object.field` of another
    one that stands for the same rows) that holds the value."""
    found_by: tuple[RowKey, ...]
    """Keys by which others may refer to it, beside those that match its own records."""
    same_as: Mapping[str, Mapping[str, str]]
    """Other objects that write the same rows, and what fields of this one are called there."""
    after: tuple[str, ...]
    """Objects whose records go first."""
    lifts: Mapping[str, str]
    """Fields that are also found in a nested object, by their place there: keys must be fields of the record."""
    one_of: tuple[tuple[str, ...], ...]
    """Beside the required fields: of each of these at least one."""
    hooks: str
    """Name of its `ResourceHooks`; empty: it has none."""
    remedies: Mapping[str, str]
    """What to do about a refusal, by a word of its reason."""
    refusals: Mapping[str, str]
    """Why a mode cannot be done, by mode."""
    notes: tuple[str, ...]

    @cached_property
    def attribute(self) -> Mapping[str, Attribute]:
        return {one.name: one for one in self.attributes}

    @cached_property
    def scope(self) -> tuple[str, ...]:
        """Fields of the record that say which list a row is in."""
        return self.calls.scope

    @cached_property
    def key_by_field(self) -> Mapping[str, RowKey]:
        """Keys by their first field."""
        return {key.fields[0]: key for key in self.all_keys}

    @property
    def all_keys(self) -> tuple[RowKey, ...]:
        return (*self.keys, *self.found_by)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Fields of the record that addresses need beside those of the row itself."""
        names = dict.fromkeys((*self.calls.parents, *self.scope))
        return tuple(name for name in names if name not in self.attribute or self.attribute[name].body is None)

    @cached_property
    def wrapped(self) -> Mapping[str, Mapping[str, Attribute]]:
        """Objects that bodies have around some of the fields, with these by their names there."""
        wrapped: dict[str, dict[str, Attribute]] = {}
        for one in self.attributes:
            head, _, name = (one.body_place or "").rpartition(".")
            if head and head not in self.attribute:
                wrapped.setdefault(head, {})[name] = one
        return wrapped

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Fields by the other names that they have in bodies."""
        keys = (name for key in self.keys for name in key.fields)
        taken = {*self.attribute, *self.parents, *keys, WHOLE_BODY}
        places = ((one.body_place, one.name) for one in self.attributes)
        return {place: name for place, name in places if place and "." not in place and place not in taken}

    @property
    def read_only(self) -> bool:
        """Whether its rows can only be referred to."""
        return not (self.calls.creates or self.calls.changes or self.delete)

    def key_scope(self, key: RowKey) -> tuple[str, ...]:
        """Fields that say where a key is unique: those of the address above the row, or of the list it is in."""
        if self.calls.reads(key.fields):
            return tuple(name for name in self.calls.address if name not in key.fields)
        return self.scope

    def key_fields(self, key: RowKey) -> tuple[str, ...]:
        """All fields of a key, those of its scope last."""
        return (*key.fields, *(name for name in self.key_scope(key) if name not in key.fields))


def dotted(value: Any, place: str) -> Any:
    """The value at a dotted place of nested objects, None if there is none."""
    for name in place.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
