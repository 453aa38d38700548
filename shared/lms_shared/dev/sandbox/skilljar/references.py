"""Ids of other objects in request bodies: checked, and brought into the form in which rows hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.store import Row, Store


def with_references(store: Store, body: Mapping[str, Any]) -> Row:
    """The body with `{"user": {"id": …}}`, `{"lesson": "…"}` and `{"course_id": "…"}` all as `…_id` fields.

    Raises 400 when an id names no row. Nested objects that are no mere reference stay as they are.
    """
    row: Row = {}
    for name, value in body.items():
        link = store.description.links.get(name.removesuffix("_id"))
        if link is None:
            row[name] = value
        elif isinstance(value, dict) and set(value) == {"id"}:
            _check(store, link.table, value["id"], {name: {"id": [_unknown(value["id"])]}})
            row[link.field] = value["id"]
        elif isinstance(value, str) and value:
            _check(store, link.table, value, {name: [_unknown(value)]})
            row[link.field] = value
        elif value is None or value == "":
            row[link.field] = None
        else:
            row[name] = value
    return row


def _check(store: Store, table: str, row_id: str, messages: dict[str, Any]) -> None:
    if store[table].get(row_id) is None:
        raise bad_request(**messages)


def _unknown(row_id: str) -> str:
    return f'Invalid pk "{row_id}" - object does not exist.'
