"""Nested values of a resource, with their members in normal form. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lms_shared.model.fields import Kind
from lms_shared.model.nested import pruned, with_nulls
from lms_shared.model.normal_forms import normalise
from lms_shared.resources.resource import Attribute


def normal_members(attribute: Attribute, value: Any) -> Any:
    """A nested value as an answer shows it: what is declared in normal form, all else as it is."""
    return _each(attribute, value, _normal)


def given_members(attribute: Attribute, value: Any, *, emptying: bool = False) -> Any:
    """What a record gives of a nested value, None where it gives nothing.

    What only answers have (ids, orders) is left out, because request bodies may hold nothing that they do not declare,
    and what is empty, because it counts as not given at any depth. `emptying`: a null empties its member.
    """
    given = _each(attribute, value, _declared)
    return with_nulls(given) if emptying else pruned(given)


def _each(attribute: Attribute, value: Any, members: Callable[[Attribute, Mapping[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_each(attribute, one, members) for one in value]
    return members(attribute, value) if isinstance(value, Mapping) and attribute.members else value


def _normal(attribute: Attribute, value: Mapping[str, Any]) -> dict[str, Any]:
    known = {one.name: one for one in attribute.members}
    return {name: _member(known[name], one, _normal) if name in known else one for name, one in value.items()}


def _declared(attribute: Attribute, value: Mapping[str, Any]) -> dict[str, Any]:
    return {one.name: _member(one, value[one.name], _declared) for one in attribute.members if one.name in value}


def _member(member: Attribute, value: Any, members: Callable[[Attribute, Mapping[str, Any]], dict[str, Any]]) -> Any:
    if member.kind in (Kind.NESTED, Kind.NESTED_LIST):
        return _each(member, value, members)
    return normalise(member.kind, value)
