"""What this sync has settled, by the keys under which other records may wait for it or refer to it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import PLANNED_ID, Awaited, RemoteObject, lookup_key
from lms_shared.disk import SpillingDict
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KeyKind, MatchKey

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Missing(Exception):
    """A referenced object is not there (yet)."""

    def __init__(self, name: str, awaited: tuple[Awaited, ...]) -> None:
        super().__init__(name)
        self.name = name
        """What the object is called in messages."""
        self.awaited = awaited


class SettledObjects:
    """Objects that are in the LMS now. Safe for threads.

    What the LMS can be asked for is asked there. Remembered is what it has no place for and, in a dry run, what it does
    not have yet.
    """

    def __init__(self, sinks: Mapping[str, ObjectSink], routed: Collection[str], *, remember_all: bool) -> None:
        """`routed` are the objects of this sync's records: what none of them refers to is not remembered."""
        self._sinks = sinks
        self._remember_all = remember_all
        self._ids: SpillingDict[str] = SpillingDict()
        """By object, field and value: the id, where that is all that matters."""
        self._objects: dict[Awaited, RemoteObject] = {}
        """The others."""
        referring = [sink.declaration for name, sink in sinks.items() if name in routed]
        self._twins = _twins([sink.declaration for sink in sinks.values()])
        self._selectable = _selectable(referring, self._twins)
        self._referenced = _referenced(referring, self._twins)
        self._lock = threading.Lock()
        self._planned: dict[int, int] = {}

    def note(
        self, declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject, *, written: bool = True
    ) -> list[Awaited]:
        """Takes note of an object that is now in the LMS, and names the keys under which it may be waited for.

        `written` says whether this sync has just made or changed it.
        """
        selectable, is_referenced = self._selectable.get(declaration.name, ()), declaration.name in self._referenced
        if not (selectable or is_referenced or written):
            return []
        sink = self._sinks[declaration.name]
        known = sink.known if isinstance(sink, EntitySink) else {}
        held = {**known, **remote.fields, **values, "id": None if remote.planned else remote.id}
        keys: dict[Awaited, None] = {}
        for name in selectable:
            value = declaration.normal(name, held.get(name)) if name in declaration.field_by_name else held.get(name)
            if value is not None:
                keys[declaration.name, name, str(value)] = None
        for key in declaration.keys_for_references if is_referenced else ():
            text = declaration.key_value(key, held)
            if text is not None:
                keys[declaration.name, key.field, lookup_key(key, text).value] = None
        findable = {key.field for key in declaration.keys_for_references}
        for awaited in keys:
            _, name, value = awaited
            if name not in findable or (self._remember_all and not self._is_there(declaration, name, value, remote)):
                self._keep(awaited, sink, remote)
        if written:
            self._tell_twins(declaration, held)
        return list(keys)

    def _keep(self, awaited: Awaited, sink: ObjectSink, remote: RemoteObject) -> None:
        """Remembers of an object what matters: there may be a million."""
        if remote.planned:
            self._objects[awaited] = RemoteObject(remote.id, NOTHING, parts=NOTHING)
        elif isinstance(sink, EntitySink) and sink.linked_by_id:
            self._ids.put(awaited, remote.id)
        else:
            self._objects[awaited] = remote

    def _is_there(self, declaration: ObjectDeclaration, name: str, value: str, remote: RemoteObject) -> bool:
        """Whether the LMS itself finds an object by a key, as far as a dry run can tell."""
        if remote.planned:
            return False
        if name == "id":
            return True
        held = remote.fields.get(name)
        return held is not None and str(declaration.normal(name, held)) == value

    def _tell_twins(self, declaration: ObjectDeclaration, held: Mapping[str, Any]) -> None:
        """What other objects remember of the same rows is in doubt."""
        for other, names in self._twins.get(declaration.name, {}).items():
            sink = self._sinks[other]
            if isinstance(sink, EntitySink):
                sink.written_elsewhere({there: held[name] for name, there in names.items() if held.get(name)})

    def get(self, key: Awaited) -> RemoteObject | None:
        """The object with a key, as far as it is remembered."""
        found = self._objects.get(key)
        if found is None and (identity := self._ids.get(key)) is not None:
            return RemoteObject(identity, NOTHING, parts=NOTHING)
        return found

    def names_of(self, object_name: str, name: str) -> tuple[tuple[str, str], ...]:
        """An object's field, and the fields of other objects that are the same field of the same rows."""
        twins = self._twins.get(object_name, {})
        return ((object_name, name), *((other, names[name]) for other, names in twins.items() if name in names))

    def awaited(self, declaration: ObjectDeclaration, key: MatchKey, values: Mapping[str, Any]) -> list[Awaited]:
        """The keys under which an object with these fields may arrive, as itself or as another object's row."""
        text = declaration.key_value(key, values)
        assert text is not None
        found = [(declaration.name, key.field, lookup_key(key, text).value)]
        for other, names in self._twins.get(declaration.name, {}).items():
            shared = [name for name in key.fields if name in names]
            if len(shared) == 1:
                (name,) = shared
                alone = MatchKey(name, key.kind)
                value = declaration.key_value(alone, values)
                assert value is not None
                found.append((other, names[name], lookup_key(alone, value).value))
        return found

    def id_of(self, remote: RemoteObject, takes: str) -> str | None:
        """The value of a field that refers to an object, None where the object has none; one that is only planned has
        an id of its own."""
        if not remote.planned:
            value = remote.fields.get(takes) if takes else remote.id
            return None if value is None else str(value)
        with self._lock:
            number = self._planned.setdefault(id(remote), len(self._planned) + 1)
        return f"{PLANNED_ID} {number}"


def findable_fields(declaration: ObjectDeclaration) -> frozenset[str]:
    """Fields by which the LMS finds an object for certain."""
    return frozenset(key.field for key in declaration.keys if key.kind is not KeyKind.ATTRIBUTE and not key.also)


_Twins = dict[str, dict[str, dict[str, str]]]


def _twins(declarations: Iterable[ObjectDeclaration]) -> _Twins:
    """By object: the other objects that write the same rows, and what its fields are called there."""
    twins: _Twins = {}
    for one in declarations:
        for other, names in one.same_as.items():
            for name, there in names.items():
                twins.setdefault(one.name, {}).setdefault(other, {})[name] = there
                twins.setdefault(other, {}).setdefault(one.name, {})[there] = name
    return twins


def _selectable(declarations: list[ObjectDeclaration], twins: _Twins) -> dict[str, frozenset[str]]:
    """By object: the fields by which references of any object name it."""
    names: dict[str, set[str]] = {}
    for one in declarations:
        for reference in one.all_references:
            for selector in reference.selectors:
                target = selector.object_name or reference.object_name
                names.setdefault(target, set()).add(selector.target_field)
                for other, fields in twins.get(target, {}).items():
                    if selector.target_field in fields:
                        names.setdefault(other, set()).add(fields[selector.target_field])
    return {name: frozenset(fields) for name, fields in names.items()}


def _referenced(declarations: list[ObjectDeclaration], twins: _Twins) -> frozenset[str]:
    """The objects that fields of others refer to, and those that write the same rows."""
    names: set[str] = set()
    for one in declarations:
        for reference in one.field_references:
            names |= {reference.object_name, *(each.object_name for each in reference.selectors)}
    return frozenset(names | {other for name in names for other in twins.get(name, ())})
