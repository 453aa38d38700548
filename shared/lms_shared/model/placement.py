"""What one LMS makes of a unified object: its declaration there, from the object's own and a `Placement`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from lms_shared.model.declarations import Mode, ObjectDeclaration, WriteCalls
from lms_shared.model.fields import Field, FieldPolicy, Kind
from lms_shared.model.keys import MatchKey


@dataclass(frozen=True)
class Placement:
    """What one LMS makes of a unified object: where its fields live and how it is matched and removed."""

    places: Mapping[str, str]
    keys: tuple[MatchKey, ...] = ()
    modes: frozenset[Mode] = frozenset()
    soft_delete: str = ""
    hard_delete: str = ""
    refusals: Mapping[Mode, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The values that the LMS knows, in its own words."""
    whole_numbers: frozenset[str] = frozenset()
    """Numbers, and nested fields of numbers, of which it keeps no decimals."""
    clearable: frozenset[str] = frozenset()
    """Fields that can be emptied."""
    texts_are_escaped: bool = False
    """Whether the LMS escapes texts by itself."""
    create_needs: tuple[tuple[str, ...], ...] = ()
    policies: Mapping[str, FieldPolicy] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    extra_fields: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()
    write_calls: WriteCalls = field(default_factory=WriteCalls)


def placed(unified: ObjectDeclaration, placement: Placement) -> ObjectDeclaration:
    """A unified object as one LMS can hold it.

    Raises ValueError for a place, limit or policy of a field that the object does not have.
    """
    known = {one.name for one in unified.fields}
    named = (placement.places, placement.limits, placement.choices, placement.whole_numbers, placement.clearable)
    for name in (*chain(*named), *placement.policies, *chain(*placement.create_needs)):
        if name not in known:
            raise ValueError(f"{unified.name} has no field {name}")
    fields = tuple(
        replace(
            one,
            place=placement.places.get(one.name, ""),
            max_length=placement.limits.get(one.name, one.max_length),
            choices=placement.choices.get(one.name, one.choices),
            decimals=0 if one.name in placement.whole_numbers else one.decimals,
            members=tuple(replace(member, decimals=0) for member in one.members)
            if one.name in placement.whole_numbers
            else one.members,
            clearable=one.name in placement.clearable,
            escaped=placement.texts_are_escaped and one.kind is Kind.TEXT,
            policy=placement.policies.get(one.name, one.policy),
        )
        for one in unified.fields
    )
    return replace(
        unified,
        fields=(*fields, *placement.extra_fields),
        create_needs=placement.create_needs,
        keys=placement.keys or unified.keys,
        modes=placement.modes,
        soft_delete=placement.soft_delete,
        hard_delete=placement.hard_delete,
        refusals=placement.refusals,
        after=placement.after,
        made_by=placement.made_by,
        notes=placement.notes,
        write_calls=placement.write_calls,
    )
