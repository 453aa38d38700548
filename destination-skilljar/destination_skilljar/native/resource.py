"""What a writable resource of the API is: where it lives, how its rows are found, and what can be done with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from lms_shared.model.declarations import KeyKind
from lms_shared.model.fields import FieldPolicy, Kind

_PLACEHOLDER = re.compile(r"{([\w.]+)}")


class Change(Enum):
    """The call that changes a row."""

    PATCH = "patch"  # takes the changed fields
    PUT = "put"  # takes the whole row
    POST = "post"  # creating is an upsert by key, so changing is the same call
    RECREATE = "recreate"  # the row is deleted and made anew
    NONE = "none"


@dataclass(frozen=True)
class Attribute:
    """A field of a resource."""

    name: str
    kind: Kind
    required: bool = False
    max_length: int | None = None
    item_max_length: int | None = None
    """The same for each text of a list."""
    pattern: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    members: tuple[Attribute, ...] = ()
    """The fields of a nested object."""
    body: str | None = ""
    """Dotted place in request bodies: the name where it is empty, nowhere where it is None, `*` for the body itself."""
    row: str = ""
    """Dotted place in answers: the name where it is empty."""
    policy: FieldPolicy = FieldPolicy.SOURCE_WINS
    fixed: bool = False
    """Taken only when the row is made."""
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


@dataclass(frozen=True)
class RowKey:
    """A way to find a row. The fields of the scope are part of each key."""

    fields: tuple[str, ...]
    kind: KeyKind


@dataclass(frozen=True)
class Resource:
    """A writable resource. Paths are below `/v1`; `{name}` in them is a field of the record."""

    name: str
    path: str
    """Where rows are created."""
    item: str
    """Path of one row."""
    list: str | None
    """Where rows are listed; None where they cannot be."""
    query: Mapping[str, str]
    """Query parameters without which the list is refused, by the field that they take."""
    keys: tuple[RowKey, ...]
    attributes: tuple[Attribute, ...]
    create: str | None
    """Method of the call that creates; None where there is none."""
    repeatable: bool
    """Whether creating twice is the same as creating once."""
    change: Change
    soft: Soft | None
    delete: str
    """What deleting does, for docs; empty: it cannot be done."""
    filters: Mapping[str, str]
    """Query parameters of the list that find rows by a field."""
    item_read: bool
    """Whether one row can be read by its path."""
    single: bool
    """Whether the list's path answers the only row instead of a list."""
    first: bool
    """Whether any row will do where several have the key."""
    read_back: bool
    """Whether a 200 proves nothing, so that each write is read back."""
    repeated: tuple[str, ...]
    """Fields that each change repeats."""
    serial: tuple[str, ...]
    """Fields whose equal values are written one after the other, in the order of the records."""
    place: str
    """Field whose value only one row of a list can have; empty: there is none."""
    lifts: Mapping[str, str]
    """Fields that are also found in a nested object, by their place there: keys must be fields of the record."""
    one_of: tuple[tuple[str, ...], ...]
    """Beside the required fields: of each of these at least one."""
    quirk: str
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
        return (*placeholders(self.path if self.list is None else self.list), *self.query.values())

    @cached_property
    def key_by_field(self) -> Mapping[str, RowKey]:
        """Keys by their first field."""
        return {key.fields[0]: key for key in self.keys}

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Fields of the record that paths need beside those of the row itself."""
        names = dict.fromkeys((*placeholders(self.path), *self.scope))
        return tuple(name for name in names if name not in self.attribute or self.attribute[name].body is None)

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """Fields of a row that its own path names beside those of its list."""
        return tuple(name for name in placeholders(self.item) if name not in placeholders(self.path))

    def key_scope(self, key: RowKey) -> tuple[str, ...]:
        """Fields that say where a key is unique: those of the path above the row, or of the list that it is in."""
        if self.found_by_path(key):
            return tuple(name for name in placeholders(self.item) if name not in key.fields)
        return self.scope

    def key_fields(self, key: RowKey) -> tuple[str, ...]:
        """All fields of a key, those of its scope last."""
        return (*key.fields, *(name for name in self.key_scope(key) if name not in key.fields))

    def found_by_path(self, key: RowKey) -> bool:
        """Whether the key is what the item's path names, so that a row is read by its path."""
        return self.item_read and not self.single and key.fields == self.identity


def placeholders(path: str) -> tuple[str, ...]:
    """Names in the braces of a path."""
    return tuple(_PLACEHOLDER.findall(path))


def dotted(value: Any, place: str) -> Any:
    """The value at a dotted place of nested objects, None where there is none."""
    for name in place.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
