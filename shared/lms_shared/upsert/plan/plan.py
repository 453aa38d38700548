"""Decides what is to be done with a record. Pure: no call is made here, so every rule is tested without a network."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from lms_shared.adapter.adapter import WholeList
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Field, FieldPolicy, Kind
from lms_shared.model.normal_forms import equal, equal_with_nulls
from lms_shared.privacy import HIDDEN


class Action(Enum):
    CREATE = "created"
    UPDATE = "updated"
    UNCHANGED = "unchanged"
    DEACTIVATE = "deactivated"
    DELETE = "deleted"
    WOULD_DEACTIVATE = "would_deactivate"
    """Mode mirror past its brake: what it left as it is."""
    REJECT = "rejected"


@dataclass(frozen=True)
class Change:
    """A field that the write would change, with what the LMS has now."""

    field: str
    old: Any
    new: Any
    secret: bool = False

    @property
    def shown(self) -> dict[str, Any]:
        """The change as people may see it."""
        if self.secret:
            return {"field": self.field, "old": self.old and HIDDEN, "new": self.new and HIDDEN}
        return {"field": self.field, "old": self.old, "new": self.new}


class Decision(NamedTuple):
    """What is to be done with a record, and why."""

    action: Action
    reason: str
    changes: tuple[Change, ...] = ()

    @property
    def new_values(self) -> dict[str, Any]:
        return {change.field: change.new for change in self.changes}


def plan(
    declaration: ObjectDeclaration,
    mode: Mode,
    values: Mapping[str, Any],
    remote: RemoteObject | None,
    match_reason: str,
) -> Decision:
    """Compares a record (normalised values; None empties a field) with its match in the LMS.

    Raises RecordRejected where they differ in a field that the LMS does not change.
    """
    if remote is None:
        return _without_match(declaration, mode, values)
    if mode is Mode.CREATE_ONLY:
        return Decision(Action.UNCHANGED, f"{match_reason}; mode create_only changes nothing that exists")
    if mode is Mode.HARD_DELETE:
        if remote.removed:
            return Decision(Action.UNCHANGED, f"{match_reason}; removed already")
        return Decision(Action.DELETE, match_reason)
    if mode is Mode.SOFT_DELETE:
        if "active" in remote.kept:
            return Decision(Action.UNCHANGED, f"{match_reason}; an admin decided over it")
        if "active" in remote.fields and not remote.fields["active"] and "active" not in remote.unsettled:
            return Decision(Action.UNCHANGED, f"{match_reason}; inactive already")
        return Decision(Action.DEACTIVATE, match_reason, (Change("active", True, False),))
    if declaration.joined:
        values = declaration.joined(values, remote.fields)
    if declaration.supersedes and not _is_new_or_better(declaration, values, remote):
        return _unless_incomplete(remote, match_reason, "what the LMS has is as good or better")
    changes = changes_to(declaration, values, remote)
    if declaration.supersedes:
        changes += _left_behind(declaration, values, remote)
    if not changes:
        return _unless_incomplete(remote, match_reason, "equal")
    switched_off = any(one.field == "active" and one.old and one.new is False for one in changes)
    return Decision(Action.DEACTIVATE if switched_off else Action.UPDATE, match_reason, changes)


def _unless_incomplete(remote: RemoteObject, match_reason: str, why: str) -> Decision:
    """Nothing of the record is to be written."""
    if remote.incomplete:
        return Decision(Action.UPDATE, f"{match_reason}; completed what was left undone")
    return Decision(Action.UNCHANGED, f"{match_reason}; {why}")


def _without_match(declaration: ObjectDeclaration, mode: Mode, values: Mapping[str, Any]) -> Decision:
    """Raises RecordRejected for a record that lacks what a new object needs."""
    if mode is Mode.UPDATE:
        return Decision(Action.REJECT, "no match; mode update creates nothing")
    if mode in (Mode.SOFT_DELETE, Mode.HARD_DELETE):
        return Decision(Action.UNCHANGED, "no match; nothing to remove")
    if values.get("active") is False and not declaration.create_inactive:
        return Decision(Action.UNCHANGED, "no match; nothing to withdraw")
    for names in declaration.create_needs:
        if all(values.get(name) is None for name in names):
            raise RecordRejected(
                "INPUT.MISSING",
                f"{' and '.join(names)} {'are' if len(names) > 1 else 'is'} missing or empty, and no object of the LMS "
                "has the record's other keys",
                f"Send {' or '.join(names)}, without which the LMS creates no such object.",
            )
    changes = tuple(
        Change(one.name, None, values[one.name], one.secret)
        for one in declaration.fields
        if values.get(one.name) is not None
        and one.place
        and one.name != "id"
        and (one.policy is not FieldPolicy.NEVER or one.name in declaration.sent_at_creation)
    )
    return Decision(Action.CREATE, "no match", changes)


def _is_new_or_better(declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject) -> bool:
    return declaration.supersedes is not None and declaration.supersedes(values, remote.fields)


def changes_to(declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject) -> tuple[Change, ...]:
    """What a record changes of an object that is there, as far as the field policies let it.

    Raises RecordRejected where they differ in a field that the LMS does not change.
    """
    found = (
        _change(one, values[one.name], remote.fields.get(one.name), unsettled=one.name in remote.unsettled)
        for one in declaration.fields
        if one.name in values and one.place and one.name != "id" and one.name not in remote.kept
    )
    changes = tuple(one for one in found if one is not None)
    for change in changes:
        if declaration.field_by_name[change.field].fixed:
            raise RecordRejected(
                "REMOTE.FIXED",
                f"{change.field} differs, and the LMS takes it only when it makes the object",
                f"Leave {change.field} out, set its field policy to never, or have the object made anew.",
                (remote,),
            )
    return changes


def _left_behind(declaration: ObjectDeclaration, values: Mapping[str, Any], remote: RemoteObject) -> tuple[Change, ...]:
    """What the LMS holds of the fact that the record takes the place of, and the record does not say: it is emptied.

    Otherwise the LMS would hold a mixture of both, another one for each order in which they come.
    """
    return tuple(
        Change(one.name, remote.fields[one.name], None, one.secret)
        for one in declaration.fields
        if one.place
        and one.policy is FieldPolicy.SOURCE_WINS
        and one.name not in values
        and remote.fields.get(one.name) is not None
    )


def _is_equal(declared: Field, wanted: Any, held: Any) -> bool:
    if declared.clear_on_null and declared.kind is Kind.NESTED:
        return equal_with_nulls(wanted, held)
    if declared.escaped and isinstance(held, str):
        held = html.unescape(held)
    return equal(declared.kind, wanted, held)


def _change(declared: Field, wanted: Any, held: Any, *, unsettled: bool) -> Change | None:
    empty = held is None or held in ("", [], {})
    if declared.policy is FieldPolicy.NEVER:
        return None
    if wanted is None:
        return None if empty else Change(declared.name, held, None, declared.secret)
    if _is_equal(declared, wanted, held) and not unsettled:
        return None
    if declared.policy is FieldPolicy.FILL_IF_EMPTY and not empty:
        return None
    if declared.policy is FieldPolicy.MERGE_LIST and isinstance(wanted, list) and not isinstance(wanted, WholeList):
        missing = [one for one in wanted if one not in (held or [])]
        return Change(declared.name, held, [*(held or []), *missing], declared.secret) if missing else None
    return Change(declared.name, held, wanted, declared.secret)
