"""Records as an API's own pages show them, in the fields of the declaration. Pure.

Three things of such examples are not fields of a row: an object around some of the fields (`{"asset": {"name": …}}`), a
field under the name that it has in request bodies, and a list that says what to add and what to remove.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.adapter import WholeList
from lms_shared.resources.resource import WHOLE_BODY, Attribute, Resource

ADD, REMOVE = "_add", "_remove"
"""What ends the names of the fields that say what a list is to get and to lose."""


def declared_shape(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """A record in the fields of the declaration; what is there already stays."""
    flat = dict(values)
    for head, inside in resource.wrapped.items():
        members = _object(flat.get(head))
        if members is None:
            continue
        del flat[head]
        for name, value in members.items():
            field = inside[name].name if name in inside else f"{head}.{name}"
            if flat.get(field) is None:
                flat[field] = value
    for alias, name in resource.aliases.items():
        if flat.get(alias) is not None and flat.get(name) is None:
            flat[name] = flat.pop(alias)
    for one in resource.attributes:
        if one.add_remove:
            _take_apart(one, flat)
    return flat


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
