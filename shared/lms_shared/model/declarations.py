"""Capability as data: what an object is, how it is matched, and what a destination can do with it.

`discover`, the docs tables, refusals before the first write and the tests are all derived from these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from itertools import chain
from typing import Any

from lms_shared.model.fields import Field, FieldPolicy, OnInvalid
from lms_shared.model.keys import KEY_SEPARATOR, FieldReference, MatchKey, Reference
from lms_shared.model.normal_forms import key_part_of, normalise

EXTERNAL_REFERENCE = "external_reference"
"""The field of unified objects that says what they are called in the system they come from."""


class Mode(Enum):
    """What is done with the records of a stream (Airbyte sync mode, or `mode` of a mapping)."""

    UPSERT = "upsert"
    UPDATE = "update"
    SOFT_DELETE = "soft_delete"
    CREATE_ONLY = "create_only"
    HARD_DELETE = "hard_delete"
    MIRROR = "mirror"


CREATING = frozenset({Mode.UPSERT, Mode.CREATE_ONLY, Mode.MIRROR})
"""Modes that make what is not there; the others only need to know which object a record means."""


@dataclass(frozen=True)
class WriteCalls:
    """About how many calls a write of one object takes, for the estimate of a dry run."""

    create: int = 1
    update: int = 1
    delete: int = 1
    many: int = 1
    """How many new objects one call can make, where the LMS has such a call."""
    many_from: int = 2
    """From how many new objects on it is used."""
    many_updates: int = 1
    """How many changes one call can make."""


@dataclass(frozen=True)
class ObjectDeclaration:
    """An object that a destination can write."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    required: tuple[tuple[str, ...], ...]
    """Every inner tuple needs at least one of its fields."""
    create_needs: tuple[tuple[str, ...], ...] = ()
    """Fields beside them that the LMS's own call for a new object requires, of every inner tuple at least one: a record
    that finds its object by another key can do without them."""
    keys: tuple[MatchKey, ...] = ()
    references: tuple[Reference, ...] = ()
    """References that together are the key of a link object (assignments, memberships)."""
    field_references: tuple[FieldReference, ...] = ()
    """Fields of any other object that hold ids of objects, which a record may name by their keys."""
    id_field: str = "id"
    """The field of its keys that holds the LMS's id."""
    found_by: tuple[MatchKey, ...] = ()
    """Keys by which others may refer to it, beside those that match its own records."""
    modes: frozenset[Mode] = frozenset()
    soft_delete: str = ""
    """How an object is deactivated, for docs; empty: it cannot be."""
    hard_delete: str = ""
    refusals: Mapping[Mode, str] = field(default_factory=dict)
    """Why it cannot do each of the other modes."""
    create_inactive: bool = True
    """Whether a record with `active: false` and no match is created, inactive; else it is `unchanged`."""
    after: tuple[str, ...] = ()
    """Objects whose records go first where other streams of the sync have any, because writing this one settles what
    they would have said."""
    made_by: tuple[str, ...] = ()
    """Objects whose records make a link of this one on their way, where it is not there."""
    same_as: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Other objects whose records write the same rows of the LMS, and what fields of this one are called there."""
    group_by: tuple[str, ...] = ()
    """Fields or reference names whose equal values must be written one after the other."""
    keys_in: tuple[str, ...] = ()
    """Nested fields that may hold a key, which the adapter takes out of them when it shapes a record."""
    instead_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields that are dropped from a record which has all of the finer ones."""
    supersedes: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
    """For objects that keep the best of several: whether the first is better than the second."""
    renewed_by: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
    """The same for facts that are renewed, such as results of assessments: whether the first takes the place of the
    second, be it better or not."""
    joined: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] | None = None
    """What a record says beside what the LMS holds, where both may be the same fact."""
    notes: tuple[str, ...] = ()
    native: bool = False
    """Whether it is a resource of the LMS's own API, with the names that it has there, and no unified object."""
    write_calls: WriteCalls = WriteCalls()

    def judging(self, *, renews: bool) -> ObjectDeclaration:
        """The declaration by which a record is judged that says a fact of its own, or one that is renewed."""
        return self._renewing if renews and self.renewed_by is not None else self

    @cached_property
    def _renewing(self) -> ObjectDeclaration:
        return replace(self, supersedes=self.renewed_by, joined=None)

    @cached_property
    def field_by_name(self) -> Mapping[str, Field]:
        return {one.name: one for one in self.fields}

    @cached_property
    def has_secrets(self) -> bool:
        """Whether a record may hold secrets, and is never shown as a whole."""
        return any(one.secret for one in self.fields)

    @cached_property
    def unplaced(self) -> frozenset[str]:
        """Fields of the unified model that this LMS has no place for."""
        return frozenset(one.name for one in self.fields if not one.place and one.name not in self.finders)

    @cached_property
    def placed(self) -> frozenset[str]:
        """Fields that the LMS has a place for, or that only name other objects."""
        return frozenset(self.field_by_name) - self.unplaced

    @cached_property
    def finders(self) -> frozenset[str]:
        """Fields that only name other objects."""
        of_links = (one.field for reference in self.references for one in reference.selectors)
        of_fields = (name for one in self.field_references for name in one.finders)
        return frozenset((*of_links, *of_fields))

    @property
    def all_references(self) -> tuple[Reference | FieldReference, ...]:
        """The objects that it refers to, as a link or by a field."""
        return (*self.references, *self.field_references)

    @cached_property
    def keys_for_references(self) -> tuple[MatchKey, ...]:
        """All keys by which others may refer to it."""
        return (*self.keys, *self.found_by)

    def named_by(self, name: str) -> tuple[str, ...]:
        """A field, and the fields that may stand for it because they name the object that it refers to."""
        selectors = (each.field for one in self.field_references if one.field == name for each in one.selectors)
        return tuple(dict.fromkeys((name, *selectors)))

    def refers(self, names: Iterable[str]) -> bool:
        """Whether any of these fields holds a reference."""
        return any(one.field in names for one in self.field_references)

    def key_value(self, key: MatchKey, values: Mapping[str, Any]) -> str | None:
        """The normal form of a key's value in a record or remote object; None where a part is missing."""
        part = self._key_part(key.field, values)
        if part is None or not key.also:
            return None if part is None else str(part)
        parts = [part, *(self._key_part(name, values) for name in key.also)]
        return None if None in parts else KEY_SEPARATOR.join(map(str, parts))

    def _key_part(self, name: str, values: Mapping[str, Any]) -> Any:
        read = self._key_readers[name]  # a key of an unknown field is a slip in the declaration
        value = values.get(name)
        return None if value is None else read(value)

    @cached_property
    def _key_readers(self) -> Mapping[str, Callable[[Any], Any]]:
        return {one.name: key_part_of(one.kind) for one in self.fields}

    @cached_property
    def finding(self) -> frozenset[str]:
        """Fields by which the object, or another that the record refers to, is found."""
        names = {one.field for reference in self.references for one in reference.selectors}
        names |= {name for one in self.field_references for name in (one.field, *one.finders)}
        return frozenset(names | {name for key in self.keys for name in key.fields} | set(self.keys_in))

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for alternatives in self.required for name in alternatives)

    @cached_property
    def sent_at_creation(self) -> frozenset[str]:
        """Fields that a create sends whatever their policy: without them the LMS makes no object."""
        return self._required | set(chain(*self.create_needs))

    @cached_property
    def needed(self) -> frozenset[str]:
        """Fields that are looked at whatever their policy or place.

        A create sends what the LMS requires, and records may refer to an external reference that the LMS does not keep.
        """
        return self.finding | self.sent_at_creation | ({"external_reference"} & self.field_by_name.keys())

    @cached_property
    def flat_members(self) -> Mapping[str, tuple[str, str]]:
        """Names under which records may give a member of a nested field beside it, and which member that is."""
        return {
            f"{one.name}{separator}{member.name}": (one.name, member.name)
            for one in self.fields
            for member in one.members
            for separator in "._"
            if f"{one.name}{separator}{member.name}" not in self.field_by_name
        }

    def field_or_member(self, name: str) -> Field:
        """A field, or the member of a nested one that has this name beside it. Raises KeyError for neither."""
        if name in self.field_by_name:
            return self.field_by_name[name]
        outer, member = self.flat_members[name]
        return next(one for one in self.field_by_name[outer].members if one.name == member)

    @cached_property
    def read_fields(self) -> tuple[tuple[Field, OnInvalid], ...]:
        """The fields whose values are looked at, and what a value of each costs that is not valid."""
        return tuple((one, self.on_invalid(one.name)) for one in self.fields if self.reads(one))

    @cached_property
    def naming(self) -> tuple[tuple[str, bool], ...]:
        """The fields by which people know a record, its own keys and what it refers to, and whether each is secret.

        By the external reference the source knows it, whether the LMS has a place for that or not.
        """
        selectors = (one.field for reference in self.all_references for one in reference.selectors)
        reference = (EXTERNAL_REFERENCE,) if EXTERNAL_REFERENCE in self.field_by_name else ()
        names = dict.fromkeys((*reference, *(name for key in self.keys for name in key.fields), *selectors))
        secrets = {one.name for one in self.fields if one.secret}
        return tuple((name, name in secrets) for name in names)

    def reads(self, one: Field) -> bool:
        """Whether a field's value is looked at: it may be written and has a place, or something needs it."""
        written = one.policy is not FieldPolicy.NEVER and bool(one.place)
        return written or one.name in self.needed

    def on_invalid(self, name: str) -> OnInvalid:
        """What a value of a field that is not valid costs: the field alone, or the record."""
        return OnInvalid.REJECT if name in self.finding | self._required else self.field_by_name[name].on_invalid

    def normal(self, name: str, value: Any) -> Any:
        return normalise(self.field_by_name[name].kind, value)

    def with_cleared(self, names: Collection[str]) -> ObjectDeclaration:
        """The same object where a null in a record empties these fields."""
        changed = tuple(replace(one, clear_on_null=True) if one.name in names else one for one in self.fields)
        return replace(self, fields=changed) if names else self

    def with_policies(self, policies: Mapping[str, FieldPolicy]) -> ObjectDeclaration:
        """The same object with the field policies of a connection's config."""
        if not policies:
            return self
        changed = tuple(replace(one, policy=policies[one.name]) if one.name in policies else one for one in self.fields)
        return replace(self, fields=changed)
