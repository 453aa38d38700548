"""Groups: lookup, lists, creation, change, deletion (groups page)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import Group, ListedTraining, User
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule, always
from lms_shared.dev.sandbox.pluvo.selecting import bulk_action, look_up, require_one
from lms_shared.dev.sandbox.pluvo.tables import Links


def _group(organization: Organization, arguments: Arguments) -> Group | None:
    return look_up(organization, organization.groups, {name: arguments.get(name) for name in ("id", "ref")})


def _groups(organization: Organization, _: Arguments) -> list[Group]:
    # `groupVia` is about the caller, and an API client is in no group.
    return list(organization.groups)


def _paginated_groups(organization: Organization, arguments: Arguments) -> Any:
    text = (arguments.get("q") or "").strip().casefold()
    descending = (arguments.get("sortBy") or {}).get("direction") == "DESC"

    def select() -> Sequence[Group]:
        groups = [group for group in organization.groups if text in group.name.casefold()]
        return sorted(groups, key=lambda group: (group.name.casefold(), group.id), reverse=descending)

    return connection(organization, "paginatedGroups", arguments, select)


def _create_group(organization: Organization, arguments: Arguments) -> Any:
    values = attributes(arguments["group"], organization.options, creating=True)
    values |= organization.new_identity(values.get("ref"))
    return {"group": organization.save(organization.groups, Group(**values))}


def _update_group(organization: Organization, arguments: Arguments) -> Any:
    group = require_one(organization.groups, {name: arguments.get(name) for name in ("id", "ref")})
    values = _without_nulls(attributes(arguments["group"], organization.options))
    return {"group": organization.save(organization.groups, replace(group, **values))}


def _without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    """No field of a group can be null; a null leaves it alone."""
    return {name: value for name, value in values.items() if value is not None}


def _delete_group(organization: Organization, arguments: Arguments) -> Any:
    _delete(organization, require_one(organization.groups, {"id": arguments["id"]}))
    return {"ok": True}


def _delete_groups(organization: Organization, arguments: Arguments) -> Any:
    ids = arguments.get("ids") or ()
    known = [row_id for row_id in dict.fromkeys(ids) if row_id in organization.groups]
    for row_id in known:
        _delete(organization, organization.groups[row_id])
    return {"bulkDelete": bulk_action(known, [row_id for row_id in ids if row_id not in known])}


def _delete(organization: Organization, group: Group) -> None:
    for links in (organization.members, organization.managers, organization.group_trainings):
        links.replace(group.id, ())
    organization.values.pop(("GROUP", group.id), None)
    organization.groups.delete(group)
    organization.touch()


def _linked_users(organization: Organization, field: str, links: Links, group: Group, arguments: Arguments) -> Any:
    def select() -> Sequence[str]:
        return links.rights(group.id)

    def user(user_id: str) -> User:
        return organization.users[user_id]

    return connection(organization, f"{field} {group.id}", arguments, select, user)


ROOT_RULES: dict[str, RootRule] = {
    "group": _group,
    "groups": _groups,
    "paginatedGroups": _paginated_groups,
    "createGroup": _create_group,
    "updateGroup": _update_group,
    "deleteGroup": _delete_group,
    "deleteGroups": _delete_groups,
}
FIELD_RULES: dict[str, FieldRule] = {
    "Group.users": lambda org, group, arguments: _linked_users(org, "users", org.members, group, arguments),
    "Group.managers": lambda org, group, arguments: _linked_users(org, "managers", org.managers, group, arguments),
    "Group.userCount": lambda org, group, _: org.members.count(group.id),
    "Group.managerCount": lambda org, group, _: org.managers.count(group.id),
    "Group.trainings": lambda org, group, _: [
        ListedTraining(org.trainings[key]) for key in org.group_trainings.rights(group.id)
    ],
    "Group.permissions": always({}),
    "Group.skills": always([]),
}
