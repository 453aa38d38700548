"""Several records of one object in a batch, as one: the end is that of writing them one after the other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import FieldPolicy
from lms_shared.upsert.item import REMOVING, Ready


def united(declaration: ObjectDeclaration, group: Sequence[Ready]) -> Ready | None:
    """The one record to write for a group, or None where only writing each of them gives the same end.

    It stands for the last record, or for the best one where the LMS keeps the best of several.
    """
    mode = group[0].item.mode
    if len(group) == 1:
        return group[0]
    if mode is Mode.CREATE_ONLY:
        return group[0]
    if mode in REMOVING:
        return group[-1]
    if not declaration.create_inactive:
        rest = _given_back(group)
        if rest is None:
            return None
        group = rest
    declaration = declaration.judging(renews=group[-1].item.renews)
    if declaration.supersedes is not None:
        return _best(declaration, group)
    values: Mapping[str, Any] = {}
    for one in group:
        values = _one_after_the_other(declaration, values, one.item.values)
    last = group[-1]
    given = tuple(dict.fromkeys(name for one in group for name in one.item.given_ids))
    return replace(last, item=replace(last.item, values=values, given_ids=given))


def _given_back(group: Sequence[Ready]) -> Sequence[Ready] | None:
    """The records of a link that count: those that give it back after it was taken away, or all of them.

    None where the end depends on whether there is a link by now: one that is taken away is not made first.
    """
    taken = [number for number, one in enumerate(group) if one.item.values.get("active") is False]
    if not taken or len(taken) == len(group):
        return group
    rest = group[taken[-1] + 1 :]
    clear = len(taken) == taken[-1] + 1 and rest and rest[0].item.values.get("active") is True
    return rest if clear else None


def _best(declaration: ObjectDeclaration, group: Sequence[Ready]) -> Ready:
    assert declaration.supersedes is not None
    best = group[0]
    for one in group[1:]:
        values = one.item.values
        if declaration.joined is not None:
            values = declaration.joined(values, best.item.values)
        if declaration.supersedes(values, best.item.values):
            best = replace(one, item=replace(one.item, values=values))
    return best


def _one_after_the_other(
    declaration: ObjectDeclaration, earlier: Mapping[str, Any], later: Mapping[str, Any]
) -> dict[str, Any]:
    """What two records leave in an object, judged by the field policies in turn."""
    values = dict(earlier)
    for name, value in later.items():
        declared = declaration.field_by_name.get(name)
        held = values.get(name)
        if declared is None or held is None or value is None:
            values[name] = value
        elif declared.policy is FieldPolicy.MERGE_LIST and isinstance(value, list) and isinstance(held, list):
            values[name] = [*held, *(one for one in value if one not in held)]
        elif declared.policy not in (FieldPolicy.FILL_IF_EMPTY, FieldPolicy.NEVER):
            values[name] = value
    return values
