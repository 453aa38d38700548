"""Which object is meant: by id, by ref, by e-mail address, one or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lms_shared.dev.sandbox.pluvo.errors import ApiError, not_found
from lms_shared.dev.sandbox.pluvo.options import BulkTwins, LookupMiss
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import User
from lms_shared.dev.sandbox.pluvo.tables import Record, Table

R = TypeVar("R", bound=Record)
Arguments = Mapping[str, Any]


def find_one(table: Table[R], selectors: Mapping[str, str | None]) -> R | None:
    """The record that all given selectors agree on, or None when none of them fits one.

    Raises ApiError when no selector is given, or when they contradict each other.
    """
    given = {name: value for name, value in selectors.items() if value is not None}
    if not given:
        raise ApiError(f"{table.kind} must be selected by {' or '.join(selectors)}")
    found = [table.find(name, value) for name, value in given.items()]
    if any(row is not found[0] for row in found):
        raise ApiError(f"{' and '.join(given)} do not select the same one")
    return found[0]


def require_one(table: Table[R], selectors: Mapping[str, str | None]) -> R:
    """As `find_one`, where finding none is an error."""
    row = find_one(table, selectors)
    if row is None:
        raise not_found(table.kind)
    return row


def look_up(organization: Organization, table: Table[R], selectors: Mapping[str, str | None]) -> R | None:
    """As `find_one`, for queries: what a miss answers is switched."""
    row = find_one(table, selectors)
    if row is None and organization.options.lookup_miss is LookupMiss.ERROR:
        raise not_found(table.kind)
    return row


def require_all(table: Table[R], ids: Sequence[str]) -> None:
    """Raises ApiError when one of the ids is unknown."""
    for row_id in ids:
        if row_id not in table:
            raise not_found(table.kind)


@dataclass(frozen=True, slots=True)
class Picked:
    """A user of a bulk mutation, and whether by ref."""

    user: User
    by_ref: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The users that a bulk mutation names, each once, and what was named in vain."""

    picked: tuple[Picked, ...]
    unknown_ids: tuple[str, ...]
    unknown_refs: tuple[str, ...]


def select_users(organization: Organization, arguments: Arguments) -> Selection:
    """The users of `userIds` and `userRefs`. Raises ApiError when neither is given."""
    ids, refs = arguments.get("userIds"), arguments.get("userRefs")
    if ids is None and refs is None:
        raise ApiError("userIds or userRefs is needed")
    users = organization.users
    picked: dict[str, Picked] = {}
    unknown: dict[bool, list[str]] = {False: [], True: []}
    for by_ref, name, keys in ((False, "id", ids), (True, "ref", refs)):
        for key in keys or ():
            user = users.find(name, key)
            if user is None:
                unknown[by_ref].append(key)
            else:
                picked.setdefault(user.id, Picked(user, by_ref))
    return Selection(tuple(picked.values()), tuple(unknown[False]), tuple(unknown[True]))


def twin_lists(
    organization: Organization, selection: Selection, outcomes: Mapping[tuple[str, str], Sequence[Picked]]
) -> dict[str, list[str]]:
    """The lists of ids and refs of a bulk result. `outcomes` has them by the names of both lists; what was named in
    vain is added to `failedIds` and `failedRefs`."""
    both = organization.options.bulk_twins is BulkTwins.BOTH
    lists: dict[str, list[str]] = {}
    for (ids_name, refs_name), picked in outcomes.items():
        lists[ids_name] = [one.user.id for one in picked if both or not one.by_ref]
        lists[refs_name] = [one.user.ref for one in picked if both or one.by_ref]
    lists["failedIds"] = [*lists.get("failedIds", ()), *selection.unknown_ids]
    lists["failedRefs"] = [*lists.get("failedRefs", ()), *selection.unknown_refs]
    return lists


def bulk_action(succeeded: Sequence[str], failed: Sequence[str]) -> dict[str, Sequence[str]]:
    """The result type that most bulk mutations share."""
    return {"succeededIds": succeeded, "failedIds": failed}
