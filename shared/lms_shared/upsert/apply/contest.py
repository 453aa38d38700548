"""Who is who: several records, or a record and an object, that claim one natural key, such as an e-mail address.

Of several people under one address, one that is active goes before those that are not: a learner who returns has a new
reference, and the old one is off the account. Of two active ones the one that the LMS holds stays, else the first.
What conflicts with an object that this sync may still change waits until nothing else is to come.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.disk import SpillingDict
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.keys import KeyKind
from lms_shared.upsert.item import Item

REFERENCE = "external_reference"


@dataclass(frozen=True)
class Contested:
    """A record that claims a key which somebody else has, for now."""

    item: Item
    field: str
    holder: RemoteObject
    """Who has it."""
    own: RemoteObject | None = None
    """The record's own object, found by another key; None for one that the LMS does not have."""
    waits: bool = False
    """Whether it only waits for others that may still come, and has nothing to do with who has the key now."""


class Verdict(Enum):
    """What becomes of a record whose reference the LMS does not keep, beside others under its natural key."""

    GO_ON = "go on"
    BEATEN = "beaten"  # another person under this key goes before it
    WAIT = "wait"  # one that goes before it may still come
    REFUSED = "refused"  # another active person has the key


def is_inactive(item: Item) -> bool:
    """Whether a record says that its person is not active any more."""
    return item.values.get("active") is False or item.mode is Mode.SOFT_DELETE


def natural_values(declaration: ObjectDeclaration, values: Mapping[str, Any]) -> dict[str, str]:
    """The natural keys of a record, by field."""
    keys = (key for key in declaration.keys if key.kind is KeyKind.NATURAL and not key.also)
    return {key.field: value for key in keys if (value := declaration.key_value(key, values)) is not None}


def keeps_references(declaration: ObjectDeclaration) -> bool:
    """Whether the LMS has a place for the reference of an object."""
    return any(key.kind is KeyKind.REFERENCE for key in declaration.keys)


class Claims:
    """Who claimed a natural key in this sync, of objects whose references the LMS does not keep. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: SpillingDict[tuple[str, bool]] = SpillingDict()
        """By key, the reference that has it, and whether that one is active."""

    def judge(self, declaration: ObjectDeclaration, item: Item, remote: RemoteObject | None, *, last: bool) -> Verdict:
        """What becomes of a record; `remote` is the object that it means, `last` says that no other is to come."""
        reference = item.values.get(REFERENCE)
        if reference is None or keeps_references(declaration):
            return Verdict.GO_ON
        keys = natural_values(declaration, item.values)
        if not keys:
            return Verdict.GO_ON
        key, mine = (item.object_name, *keys, *keys.values()), str(reference)
        inactive = is_inactive(item)
        with self._lock:
            other = self._claims.get(key)
            if other is not None and other[0] != mine:
                if inactive:
                    return Verdict.BEATEN
                if other[1]:
                    return Verdict.REFUSED
            if inactive and not last and remote is not None and remote.fields.get("active"):
                return Verdict.WAIT
            self._claims.put(key, (mine, not inactive))
        return Verdict.GO_ON


def two_people(field: str, holder: tuple[RemoteObject, ...]) -> RecordRejected:
    """The refusal of an active record whose key another active one has."""
    return RecordRejected(
        "REMOTE.CONFLICT",
        f"another person is active under this {field}",
        f"Correct {field} in the source, or deactivate the other person.",
        holder,
    )


def interim_address(item: Item) -> str | None:
    """An address for a moment, derived from the record's reference so that a sync that is killed gives the same one
    again; None where the person could not be found again by reference or id."""
    anchor = item.values.get(REFERENCE) or item.values.get("id")
    if anchor is None:
        return None
    return f"{hashlib.sha256(str(anchor).encode()).hexdigest()[:24]}@address-in-between.invalid"
