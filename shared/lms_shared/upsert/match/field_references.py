"""Fills in the ids of other objects that a record names by their keys: in the LMS, or among what this sync has settled.

A link object is the pair of objects that it links (see `resolver.py`). All other objects refer by fields that hold the
LMS's ids (`ObjectDeclaration.field_references`). Once those are filled in, a record is matched, planned and written as
if it had come with the ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import Awaited, Key, RecordRejected, RemoteObject, is_planned, lookup_key
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KEY_SEPARATOR, FieldReference, MatchKey, Selector
from lms_shared.upsert.match.settled import Missing, SettledObjects

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Filled:
    """A record with the ids of what it refers to."""

    values: dict[str, Any]
    given: tuple[str, ...]
    """Reference fields whose ids came with the record, so that nobody has looked them up."""


class FieldReferenceResolver:
    """Resolves the field references of all objects of one adapter. Safe for threads."""

    def __init__(self, sinks: Mapping[str, ObjectSink], settled: SettledObjects) -> None:
        self._sinks = sinks
        self._settled = settled

    def fill(self, declaration: ObjectDeclaration, values: Values) -> Filled:
        """The record with the ids of all objects that it names. An id that it has itself always wins.

        Raises Missing where an object is not there, RecordRejected where a name fits several.
        """
        filled, given = dict(values), []
        for one in declaration.field_references:
            if not one.applies(filled):
                continue
            if filled.get(one.field) is None:
                named = self._named(one, filled)
                if named is not None:
                    filled[one.field] = self._id_of(one, named)
            elif one.many:
                filled[one.field] = list(dict.fromkeys(self._member(one, str(text)) for text in filled[one.field]))
            elif one.takes or self._sink(one.object_name).can_be_id(str(filled[one.field])):
                given.append(one.field)
            else:
                raise _not_there(one)
        return Filled(filled, tuple(given))

    def expect(self, declaration: ObjectDeclaration, records: Sequence[Values]) -> None:
        """Announces what filling these records in will look up, so that each sink chooses the cheaper way."""
        for one in declaration.field_references:
            wanted: dict[str, list[dict[str, Any]]] = {}
            for values in records:
                if one.many or not one.applies(values) or values.get(one.field) is not None:
                    continue
                selector = next((each for each in one.selectors if values.get(each.field) is not None), None)
                if selector is not None:
                    name = selector.object_name or one.object_name
                    wanted.setdefault(name, []).append(self._target_values(one, selector, values))
            for name, targets in wanted.items():
                self._expect_targets(name, targets)

    def _expect_targets(self, object_name: str, targets: list[dict[str, Any]]) -> None:
        sink = self._sink(object_name)
        declaration = sink.declaration
        self.expect(declaration, targets)
        keys: dict[Key, None] = {}
        for values in targets:
            try:
                filled = self.fill(declaration, values).values
            except (Missing, RecordRejected):
                continue  # it is told when the record itself is filled in
            for _, key in _keys(declaration, filled):
                if not _planned(key):
                    keys[key] = None
        sink.expect(keys)

    def prove(self, declaration: ObjectDeclaration, fields: Iterable[str], values: Values) -> None:
        """Looks up ids that a record came with, before they are written.

        Raises RecordRejected (REFERENCE.NOT_FOUND) where the LMS does not have one.
        """
        wanted = set(fields)
        for one in declaration.field_references:
            if one.field not in wanted or not one.applies(values) or one.many:
                continue
            sink = self._sink(one.object_name)
            if (
                not one.takes
                and _finds_by_id(sink)
                and not self._has(sink, str(values[one.field]), _scope(one, values))
            ):
                raise _not_there(one)

    def _has(self, sink: EntitySink, value: str, scope: Values) -> bool:
        """Whether the LMS has an object with this id, or may have it where it cannot be asked for."""
        if not sink.can_be_id(value):
            return False
        name = sink.declaration.id_field
        keys = _keys(sink.declaration, {**sink.known, **scope, name: value}, only=name)
        return not keys or any(self._found(sink, key) for _, key in keys)

    def _named(self, one: FieldReference, values: Values) -> RemoteObject | None:
        """The object that a record names, None where it names none."""
        awaited: list[Awaited] = []
        named = False
        for selector in one.selectors:
            if values.get(selector.field) is None:
                continue
            named = True
            try:
                return self._target(one, selector, self._target_values(one, selector, values))
            except Missing as missing:
                awaited += missing.awaited
        if named:
            raise Missing(one.name, tuple(dict.fromkeys(awaited)))
        return None

    def _member(self, one: FieldReference, text: str) -> str:
        """The id that a member of a list stands for, which may be an id itself."""
        awaited: list[Awaited] = []
        sink = self._sink(one.object_name)
        if _finds_by_id(sink) and self._has(sink, text, {}):
            return text
        for selector in one.selectors:
            try:
                target = self._target(one, selector, {selector.target_field: text})
            except Missing as missing:
                awaited += missing.awaited
            else:
                return self._id_of(one, target)
        raise Missing(one.name, tuple(dict.fromkeys(awaited)))

    def _id_of(self, one: FieldReference, target: RemoteObject) -> str:
        """What the field of a record takes. Raises RecordRejected where the object that it names has no such thing."""
        value = self._settled.id_of(target, one.takes)
        if value is None:
            raise RecordRejected(
                "REFERENCE.NOT_FOUND",
                f"the {one.name} that the record names has no {one.takes}",
                f"Name another {one.name}, or send the id in {one.field}.",
                (target,),
            )
        return value

    def _target_values(self, one: FieldReference, selector: Selector, values: Values) -> dict[str, Any]:
        return {**_scope(one, values), selector.target_field: values[selector.field]}

    def _target(self, one: FieldReference, selector: Selector, wanted: Values) -> RemoteObject:
        """The object with these fields. Raises Missing, or RecordRejected if there are several."""
        object_name = selector.object_name or one.object_name
        sink = self._sink(object_name)
        declaration = sink.declaration
        target = self.fill(declaration, {**sink.known, **wanted}).values
        awaited: list[Awaited] = []
        for key, asked in _keys(declaration, target):
            settled = self._settled.get((object_name, asked.field, asked.value))
            if settled is not None:
                return settled
            found = self._found(sink, asked)
            if len(found) > 1:
                raise _ambiguous(selector, object_name, found)
            if found:
                return found[0]
            awaited += self._settled.awaited(declaration, key, target)
        awaited += self._unplaced(declaration, selector.target_field, target)
        if not awaited:
            raise _incomplete(one, selector)
        for name in awaited:
            settled = self._settled.get(name)
            if settled is not None:
                return settled
        raise Missing(one.name, tuple(awaited))

    def _unplaced(self, declaration: ObjectDeclaration, name: str, target: Values) -> list[Awaited]:
        """A name that the LMS has no place for, so that the records of this sync alone know it."""
        value = declaration.normal(name, target.get(name)) if name in declaration.field_by_name else None
        keys = {key.field for key in declaration.keys_for_references}
        if value is None or name in keys or name in declaration.finders:
            return []
        return [(*names, str(value)) for names in self._settled.names_of(declaration.name, name)]

    def _found(self, sink: EntitySink, key: Key) -> list[RemoteObject]:
        return [] if _planned(key) else [one for one in sink.find(key) if not one.draft]

    def _sink(self, object_name: str) -> EntitySink:
        sink = self._sinks[object_name]
        assert isinstance(sink, EntitySink)
        return sink


def _scope(one: FieldReference, values: Values) -> dict[str, Any]:
    return {name: values[field] for name, field in one.scope if values.get(field) is not None}


def _keys(declaration: ObjectDeclaration, values: Values, only: str | None = None) -> list[tuple[MatchKey, Key]]:
    """The keys that these fields make, and what is looked up for each; `only` those of one field."""
    keys = (key for key in declaration.keys_for_references if values.get(key.unless) is None)
    found = ((key, declaration.key_value(key, values)) for key in keys if only is None or key.field == only)
    return [(key, lookup_key(key, text)) for key, text in found if text is not None]


def _planned(key: Key) -> bool:
    """Whether a key holds the id of an object that is only planned, so that the LMS knows nothing of it."""
    return any(map(is_planned, key.value.split(KEY_SEPARATOR)))


def _finds_by_id(sink: EntitySink) -> bool:
    return any(key.field == sink.declaration.id_field for key in sink.declaration.keys)


def _ambiguous(selector: Selector, object_name: str, found: list[RemoteObject]) -> RecordRejected:
    return RecordRejected(
        "REFERENCE.AMBIGUOUS",
        f"{selector.field} fits {len(found)} {object_name} in the LMS",
        "Remove or rename all but one of the candidates in the LMS, or refer to the right one by id.",
        tuple(found),
    )


def _incomplete(one: FieldReference, selector: Selector) -> RecordRejected:
    beside = " or ".join(dict.fromkeys(field for _, field in one.scope))
    return RecordRejected(
        "INPUT.MISSING",
        f"{selector.field} alone does not tell which {one.name} is meant",
        f"Send {beside} beside it, or the id in {one.field}.",
    )


def _not_there(one: FieldReference) -> RecordRejected:
    names = " or ".join(each.field for each in one.selectors)
    return RecordRejected(
        "REFERENCE.NOT_FOUND",
        f"{one.field} is not the id of any {one.name} in the LMS",
        f"Correct {one.field}" + (f", or name the {one.name} by {names}." if names else "."),
    )
