"""How objects are found and referred to: by which keys, and by which fields of other objects' records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import Enum
from typing import Any

from lms_shared.model.fields import Kind

KEY_SEPARATOR = "\x00"
"""Between the parts of a key's value: no text holds it, and it is not a blank that the form of a text would change."""


class KeyKind(Enum):
    """How far a match by a key can be trusted."""

    REFERENCE = "reference"  # the stamp that a sync left on the object
    IDENTIFIER = "identifier"  # the LMS's own id
    NATURAL = "natural"  # unique in the LMS by its own rule, such as an e-mail address
    ATTRIBUTE = "attribute"  # not unique: a sole match is adopted and stamped


@dataclass(frozen=True)
class MatchKey:
    """A way to find the object that a record means; keys are tried in the declared order."""

    field: str
    kind: KeyKind
    also: tuple[str, ...] = ()
    """Further fields that make up the key together with `field`."""
    unless: str = ""
    """A field with which a record is not looked for by this key, because a finer one says which object it means."""

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field, *self.also)


@dataclass(frozen=True)
class Selector:
    """A record field that points at an object, by one of that object's fields."""

    field: str
    target_field: str
    object_name: str = ""
    """The object whose field it is, if another object than the reference's stands for the same rows."""


@dataclass(frozen=True)
class Reference:
    """Another object that must exist before a record can be written."""

    name: str
    object_name: str
    selectors: tuple[Selector, ...]


@dataclass(frozen=True)
class FieldReference:
    """A field that holds the LMS's id of another object, and the fields that may name that object instead.

    The object need not be in the LMS before the sync: a record waits for what the same sync makes. An id always wins.
    """

    field: str
    """Takes the id; one of a list of ids where `many`."""
    name: str
    """What the object is called in messages."""
    object_name: str
    selectors: tuple[Selector, ...] = ()
    """Fields of the record that name the object by one of its keys, in the order in which they are tried."""
    scope: tuple[tuple[str, str], ...] = ()
    """What else the object's keys take: each of its fields, and the field of the record that says it."""
    takes: str = ""
    """Field of the object whose value is taken instead of its id."""
    many: bool = False
    """Whether the field is a list, each member an id or the value of a key."""
    when: tuple[str, str] | None = None
    """A field and the value that it must have; several references of one field differ in it."""
    kinds: Mapping[str, Kind] = dataclass_field(default_factory=dict)
    """Kinds of the fields that help to find the object, where they are not texts."""

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether the field of a record refers to this object."""
        return self.when is None or values.get(self.when[0]) == self.when[1]

    @property
    def finders(self) -> tuple[str, ...]:
        """All fields of a record that help to find the object, beside the one that takes its id."""
        if self.many:
            return ()  # the members of the list say it themselves
        return tuple(dict.fromkeys((*(one.field for one in self.selectors), *(mine for _, mine in self.scope))))
