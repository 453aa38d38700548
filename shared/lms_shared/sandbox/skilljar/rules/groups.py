"""Groups of learners and what is tied to them."""

from __future__ import annotations

from typing import Any

from lms_shared.sandbox.skilljar.errors import bad_request, rule_broken
from lms_shared.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.sandbox.skilljar.store import Row, Store


def _create_group(call: Call, row: Row) -> None:
    row["rule_email_domains"] = [text.lower() for text in row.get("rule_email_domains", [])]
    row["sign_up_field_rule"] = _signup_rule(call.store, row.get("sign_up_field_rule"))


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
    return {"email_domains": _group(call).get("rule_email_domains") or []}


def _update_email_domains(call: Call) -> Row:
    if not call.body:
        raise rule_broken("At least one of add and remove is needed.")
    add = [text.lower() for text in call.body.get("add", [])]
    remove = [text.lower() for text in call.body.get("remove", [])]
    group = _group(call)
    present = group.get("rule_email_domains") or []
    kept = [text for text in dict.fromkeys([*present, *add]) if text not in remove]
    call.store["groups"].update(group, {"rule_email_domains": kept})
    return {"add": add, "remove": remove}


RULES = Rulebook(
    before_create={"groups": _create_group, "group_users": _stamp, "group_pools": _stamp},
    before_update={"groups": _update_group},
    actions={
        "read_email_domain_rules": _read_email_domains,
        "update_email_domain_rules": _update_email_domains,
    },
    computed={
        ("Group", "user_count"): lambda store, row: len(store["group_users"].ids_where("group_id", row["id"])),
        ("UserGroupMembership", "joined_at"): lambda _, row: row["created_at"],
    },
)
