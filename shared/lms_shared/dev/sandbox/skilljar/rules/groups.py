"""Groups of learners and what is tied to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lms_shared.dev.sandbox.skilljar.errors import bad_request, rule_broken
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store


def _create_group(call: Call, row: Row) -> None:
    row.pop("rule_email_domains", None)
    row["sign_up_field_rule"] = _signup_rule(call.store, row.get("sign_up_field_rule"))


def _add_email_domains(call: Call, group: Row) -> None:
    set_email_domains(call.store, group["id"], add=call.body.get("rule_email_domains", []), remove=[])


def set_email_domains(store: Store, group_id: str, add: Iterable[str], remove: Iterable[str]) -> None:
    """Change for which e-mail domains new users join the group; adding or removing twice does no harm."""
    table = store["group_email_domains"]
    for domain in dict.fromkeys(add):
        if table.find(group_id=group_id, email_domain=domain.lower()) is None:
            store.add("group_email_domains", group_id=group_id, email_domain=domain.lower())
    for domain in remove:
        row = table.find(group_id=group_id, email_domain=domain.lower())
        if row is not None:
            table.delete(row)


def _email_domains(store: Store, group: Row) -> list[str]:
    return [row["email_domain"] for row in store["group_email_domains"].where("group_id", group["id"])]


def _update_group(call: Call, _: Row, changes: Row) -> None:
    if "sign_up_field_rule" in changes:
        changes["sign_up_field_rule"] = _signup_rule(call.store, changes["sign_up_field_rule"])


def _signup_rule(store: Store, rule: dict[str, Any] | None) -> Row | None:
    if rule is None:
        return None
    known = {
        option["id"]: {**option, "domain_name": field["domain_name"]}
        for field in store["signup_fields"]
        for option in field["options"]
    }
    unknown = [option["id"] for option in rule["options"] if option["id"] not in known]
    if unknown:
        raise bad_request(sign_up_field_rule={"options": [f'No such option: "{text}".' for text in unknown]})
    return {
        "enforce": rule.get("enforce", False),
        "require_match_all": rule.get("require_match_all", False),
        "options": [known[option["id"]] for option in rule["options"]],
    }


def _stamp(call: Call, row: Row) -> None:
    row["created_at"] = call.store.now()


def _group(call: Call) -> Row:
    return call.store["groups"].rows[call.scope["group_id"]]


def _read_email_domains(call: Call) -> Row:
    return {"email_domains": _email_domains(call.store, _group(call))}


def _update_email_domains(call: Call) -> Row:
    if not call.body:
        raise rule_broken("At least one of add and remove is needed.")
    add = [text.lower() for text in call.body.get("add", [])]
    remove = [text.lower() for text in call.body.get("remove", [])]
    set_email_domains(call.store, _group(call)["id"], add, remove)
    return {"add": add, "remove": remove}


RULES = Rulebook(
    before_create={"groups": _create_group, "group_users": _stamp, "group_pools": _stamp},
    after_create={"groups": _add_email_domains},
    before_update={"groups": _update_group},
    actions={
        "read_email_domain_rules": _read_email_domains,
        "update_email_domain_rules": _update_email_domains,
    },
    computed={
        ("Group", "rule_email_domains"): _email_domains,
        ("Group", "user_count"): lambda store, row: len(store["group_users"].ids_where("group_id", row["id"])),
        ("UserGroupMembership", "joined_at"): lambda _, row: row["created_at"],
    },
)
