"""Lists of users and their filters (users page, filtering page)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.paging import connection
from lms_shared.dev.sandbox.pluvo.records import User
from lms_shared.dev.sandbox.pluvo.rules.participants import participants_of, trainers_of
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule

Predicate = Callable[[User], bool]

_SORT_KEYS: Mapping[str, Callable[[User], Any]] = {
    "NAME": lambda user: (user.name.casefold(), user.id),
    "EMAIL": lambda user: ((user.email or "").casefold(), user.id),
}
_VALUE_FIELDS = {"STRING": "stringValue", "BOOLEAN": "booleanValue", "DATETIME": "datetimeValue"}


def _users(organization: Organization, arguments: Arguments) -> list[User]:
    active = arguments.get("active")
    return [user for user in organization.users if active is None or user.is_active is active]


def _paginated_users(organization: Organization, arguments: Arguments) -> Any:
    def select() -> Sequence[User]:
        predicates = list(_predicates(organization, arguments))
        users = [user for user in organization.users if all(predicate(user) for predicate in predicates)]
        sort = arguments.get("sortBy") or {"field": "NAME", "direction": "ASC"}
        return sorted(users, key=_SORT_KEYS[sort["field"]], reverse=sort["direction"] == "DESC")

    return connection(organization, "paginatedUsers", arguments, select)


def _predicates(organization: Organization, arguments: Arguments) -> list[Predicate]:
    predicates: list[Predicate] = []
    archived = arguments.get("archived")
    if archived is None and not organization.options.lists_show_archived:
        archived = False
    if archived is not None:
        predicates.append(lambda user: user.archived is archived)
    if text := (arguments.get("q") or "").strip().casefold():
        predicates.append(lambda user: text in user.name.casefold() or text in (user.email or "").casefold())
    if roles := set(arguments.get("userRoles") or ()):
        predicates.append(lambda user: not roles.isdisjoint(user.roles))
    if (groups := arguments.get("groupIds")) is not None:
        wanted = {user_id for group_id in groups for user_id in organization.members.rights(group_id)}
        predicates.append(lambda user: user.id in wanted)
    if (trainings := arguments.get("trainingIds")) is not None:
        taking = {
            user_id
            for training_id in trainings
            for user_id in (*participants_of(organization, training_id), *trainers_of(organization, training_id))
        }
        predicates.append(lambda user: user.id in taking)
    if (after := arguments.get("lastLogin_Gt")) is not None:
        predicates.append(lambda user: user.last_login is not None and user.last_login > after)
    if (before := arguments.get("lastLogin_Lt")) is not None:
        predicates.append(lambda user: user.last_login is not None and user.last_login < before)
    return predicates + _category_predicates(organization, arguments.get("extraCategories") or ())


def _category_predicates(organization: Organization, filters: Sequence[Mapping[str, Any]]) -> list[Predicate]:
    """Filters of one category are alternatives, those of different ones must all hold (filtering page)."""
    alternatives: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in filters:
        if one.get(_VALUE_FIELDS[one["type"]]) is None:
            raise ApiError(f"a filter of type {one['type']} needs {_VALUE_FIELDS[one['type']]}")
        alternatives[one["id"]].append(one)

    def holds(category_id: str, ways: Sequence[Mapping[str, Any]], user: User) -> bool:
        values = organization.values.get(("USER", user.id), {}).get(category_id, ())
        options = {option.id: option for option in organization.categories[category_id].choice_options}
        shown = [options[value].string_value if value in options else value for value in values]
        return any(_equals(way, value) for way in ways for value in shown)

    for category_id in alternatives:
        if category_id not in organization.categories:
            raise ApiError("An extra category does not exist", "NotFound")
    return [partial(holds, category_id, ways) for category_id, ways in alternatives.items()]


def _equals(way: Mapping[str, Any], value: Any) -> bool:
    wanted = way[_VALUE_FIELDS[way["type"]]]
    if way["type"] == "DATETIME":
        if not hasattr(value, "astimezone"):
            return False
        match way.get("dateComparison"):
            case "GREATER_THAN":
                return bool(value >= wanted)
            case "LESSER_THAN":
                return bool(value <= wanted)
    return bool(value == wanted)


ROOT_RULES: dict[str, RootRule] = {"users": _users, "paginatedUsers": _paginated_users}
FIELD_RULES: dict[str, FieldRule] = {}
