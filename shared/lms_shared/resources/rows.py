"""Rows of a resource: what answers say in the fields of the declaration, and what they leave out. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import Key, RemoteObject
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.keys import KEY_SEPARATOR, KeyKind
from lms_shared.model.normal_forms import equal, normalise
from lms_shared.resources.members import normal_members
from lms_shared.resources.resource import Attribute, Resource, Row, RowKey, dotted

NOT_SHOWN = "(not shown)"
"""Stands for the value of a field that no answer shows."""


def fields_of(resource: Resource, row: Row) -> dict[str, Any]:
    """A row in the fields of the declaration."""
    fields: dict[str, Any] = {name: row.get(name) for name in ("id", *resource.parents) if name in row}
    for one in resource.attributes:
        fields[one.name] = _value(resource, one, row)
    if resource.soft is not None:
        known = (fields[name] if name in resource.attribute else dotted(row, name) for name in resource.soft.fields)
        fields["active"] = any(one is not resource.soft.off for one in known)
    return fields


def _value(resource: Resource, one: Attribute, row: Row) -> Any:
    if one.unread:
        return NOT_SHOWN
    value = dotted(row, one.row_place)
    if value is None and one.name in resource.lifts:
        value = dotted(row, resource.lifts[one.name])
    if value is None and one.null_word:
        return one.null_word
    if one.flag:
        return bool(value)
    return normal_members(one, value) if one.members else value


def after_write(resource: Resource, row: Row, answer: Row, written: Values) -> Row:
    """A row after a write: what the answer says, and of the values that were written what it does not repeat."""
    changed = {**row, **answer}
    for one in resource.attributes:
        if one.name not in written or one.unread:
            continue
        place, wanted = one.row_place, written[one.name]
        if one.kind is Kind.NESTED:
            changed[place] = {**(changed.get(place) or {}), **wanted}
        elif answer.get(place) is None:
            changed[place] = None if one.null_word and wanted == one.null_word else wanted
    return changed


def remote_of(resource: Resource, row: Row) -> RemoteObject:
    """A row as the engine sees it."""
    return RemoteObject(
        row_id(resource, row),
        fields_of(resource, row),
        draft=bool(row.get("draft_origin_id")),
        parts={"row": row},
    )


def row_id(resource: Resource, row: Row) -> str:
    """What tells a row from the others of its list: what its path names, or else its keys."""
    fields = fields_of(resource, row)
    names = resource.calls.identity or resource.scope
    if any(fields.get(name) is None for name in names):
        names = tuple(name for key in resource.keys for name in key.fields)
    return "/".join(str(text_of(resource, fields, name)) for name in names)


def keys_of(resource: Resource, declaration: ObjectDeclaration, row: Row) -> Iterator[Key]:
    """The keys that a row carries."""
    fields = fields_of(resource, row)
    for key in declaration.keys_for_references:
        value = declaration.key_value(key, fields)
        if value is not None:
            yield as_read(resource, Key(key.field, value))


def as_read(resource: Resource, key: Key) -> Key:
    """A key in the form in which it is looked up: texts that read the same are one key, as they are compared."""
    row_key = resource.key_by_field[key.field]
    names = resource.key_fields(row_key)
    parts = zip(names, key.value.split(KEY_SEPARATOR), strict=True)
    return Key(key.field, KEY_SEPARATOR.join(_part(resource, row_key, name, text) for name, text in parts))


def _part(resource: Resource, key: RowKey, name: str, text: str) -> str:
    attribute = resource.attribute.get(name)
    if attribute is not None and attribute.day:
        return text.partition("T")[0]
    return _read(text) if key.kind is KeyKind.ATTRIBUTE else text


def _read(text: str) -> str:
    while (unescaped := html.unescape(text)) != text:  # until the form of the form is itself
        text = unescaped
    return " ".join(text.split())


def text_of(resource: Resource, fields: Mapping[str, Any], name: str) -> str | None:
    """A field as the text by which an address names it; None where it is not known."""
    attribute = resource.attribute.get(name)
    kind = attribute.kind if attribute else Kind.REFERENCE
    value = normalise(kind, dotted(fields, name))
    return None if value is None else str(value)


def not_kept(resource: Resource, row: Row, written: Values) -> list[str]:
    """Fields that a row does not hold as they were written."""
    fields = fields_of(resource, row)
    return [
        one.name
        for one in resource.attributes
        if one.name in written and one.compared and not equal(one.kind, written[one.name], fields[one.name])
    ]
