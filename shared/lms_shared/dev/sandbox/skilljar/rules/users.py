"""Users and their memberships of domains, invites and manager access."""

from __future__ import annotations

from typing import Any

from lms_shared.dev.sandbox.skilljar.errors import bad_request
from lms_shared.dev.sandbox.skilljar.options import ExistingMember
from lms_shared.dev.sandbox.skilljar.query import Ids
from lms_shared.dev.sandbox.skilljar.rulebook import Call, Rulebook
from lms_shared.dev.sandbox.skilljar.store import Row, Store

_ACCESS_LISTS = {"course_ids": "courses", "path_ids": "paths", "license_ids": "license_packages"}


def get_or_create_user(store: Store, email: str, first_name: str = "", last_name: str = "") -> Row:
    """The user with that e-mail address, whose names stay as they are, or a new one, who joins the groups that
    take users of that e-mail domain."""
    user = store["users"].find(email=email)
    if user is not None:
        return user
    user = store.add(
        "users",
        email=email,
        first_name=first_name,
        last_name=last_name,
        signed_up_at=store.now(),
        latest_activity=None,
        inactive_at=None,
    )
    for rule in store["group_email_domains"].where("email_domain", email.rpartition("@")[2].lower()):
        store.add("group_users", group_id=rule["group_id"], user_id=user["id"], created_at=store.now())
    return user


def _join_domain(call: Call, row: Row) -> Row | None:
    user = get_or_create_user(call.store, **row.pop("user"))
    members = call.store["domain_users"]
    existing = members.find(domain_name=row["domain_name"], user_id=user["id"])
    if existing is not None and call.store.options.existing_member is ExistingMember.UPDATED:
        members.update(existing, row)
    row |= {"user_id": user["id"], "enrolled_at": call.store.now()}
    return existing


def _bulk_create(call: Call) -> None:
    store, domain_name = call.store, call.scope["domain_name"]
    queued: list[Row] = call.body["users"]

    def create() -> None:
        for entry in queued:
            person = {name: entry[name] for name in ("email", "first_name", "last_name") if name in entry}
            user = get_or_create_user(store, **person)
            if store["domain_users"].find(domain_name=domain_name, user_id=user["id"]) is None:
                membership = {name: value for name, value in entry.items() if name not in person}
                store.add(
                    "domain_users",
                    domain_name=domain_name,
                    user_id=user["id"],
                    enrolled_at=store.now(),
                    **membership,
                )

    store.run_later(store.options.bulk_create_lag_requests, create)


def _invite(call: Call, row: Row) -> None:
    store = call.store
    row |= {"token": store.new_id(), "sent_at": None, "used_at": None}
    row["invite_url"] = f"https://{row['domain_name']}/accept-invite/{row['token']}"
    if row.pop("send_email"):
        user = store["users"].rows[row["user_id"]]
        row["sent_at"] = store.now()
        store.add("mails", kind="invite", to=user["email"], sent_at=row["sent_at"])


def _anonymize(call: Call) -> Row:
    user = _user(call)
    changes = {"email": f"{user['id']}@anonymized.invalid", "first_name": "", "last_name": ""}
    call.store["users"].update(user, changes)
    return user


def _update_manager_access(call: Call) -> Row:
    store, body = call.store, call.body
    missing = {name: ["This field is required."] for name in _MANAGER_REQUIRED if name not in body}
    if missing:
        raise bad_request(**missing)
    group = store["groups"].find(name=body["group_name"]) or store.add("groups", name=body["group_name"])
    invalid: dict[str, list[str]] = {}
    detail: dict[str, Any] = {name: body[name] for name in body if name != "group_name"}
    for name, table in _ACCESS_LISTS.items():
        wanted = body.get(name, [])
        invalid[name] = [row_id for row_id in wanted if store[table].get(row_id) is None]
        detail[name] = [row_id for row_id in wanted if row_id not in invalid[name]]
    detail = {"can_create_users": False, **detail, "group_id": group["id"]}
    access = store["manager_access"].find(**_member_key(call))
    if access is None:
        access = store.add("manager_access", **_member_key(call))
    store["manager_access"].update(access, {"manager_access": detail, "invalid_ids": invalid})
    return access


_MANAGER_REQUIRED = ("group_name", "course_access_level", "path_access_level")


def _delete_manager_access(call: Call) -> None:
    access = call.store["manager_access"].find(**_member_key(call))
    if access is not None:
        call.store["manager_access"].delete(access)


def _member_key(call: Call) -> dict[str, str]:
    return {name: call.scope[name] for name in ("domain_name", "user_id")}


def _user(call: Call) -> Row:
    return call.store["users"].rows[call.scope["user_id"]]


def _completion_count(store: Store, user: Row) -> int:
    return sum(row["completed_at"] is not None for row in store["course_progress"].where("user_id", user["id"]))


def _inactive(call: Call, value: str) -> Ids:
    wanted = value.lower() == "true"
    return {row["id"]: None for row in call.store["users"] if (row.get("inactive_at") is not None) is wanted}


RULES = Rulebook(
    before_create={"domain_users": _join_domain, "invites": _invite},
    actions={
        "bulk_create_users": _bulk_create,
        "anonymize_user": _anonymize,
        "update_manager_access": _update_manager_access,
        "delete_manager_access": _delete_manager_access,
    },
    filters={("users", "is_inactive"): _inactive},
    computed={
        ("User", "user"): lambda _, row: row,
        ("User", "registration_count"): lambda store, row: len(
            store["course_registrations"].ids_where("user_id", row["id"])
        ),
        ("User", "completion_count"): _completion_count,
        ("UserDetail", "full_name"): lambda _, row: f"{row['first_name']} {row['last_name']}".strip(),
    },
)
