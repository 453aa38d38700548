"""Finds the objects that a record refers to: in the LMS, or among what this sync has already settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import Awaited, Key, RecordRejected, RemoteObject
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import Reference
from lms_shared.model.normal_forms import key_part
from lms_shared.upsert.match.field_references import FieldReferenceResolver
from lms_shared.upsert.match.settled import Missing, SettledObjects, findable_fields


class ReferenceResolver:
    """Resolves references of all objects of one adapter.

    What the LMS itself can be asked for is asked there. Keys that it has no place for (or, in a dry run, objects that
    it does not have) are known from the records of this sync.
    """

    def __init__(self, sinks: Mapping[str, ObjectSink], routed: Collection[str], *, remember_all: bool) -> None:
        """`routed` are the objects that records of this sync may become: only they refer to others."""
        self._sinks = sinks
        self._settled = SettledObjects(sinks, routed, remember_all=remember_all)
        self.fields = FieldReferenceResolver(sinks, self._settled)
        """For the objects that are not links."""

    def settled(
        self, declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject, *, written: bool
    ) -> list[Awaited]:
        """Takes note of an object that is now in the LMS, and names the keys under which it may be waited for."""
        return self._settled.note(declaration, values, remote, written=written)

    def awaited(self, declaration: ObjectDeclaration, values: Mapping[str, Any]) -> tuple[Awaited, ...]:
        """The keys under which the objects that a link refers to are settled, should they be written in this sync: as
        themselves, or as another object that writes the same rows."""
        return tuple(dict.fromkeys(key for one in declaration.references for key in self._awaited(one, values)))

    def _awaited(self, reference: Reference, values: Mapping[str, Any]) -> Iterator[Awaited]:
        known = [(one.target_field, values.get(one.field)) for one in reference.selectors]
        try:
            # Rows that another object writes too may be known to that one by their id alone.
            found = self._resolve(reference, values, {})
        except (Missing, RecordRejected):
            pass
        else:
            known.append((self._sinks[reference.object_name].declaration.id_field, found.id))
        for name, value in known:
            if value is not None:
                yield from ((*names, value) for names in self._settled.names_of(reference.object_name, name))

    def wanted_keys(self, declaration: ObjectDeclaration, records: Iterable[Mapping[str, Any]]) -> dict[str, list[Key]]:
        """The keys that resolving these records will look up first, by object."""
        wanted: dict[str, dict[Key, None]] = {}
        for values in records:
            for reference in declaration.references:
                findable = findable_fields(self._sinks[reference.object_name].declaration)
                for selector in reference.selectors:
                    value = values.get(selector.field)
                    if value is not None and selector.target_field in findable:
                        wanted.setdefault(reference.object_name, {})[Key(selector.target_field, value)] = None
                        break
        return {name: list(keys) for name, keys in wanted.items()}

    def resolve(
        self, declaration: ObjectDeclaration, values: Mapping[str, Any], as_they_came: Mapping[str, str] | None = None
    ) -> dict[str, RemoteObject]:
        """All referenced objects by reference name; `as_they_came` has texts with their invisible characters.

        Raises Missing, or RecordRejected where a selector fits several objects or one that the LMS cannot find by.
        """
        return {one.name: self._resolve(one, values, as_they_came or {}) for one in declaration.references}

    def _resolve(
        self, reference: Reference, values: Mapping[str, Any], as_they_came: Mapping[str, str]
    ) -> RemoteObject:
        sink = self._sinks[reference.object_name]
        assert isinstance(sink, EntitySink)
        findable = findable_fields(sink.declaration)
        awaited: list[Awaited] = []
        for selector in reference.selectors:
            value = key_part(sink.declaration.field_by_name[selector.target_field].kind, values.get(selector.field))
            if value is None:
                continue
            key: Awaited = (reference.object_name, selector.target_field, value)
            settled = self._settled.get(key)
            if settled is not None:
                return settled
            impossible = selector.target_field == sink.declaration.id_field and not sink.can_be_id(str(value))
            if selector.target_field in findable and not impossible:
                found = sink.find(Key(selector.target_field, value))
                if not found and selector.field in as_they_came:
                    found = sink.find(Key(selector.target_field, as_they_came[selector.field]))
                if len(found) > 1:
                    raise RecordRejected(
                        "REFERENCE.AMBIGUOUS",
                        f"{selector.field} fits {len(found)} {reference.object_name} in the LMS",
                        "Remove all but one of the candidates in the LMS, or refer to the right one by id.",
                        tuple(found),
                    )
                if found:
                    return found[0]
            keys: list[Awaited] = [
                (*names, value) for names in self._settled.names_of(reference.object_name, selector.target_field)
            ]
            planned = next((one for name in keys if (one := self._settled.get(name)) and one.planned), None)
            if planned is not None:
                return planned
            awaited += keys
        raise Missing(reference.name, tuple(awaited))
