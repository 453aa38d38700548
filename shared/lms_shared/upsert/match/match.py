"""Finds the object in the LMS that a record means: published order, recorded reason, nothing guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject, text_key
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import FieldPolicy, Kind
from lms_shared.model.keys import KeyKind, MatchKey
from lms_shared.model.normal_forms import equal


class Stranger(RecordRejected):
    """The object that a natural key finds is that of another reference."""

    def __init__(self, field: str, remote: RemoteObject) -> None:
        super().__init__(
            "REMOTE.CONFLICT",
            f"the object matched by {field} carries another external reference",
            "Correct the reference in the source, or clear it in the LMS.",
            (remote,),
        )
        self.field = field
        self.remote = remote


class Match(NamedTuple):
    """The match of a record, if any, and why."""

    remote: RemoteObject | None
    reason: str


def match_entity(
    declaration: ObjectDeclaration,
    values: Mapping[str, Any],
    find: Callable[[Key], list[RemoteObject]],
    *,
    removing: bool = False,
    chosen: MatchKey | None = None,
    as_they_came: Mapping[str, str] | None = None,
) -> Match:
    """Tries the declared keys in order: reference, id, natural keys, attributes; or the one that the user chose alone.

    What is to be removed is never found by a mere attribute (that would be a guess at an object that is nobody's), and
    an id that does not exist is as good as removed.

    Raises RecordRejected if there is more than one candidate, where the candidate belongs to another reference,
    where a given id does not exist, and where the record's other keys lead to another object than the chosen one.
    """
    finder = _Finder(declaration, values, find, as_they_came or {})
    if chosen is not None:
        return _match_by(finder, chosen, removing=removing)
    for key in declaration.keys:
        if removing and key.kind is KeyKind.ATTRIBUTE:
            continue
        if key.unless and values.get(key.unless) is not None:
            continue
        found = finder.found(key)
        if found is not None:
            _refuse_stranger(declaration, key, values, found)
            return Match(found, _reason(declaration, key, values, found, removing=removing))
    ids = [key.field for key in declaration.keys if key.kind is KeyKind.IDENTIFIER]
    if not removing and any(values.get(name) is not None for name in ids):
        raise RecordRejected(
            "REFERENCE.NOT_FOUND",
            "the record names an id that the LMS does not have",
            "Correct the id, or leave it out and map the source's own id to external_reference.",
        )
    return Match(None, "no match")


@dataclass(frozen=True)
class _Finder:
    """Looks a record's keys up."""

    declaration: ObjectDeclaration
    values: Mapping[str, Any]
    find: Callable[[Key], list[RemoteObject]]
    as_they_came: Mapping[str, str]

    def found(self, key: MatchKey) -> RemoteObject | None:
        """The object that carries the record's value of a key, if any. Raises RecordRejected for several."""
        value = self.declaration.key_value(key, self.values)
        if value is None:
            return None
        if key.kind is KeyKind.ATTRIBUTE:
            rows = self.find(text_key(key.field, value))
            found = [one for one in rows if not one.stamped and not one.draft]
        else:
            found = self.find(Key(key.field, value))
            # What was written before invisible characters were dropped still carries them.
            if not found and not key.also and key.field in self.as_they_came:
                found = self.find(Key(key.field, self.as_they_came[key.field]))
        if len(found) > 1:
            raise _ambiguous(key, found)
        return found[0] if found else None


def _match_by(finder: _Finder, chosen: MatchKey, *, removing: bool) -> Match:
    """The match by the key that the user chose. Raises RecordRejected where another key leads elsewhere."""
    declaration, values = finder.declaration, finder.values
    names = " + ".join(chosen.fields)
    if declaration.key_value(chosen, values) is None:
        raise RecordRejected(
            "INPUT.MISSING",
            f"{names} is missing or empty, and it is the matching key of the connection",
            f"Send {names}, or choose another matching key.",
        )
    found = finder.found(chosen)
    for key in declaration.keys:
        if key == chosen or key.kind is KeyKind.ATTRIBUTE:
            continue
        other = finder.found(key)
        if other is not None and (found is None or other.id != found.id):
            raise RecordRejected(
                "REMOTE.CONFLICT",
                f"{' + '.join(key.fields)} of the record leads to another object than the matching key {names}",
                "Correct the record, or choose another matching key in the connection.",
                (other,) if found is None else (found, other),
            )
    if found is None:
        return Match(None, "no match")
    _refuse_stranger(declaration, chosen, values, found)
    return Match(found, _reason(declaration, chosen, values, found, removing=removing))


def _reason(
    declaration: ObjectDeclaration, key: MatchKey, values: Mapping[str, Any], remote: RemoteObject, *, removing: bool
) -> str:
    names = " + ".join(key.fields)
    adopted = not removing and key.kind is not KeyKind.REFERENCE and _is_adopted(declaration, values, remote)
    if key.kind is KeyKind.ATTRIBUTE:
        return f"adopted: the sole match by {names}" if adopted else f"the sole match by {names}"
    return f"matched by {names}" + (", adopted" if adopted else "")


def _is_adopted(declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject) -> bool:
    """Whether the match is stamped with the record's reference, which it does not carry yet."""
    stamp = declaration.field_by_name.get("external_reference")
    if stamp is None or not stamp.place or stamp.policy is FieldPolicy.NEVER:
        return False
    return values.get(stamp.name) is not None and remote.fields.get(stamp.name) is None and not remote.own


def _ambiguous(key: MatchKey, found: list[RemoteObject]) -> RecordRejected:
    names = " + ".join(key.fields)
    return RecordRejected(
        "REMOTE.AMBIGUOUS",
        f"{len(found)} objects in the LMS match by {names}",
        "Remove or rename all but one of the candidates in the LMS, or send the id of the right one.",
        tuple(found),
    )


def _refuse_stranger(
    declaration: ObjectDeclaration, key: MatchKey, values: Mapping[str, Any], remote: RemoteObject
) -> None:
    stamp = declaration.field_by_name.get("external_reference")
    if stamp is None or key.kind not in (KeyKind.NATURAL, KeyKind.IDENTIFIER):
        return
    # Who names the object by its id and lets the record win means it; an e-mail address may have changed hands.
    if key.kind is KeyKind.IDENTIFIER and stamp.policy is FieldPolicy.SOURCE_WINS:
        return
    wanted, held = values.get(stamp.name), remote.fields.get(stamp.name)
    if wanted is None or held is None or equal(Kind.REFERENCE, wanted, held):
        return
    if key.kind is KeyKind.NATURAL:
        raise Stranger(key.field, remote)
    raise RecordRejected(
        "REMOTE.CONFLICT",
        f"the object matched by {key.field} carries another external reference",
        "Correct the reference in the source, or clear it in the LMS.",
        (remote,),
    )
