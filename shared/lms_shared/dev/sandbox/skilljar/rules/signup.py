"""Signup fields of domains and the values that users gave."""

from __future__ import annotations

import re

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.query import Ids
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store


def _checked_field(store: Store, domain_name: str, field_id: str, value: str) -> Row:
    field = store["signup_fields"].get(field_id)
    if field is None or field["domain_name"] != domain_name:
        raise bad_request(signup_field="The domain has no such signup field.")
    options = {option["value"] for option in field["options"]}
    if field["type"] == "PICKLIST" and value not in options:
        raise bad_request(value=f'"{value}" is not a valid choice.')
    if field["regex_validator"] and not re.fullmatch(field["regex_validator"], value):
        raise bad_request(value=field["regex_validator_error_text"] or "Enter a valid value.")
    return field


def write_value(store: Store, domain_name: str, user_id: str, field_id: str, value: str) -> tuple[Row, bool]:
    """Insert or update one value; returns its row and whether anything changed. Raises 400."""
    _checked_field(store, domain_name, field_id, value)
    key = {"domain_name": domain_name, "user_id": user_id, "signup_field_id": field_id}
    row = store["signup_values"].find(**key)
    if row is None:
        return store.add("signup_values", **key, value=value), True
    changed = row["value"] != value
    store["signup_values"].update(row, {"value": value})
    return row, changed


def _upsert(call: Call, row: Row) -> Row:
    scope = call.scope
    return write_value(call.store, scope["domain_name"], scope["user_id"], row["signup_field_id"], row["value"])[0]


def _upsert_many(call: Call) -> Row:
    scope, store = call.scope, call.store
    entries = call.body["signup_fields"]
    for entry in entries:
        _checked_field(store, scope["domain_name"], entry["id"], entry["value"])
    written = [
        write_value(store, scope["domain_name"], scope["user_id"], entry["id"], entry["value"]) for entry in entries
    ]
    return {"results": [row for row, changed in written if changed]}


def _members_by_value(call: Call, _: str) -> Ids:
    """All three filters together: they speak of one and the same value."""
    store, domain_name = call.store, call.scope["domain_name"]
    wanted_id, wanted_label = call.query.get("signup_field_id"), call.query.get("signup_field_label")
    wanted_value = call.query.get("signup_field_value")
    values = store["signup_values"]
    if wanted_value:
        candidates = values.where("value", wanted_value)
    elif wanted_id:
        candidates = values.where("signup_field_id", wanted_id)
    else:
        candidates = values.where("domain_name", domain_name)
    found: dict[str, object] = {}
    for row in candidates:
        field = store["signup_fields"].rows[row["signup_field_id"]]
        if wanted_id not in (None, "", field["id"]) or wanted_label not in (None, "", field["label"]):
            continue
        member = store["domain_users"].find(domain_name=row["domain_name"], user_id=row["user_id"])
        if member:
            found[member["id"]] = None
    return found


def _values_of_member(store: Store, member: Row) -> list[Row]:
    values = store["signup_values"].where("user_id", member["user_id"])
    return [row for row in values if row["domain_name"] == member["domain_name"]]


RULES = Rulebook(
    before_create={"signup_values": _upsert},
    actions={"write_signup_values": _upsert_many},
    filters={
        ("domain_users", name): _members_by_value
        for name in ("signup_field_id", "signup_field_label", "signup_field_value")
    },
    computed={("DomainUser", "signup_fields"): _values_of_member},
)
