"""Records as an API's own pages show them, in the fields of the declaration. Pure.

Three things of such examples are no fields of a row: an object around some of the fields (`{"asset": {"name": …}}`), a
field under the name that it has in request bodies, and a list that says what to add and what to remove.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lms_shared.adapter.adapter import WholeList
from lms_shared.resources.bodies import WHOLE_BODY
from lms_shared.resources.resource import Attribute, Resource

ADD, REMOVE = "_add", "_remove"
"""What ends the names of the fields that say what a list is to get and to lose."""


def declared_shape(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """A record in the fields of the declaration; what is there already stays."""
    flat = dict(values)
    for head, inside in _wrapped(resource).items():
        members = _object(flat.get(head))
        if members is None:
            continue
        del flat[head]
        for name, value in members.items():
            field = inside[name].name if name in inside else f"{head}.{name}"
            if flat.get(field) is None:
                flat[field] = value
    for name, one in _named_otherwise(resource):
        if flat.get(name) is not None and flat.get(one.name) is None:
            flat[one.name] = flat.pop(name)
    for one in resource.attributes:
        if one.add_remove:
            _take_apart(one, flat)
    return flat


def _wrapped(resource: Resource) -> dict[str, dict[str, Attribute]]:
    """Objects that bodies have around some of the fields, with these by their names there."""
    wrapped: dict[str, dict[str, Attribute]] = {}
    for one in resource.attributes:
        head, _, name = (one.body_place or "").rpartition(".")
        if head and head not in resource.attribute:
            wrapped.setdefault(head, {})[name] = one
    return wrapped


def _named_otherwise(resource: Resource) -> Iterator[tuple[str, Attribute]]:
    taken = {*resource.attribute, *resource.parents, *(name for key in resource.keys for name in key.fields)}
    for one in resource.attributes:
        place = one.body_place
        if place and place not in (one.name, WHOLE_BODY) and "." not in place and place not in taken:
            yield place, one


def _take_apart(one: Attribute, flat: dict[str, Any]) -> None:
    """Gives what a list is to get and to lose a field each."""
    whole = one.body_place == WHOLE_BODY
    said = flat if whole else _object(flat.get(one.name))
    if said is None or not (whole or said.keys() <= {"add", "remove"}):
        return
    for part, ending in (("add", ADD), ("remove", REMOVE)):
        if part in said:
            flat[one.name + ending] = said[part]
    for name in ("add", "remove") if whole else (one.name,):
        flat.pop(name, None)


def _object(value: Any) -> Mapping[str, Any] | None:
    """An object, also one that comes as JSON text; None for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, Mapping) else None


def meant_lists(resource: Resource, values: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record with the lists that come of what it adds and removes. The API adds first."""
    meant = dict(values)
    for one in resource.attributes:
        added, removed = values.get(one.name + ADD), values.get(one.name + REMOVE)
        if one.add_remove and (added or removed):
            there = list(values.get(one.name) or held.get(one.name) or ())
            wanted = [*there, *(each for each in added or () if each not in there)]
            kept = [each for each in wanted if each not in (removed or ())]
            if kept or there:
                meant[one.name] = WholeList(kept)
    return meant
