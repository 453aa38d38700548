"""Finds the objects that a record refers to: in the LMS, or among what this sync has already settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.keys import Awaited, Key
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.declarations import KeyKind, ObjectDeclaration, Reference


class Missing(Exception):
    """A referenced object is not there."""

    def __init__(self, reference: Reference, awaited: tuple[Awaited, ...]) -> None:
        super().__init__(reference.name)
        self.reference = reference
        self.awaited = awaited


class ReferenceResolver:
    """Resolves references of all objects of one adapter.

    What the LMS itself can be asked for is asked there. Keys that it has no place for (or, in a dry run, objects that
    it does not have) are known from the records of this sync.
    """

    def __init__(self, sinks: Mapping[str, ObjectSink], *, remember_all: bool) -> None:
        self._sinks = sinks
        self._remember_all = remember_all
        self._settled: dict[Awaited, RemoteObject] = {}
        self._twins = _twins([sink.declaration for sink in sinks.values()])

    def settled(self, declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject) -> list[Awaited]:
        """Takes note of an object that is now in the LMS, and names the keys under which it may be waited for."""
        keys = [
            (declaration.name, name, value)
            for name in self._selectable(declaration)
            if (value := _first(declaration, name, values, remote)) is not None
        ]
        for key in keys:
            if self._remember_all or key[1] not in _findable(declaration):
                self._settled[key] = remote
        return keys

    def _selectable(self, declaration: ObjectDeclaration) -> set[str]:
        return {
            name
            for sink in self._sinks.values()
            for reference in sink.declaration.references
            for selector in reference.selectors
            for object_name, name in self._names(reference.object_name, selector.target_field)
            if object_name == declaration.name
        }

    def _names(self, object_name: str, name: str) -> tuple[tuple[str, str], ...]:
        """An object's field, and the fields of other objects that are the same field of the same rows."""
        return ((object_name, name), *self._twins.get((object_name, name), ()))

    def wanted_keys(self, declaration: ObjectDeclaration, records: Iterable[Mapping[str, Any]]) -> dict[str, list[Key]]:
        """The keys that resolving these records will look up first, by object."""
        wanted: dict[str, dict[Key, None]] = {}
        for values in records:
            for reference in declaration.references:
                findable = _findable(self._sinks[reference.object_name].declaration)
                for selector in reference.selectors:
                    value = values.get(selector.field)
                    if value is not None and selector.target_field in findable:
                        wanted.setdefault(reference.object_name, {})[Key(selector.target_field, value)] = None
                        break
        return {name: list(keys) for name, keys in wanted.items()}

    def resolve(self, declaration: ObjectDeclaration, values: Mapping[str, Any]) -> dict[str, RemoteObject]:
        """All referenced objects by reference name.

        Raises Missing, or RecordRejected where a selector fits several objects or one that the LMS cannot find by.
        """
        return {one.name: self._resolve(one, values) for one in declaration.references}

    def _resolve(self, reference: Reference, values: Mapping[str, Any]) -> RemoteObject:
        sink = self._sinks[reference.object_name]
        assert isinstance(sink, EntitySink)
        findable = _findable(sink.declaration)
        awaited: list[Awaited] = []
        for selector in reference.selectors:
            value = values.get(selector.field)
            if value is None:
                continue
            key: Awaited = (reference.object_name, selector.target_field, value)
            settled = self._settled.get(key)
            if settled is not None:
                return settled
            if selector.target_field in findable:
                found = sink.find(Key(selector.target_field, value))
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
                (*names, value) for names in self._names(reference.object_name, selector.target_field)
            ]
            planned = next((one for name in keys if (one := self._settled.get(name)) and one.planned), None)
            if planned is not None:
                return planned
            awaited += keys
        raise Missing(reference, tuple(awaited))


def _twins(declarations: Iterable[ObjectDeclaration]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    twins: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in declarations:
        for other, names in one.same_as.items():
            for name, name_there in names.items():
                twins.setdefault((one.name, name), []).append((other, name_there))
                twins.setdefault((other, name_there), []).append((one.name, name))
    return twins


def _findable(declaration: ObjectDeclaration) -> frozenset[str]:
    return frozenset(key.field for key in declaration.keys if key.kind is not KeyKind.ATTRIBUTE and not key.also)


def _first(declaration: ObjectDeclaration, name: str, values: Mapping[str, Any], remote: RemoteObject) -> str | None:
    if name == "id":
        return remote.id
    value = values.get(name, remote.fields.get(name))
    return None if value is None else declaration.normal(name, value)
