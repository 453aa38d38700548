"""Members and managers of groups (group-user-manager page)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from typing import Any

from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import Group
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import Picked, bulk_action, require_one, select_users, twin_lists
from lms_shared.dev.sandbox.pluvo.tables import Links


class Change(Enum):
    """What becomes of a link."""

    ADD = auto()
    REMOVE = auto()


def change_links(
    organization: Organization, links: Links, change: Change, group_id: str, user_ids: Sequence[str]
) -> None:
    """Change members or managers, in the background where the options say so (older group page)."""

    def apply() -> None:
        if group_id not in organization.groups:
            return
        for user_id in user_ids:
            if change is Change.ADD:
                links.add(group_id, user_id)
            else:
                links.remove(group_id, user_id)
        organization.touch()

    if user_ids:
        organization.later(organization.options.membership_lag_requests, apply)


def _group(organization: Organization, arguments: Arguments) -> Group:
    return require_one(organization.groups, {"id": arguments.get("groupId"), "ref": arguments.get("groupRef")})


def _add_users(organization: Organization, arguments: Arguments) -> Any:
    group = _group(organization, arguments)
    selection = select_users(organization, arguments)
    members = organization.members
    already = [one for one in selection.picked if members.has(group.id, one.user.id)]
    others = [one for one in selection.picked if not members.has(group.id, one.user.id)]
    room = len(others)
    if group.max_users and organization.options.group_size_enforced:
        room = max(0, group.max_users - members.count(group.id))
    added, failed = others[:room], others[room:]
    change_links(organization, members, Change.ADD, group.id, _ids(added))
    return twin_lists(
        organization,
        selection,
        {
            ("addedIds", "addedRefs"): added,
            ("alreadyAddedIds", "alreadyAddedRefs"): already,
            ("failedIds", "failedRefs"): failed,
        },
    )


def _remove_users(organization: Organization, arguments: Arguments) -> Any:
    group = _group(organization, arguments)
    selection = select_users(organization, arguments)
    removed = [one for one in selection.picked if organization.members.has(group.id, one.user.id)]
    already = [one for one in selection.picked if not organization.members.has(group.id, one.user.id)]
    change_links(organization, organization.members, Change.REMOVE, group.id, _ids(removed))
    return twin_lists(
        organization,
        selection,
        {("removedIds", "removedRefs"): removed, ("alreadyRemovedIds", "alreadyRemovedRefs"): already},
    )


def _change_managers(change: Change, organization: Organization, arguments: Arguments) -> Any:
    group = _group(organization, arguments)
    selection = select_users(organization, arguments)
    ids = _ids(selection.picked)
    change_links(organization, organization.managers, change, group.id, ids)
    # The result knows ids only, so that unknown refs cannot be named.
    return {"response": bulk_action(ids, selection.unknown_ids)}


def _ids(picked: Sequence[Picked]) -> list[str]:
    return [one.user.id for one in picked]


ROOT_RULES: dict[str, RootRule] = {
    "addUsersToGroup": _add_users,
    "removeUsersFromGroup": _remove_users,
    "addManagersToGroup": partial(_change_managers, Change.ADD),
    "removeManagersFromGroup": partial(_change_managers, Change.REMOVE),
}
FIELD_RULES: dict[str, FieldRule] = {}
