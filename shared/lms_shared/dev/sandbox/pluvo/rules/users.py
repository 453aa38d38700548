"""Users: lookup, creation, change, the native upsert, archiving (users page)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import User
from lms_shared.dev.sandbox.pluvo.rules.memberships import Change, change_links
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule, always
from lms_shared.dev.sandbox.pluvo.selecting import bulk_action, find_one, look_up, require_all, require_one

# Input fields that name groups, by attribute: they are links, no values of the user.
_GROUP_FIELDS = (
    "add_participant_groups",
    "remove_participant_groups",
    "add_manager_groups",
    "remove_manager_groups",
)


def _user(organization: Organization, arguments: Arguments) -> User | None:
    selectors = {name: arguments.get(name) for name in ("id", "ref", "email")}
    return look_up(organization, organization.users, selectors)


def _create_user(organization: Organization, arguments: Arguments) -> Any:
    fields = attributes(arguments["user"], organization.options, creating=True)
    return {"user": _create(organization, fields, arguments.get("sendInvite")), "created": True}


def _update_user(organization: Organization, arguments: Arguments) -> Any:
    user = require_one(organization.users, {name: arguments.get(name) for name in ("id", "ref")})
    return {"user": _update(organization, user, attributes(arguments["user"], organization.options))}


def _update_or_create_user(organization: Organization, arguments: Arguments) -> Any:
    selectors = {name: arguments.get(name) for name in ("ref", "email")}
    user = find_one(organization.users, selectors)
    fields = attributes(arguments["user"], organization.options, creating=user is None)
    if user is not None:
        return {"user": _update(organization, user, fields), "created": False}
    if organization.options.selector_copied_on_create:
        given = {name: value for name, value in selectors.items() if value is not None}
        fields = given | ({"ref_was_given": True} if "ref" in given else {}) | fields
    return {"user": _create(organization, fields, arguments.get("sendInvite")), "created": True}


def _archive_users(organization: Organization, arguments: Arguments) -> Any:
    known = [row_id for row_id in arguments["ids"] if row_id in organization.users]
    for row_id in known:
        _update(organization, organization.users[row_id], {"archived": arguments["archive"]})
    return {"response": bulk_action(known, [row_id for row_id in arguments["ids"] if row_id not in known])}


def _create(organization: Organization, fields: dict[str, Any], send_invite: bool | None) -> User:
    for name in ("email", "name"):
        if not fields.get(name):
            raise ApiError(f"{name} is needed to create a user")
    values, groups = _divide(organization, fields)
    now = organization.now()
    identity = organization.new_identity(values.pop("ref", None))
    values.pop("ref_was_given", None)
    user = User(**identity, created_at=now, invited_on=now if send_invite else None, **values)
    organization.save(organization.users, user)
    _link(organization, user, groups)
    if send_invite:
        organization.send("invite", user, "the organization")
    return user


def _update(organization: Organization, user: User, fields: dict[str, Any]) -> User:
    values, groups = _divide(organization, fields)
    if values.get("archived_at") is not None and user.archived_at is not None:
        values["archived_at"] = user.archived_at
    changed = replace(user, **values)
    if changed != user:
        organization.save(organization.users, changed)
    _link(organization, user, groups)
    return changed


def _divide(organization: Organization, fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """Values of the user, and the groups to link or unlink. Raises ApiError on a bad value or an unknown group."""
    groups = {name: fields[name] or () for name in _GROUP_FIELDS if name in fields}
    for ids in groups.values():
        require_all(organization.groups, ids)
    values = {name: value for name, value in fields.items() if name not in _GROUP_FIELDS}
    if "is_active" in values:
        active = values.pop("is_active")
        if values.setdefault("archived", not active) is active:
            raise ApiError("archived and isActive contradict each other")
    if "archived" in values:
        values["archived_at"] = organization.now() if values.pop("archived") else None
    if (email := values.get("email")) is not None:
        if "@" not in email.strip("@") or any(letter.isspace() for letter in email):
            raise ApiError("email is no e-mail address")
        if organization.options.emails_lowered:
            values["email"] = email.lower()
    return values, groups


def _link(organization: Organization, user: User, groups: dict[str, tuple[str, ...]]) -> None:
    for name, ids in groups.items():
        links = organization.members if "participant" in name else organization.managers
        for group_id in ids:
            change_links(
                organization, links, Change.ADD if name.startswith("add") else Change.REMOVE, group_id, [user.id]
            )


ROOT_RULES: dict[str, RootRule] = {
    "user": _user,
    "createUser": _create_user,
    "updateUser": _update_user,
    "updateOrCreateUser": _update_or_create_user,
    "archiveUsers": _archive_users,
}
FIELD_RULES: dict[str, FieldRule] = {
    "User.modelId": lambda _, user, __: user.id,
    "User.profileImage": always("https://files.pluvo.co/profile-images/default.png"),
    "User.extraFields": always({}),
    "User.extraFieldsProfile": always({}),
    "User.hasPassword": lambda _, user, __: user.last_login is not None,
    "User.afasContactId": always(None),
    "User.afasConnectionId": always(None),
    "User.participantGroups": lambda org, user, _: [org.groups[key] for key in org.members.lefts(user.id)],
    "User.managerGroups": lambda org, user, _: [org.groups[key] for key in org.managers.lefts(user.id)],
    "User.groupCount": lambda org, user, _: len(org.members.lefts(user.id)),
    "User.userVia": always(None),
}
