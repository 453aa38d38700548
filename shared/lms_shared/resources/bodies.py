"""Request bodies of a resource. Pure: values in normal form in, JSON out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lms_shared.adapter.adapter import Values
from lms_shared.model.fields import Kind
from lms_shared.resources.resource import WHOLE_BODY, Attribute, Resource


def create_body(resource: Resource, values: Values) -> dict[str, Any]:
    """The body that makes a row."""
    return _body((one for one in resource.attributes if not one.late), values)


def change_body(resource: Resource, changes: Values, held: Mapping[str, Any]) -> dict[str, Any]:
    """The body that changes fields of a row; lists that the API changes by add and remove say the difference."""
    body: dict[str, Any] = {}
    for one in resource.attributes:
        if one.name not in changes or one.patch_to:
            continue
        value = changes[one.name]
        if one.add_remove:
            value = _difference(held.get(one.name) or [], value)
        _put(body, one, value)
    return body


def _body(attributes: Iterable[Attribute], values: Values) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for one in attributes:
        if one.name in values:
            _put(body, one, values[one.name])
    return body


def _put(body: dict[str, Any], one: Attribute, value: Any) -> None:
    place = one.body_place
    if place is None:
        return
    if place == WHOLE_BODY:
        body.update(value)
        return
    *above, last = place.split(".")
    for name in above:
        body = body.setdefault(name, {})
    body[last] = body_value(one, value)


def body_value(one: Attribute, value: Any) -> Any:
    """A value as the API takes it."""
    if value is None:
        return None
    if one.kind is Kind.LINK:
        return {"id": value}
    if one.null_word and value == one.null_word:
        return None
    return value


def _difference(held: list[str], wanted: list[str]) -> dict[str, list[str]]:
    lists = {
        "add": [one for one in wanted if one not in held],
        "remove": [one for one in held if one not in wanted],
    }
    return {name: values for name, values in lists.items() if values}
