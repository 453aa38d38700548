"""Resources as object declarations of the engine: fields, keys, modes and the reasons why a mode is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lms_shared.model.declarations import Mode, ObjectDeclaration, WriteCalls
from lms_shared.model.fields import Field, FieldPolicy, Kind, OnInvalid
from lms_shared.model.keys import FieldReference, KeyKind, MatchKey
from lms_shared.resources.references import References, Surroundings, finder_fields
from lms_shared.resources.resource import Attribute, Resource, RowKey, Soft
from lms_shared.resources.shapes import ADD, REMOVE

_WHY_NOT = {
    Mode.UPSERT: "the API has no call that makes one",
    Mode.UPDATE: "nothing of it can be changed",
    Mode.SOFT_DELETE: "it has no switch",
    Mode.HARD_DELETE: "the API has no call that deletes one",
    Mode.MIRROR: "it has no place for a mark that says whose it is",
}


def declare_all(resources: Iterable[Resource], surroundings: Surroundings) -> dict[str, ObjectDeclaration]:
    """What the engine, `discover` and the docs know of resources, by name.

    Raises KeyError for a reference to an object that there is not.
    """
    by_name = {one.name: one for one in resources}
    references = References(by_name, surroundings)
    return {name: _declare(one, references.of(one), surroundings) for name, one in by_name.items()}


def _declare(
    resource: Resource, references: tuple[FieldReference, ...], surroundings: Surroundings
) -> ObjectDeclaration:
    modes = _modes(resource)
    return ObjectDeclaration(
        name=resource.name,
        title=resource.name.replace("_", " ").capitalize(),
        description=resource.description or f"The API's own resource `{surroundings.base}{resource.calls.where}`.",
        fields=tuple(_fields(resource, references, surroundings)),
        required=tuple(_required(resource, references, surroundings)),
        keys=tuple(_keys(resource, resource.keys)),
        id_field=_id_field(resource),
        found_by=tuple(_keys(resource, resource.found_by)),
        field_references=references,
        modes=modes,
        soft_delete=_soft_delete(resource.soft) if resource.soft else "",
        hard_delete=resource.delete,
        refusals={mode: _why_not(resource, mode) for mode in Mode if mode not in modes},
        after=resource.after,
        same_as=resource.same_as,
        group_by=resource.serial,
        keys_in=tuple(dict.fromkeys(place.partition(".")[0] for place in resource.lifts.values())),
        notes=resource.notes,
        native=True,
        write_calls=WriteCalls(update=2 if resource.read_back else resource.calls.writes_to_change),
    )


def _soft_delete(soft: Soft) -> str:
    names = " and ".join(f"`{name}`" for name in soft.fields)
    become = f"{names} become{'' if soft.beside else 's'} `{str(soft.off).lower()}`"
    return f"{become}; what they were is kept in {soft.memory}" if soft.memory else become


def _id_field(resource: Resource) -> str:
    """What a row's own address names it by, if that is one key."""
    identity = resource.calls.identity
    return identity[0] if any(key.fields == identity for key in resource.keys) else "id"


def _modes(resource: Resource) -> frozenset[Mode]:
    changes = resource.calls.changes and any(one.compared and not one.fixed for one in resource.attributes)
    able = {
        Mode.UPSERT: resource.calls.creates,
        Mode.CREATE_ONLY: resource.calls.creates,
        Mode.UPDATE: changes,
        Mode.SOFT_DELETE: resource.soft is not None,
        Mode.HARD_DELETE: bool(resource.delete),
    }
    return frozenset(mode for mode, can in able.items() if can)


def _why_not(resource: Resource, mode: Mode) -> str:
    mode = Mode.UPSERT if mode is Mode.CREATE_ONLY else mode
    return resource.refusals.get(mode.value) or _WHY_NOT[mode]


def _required(
    resource: Resource, references: tuple[FieldReference, ...], surroundings: Surroundings
) -> Iterator[tuple[str, ...]]:
    selectors: dict[str, list[str]] = {}
    for reference in references:
        selectors.setdefault(reference.field, []).extend(each.field for each in reference.selectors)

    for one in resource.attributes:
        if one.add_remove:
            selectors.setdefault(one.name, []).extend((one.name + ADD, one.name + REMOVE))

    def named(names: Iterable[str]) -> tuple[str, ...]:
        found = (each for name in names for each in (name, *selectors.get(name, ())))
        return tuple(dict.fromkeys(found))

    yield from (
        named((name,))
        for name in resource.parents
        if name not in surroundings.defaults and name not in resource.attribute
    )
    yield from (named((one.name,)) for one in resource.attributes if one.required)
    yield from map(named, resource.one_of)


def _keys(resource: Resource, keys: Iterable[RowKey]) -> Iterator[MatchKey]:
    for key in keys:
        first, *others = resource.key_fields(key)
        yield MatchKey(first, key.kind, tuple(others), key.unless)


def _fields(resource: Resource, references: tuple[FieldReference, ...], surroundings: Surroundings) -> Iterator[Field]:
    if any(key.kind is KeyKind.IDENTIFIER for key in resource.keys):
        yield Field("id", Kind.REFERENCE, "The API's own id of the row, where it is known.", place="id")
    for name in resource.parents:
        if name not in resource.attribute:
            meaning = surroundings.defaults.get(name, "In the path.")
            yield Field(name, Kind.REFERENCE, meaning, place="path", fixed=True)
    for one in resource.attributes:
        if one.shown:
            continue
        yield _field(resource, one)
        if one.add_remove:
            yield from _parts(one)
    own = {"id", *resource.parents, *resource.attribute}
    finders = {one.name: one for one in reversed(list(finder_fields(references)))}
    yield from (one for name, one in reversed(finders.items()) if name not in own)


def _parts(one: Attribute) -> Iterator[Field]:
    for ending, what in ((ADD, "gets"), (REMOVE, "loses")):
        said = f"What `{one.name}` {what}, whatever else it has; the same as `{ending[1:]}` inside of it."
        yield Field(one.name + ending, one.kind, said, place=str(one.body_place), policy=FieldPolicy.NEVER)


def _field(resource: Resource, one: Attribute) -> Field:
    written = one.compared or one.unread
    return Field(
        one.name,
        one.kind,
        _meaning(one),
        max_length=one.max_length,
        item_max_length=one.item_max_length,
        pattern=one.pattern,
        choices=one.choices,
        minimum=one.minimum,
        maximum=one.maximum,
        policy=one.policy if one.compared else (_WRITTEN_ONCE if one.unread else FieldPolicy.NEVER),
        place=(one.body_place or "path") if written else "finds the row",
        fixed=one.fixed or one.unread or (not resource.calls.changes and one.compared),
        secret=one.secret,
        clearable=one.clears,
        on_invalid=OnInvalid.REJECT if _decides(resource, one) else OnInvalid.LEAVE_OUT,
        extra_schema=_nested_schema(one),
    )


_DECIDING = frozenset(
    {"active", "isActive", "archived", "hidden", "status", "result", "completed_at", "success_status", "attended"}
)
"""Fields that decide over something: an object without one of them would be another one than the record means."""


def _decides(resource: Resource, one: Attribute) -> bool:
    switch = [name.partition(".")[0] for name in resource.soft.fields] if resource.soft else []
    named = one.name in _DECIDING or one.name in switch or any(member.name in _DECIDING for member in one.members)
    return one.decides or named


_WRITTEN_ONCE = FieldPolicy.FILL_IF_EMPTY
"""Policy of fields that no answer shows: they are sent with a new row, and taken for filled from then on."""


def _meaning(one: Attribute) -> str:
    said = (
        (bool(one.about), one.about),
        (one.fixed, "Taken only when the row is made."),
        (one.unread, "Sent with a new row; no answer shows it, so it is never compared."),
        (not one.compared and not one.unread, "Finds the row; never changed."),
        (one.verified, "Compared with the answer, because the API may ignore it."),
        (one.secret, "Shown in no log and no plan."),
        (one.clears, "Can be emptied (`clear_on_null`)."),
        (bool(one.null_word), f"`{one.null_word}` stands for null."),
        (one.item_max_length is not None, f"Each at most {one.item_max_length} characters."),
        (bool(one.pattern), f"Must match `{one.pattern}`."),
    )
    return " ".join(text for applies, text in said if applies) or "Written as it is."


def _nested_schema(one: Attribute) -> Mapping[str, Any]:
    if not one.members:
        return {"items": {"type": ["object", "null"]}} if one.kind is Kind.NESTED_LIST else {}
    properties = {member.name: _member_schema(member) for member in one.members}
    if one.kind is Kind.NESTED_LIST:
        needed = [member.name for member in one.members if member.required]
        return {"items": {"type": "object", "properties": properties, "required": needed}}
    return {"properties": properties}


def _member_schema(member: Attribute) -> dict[str, Any]:
    described = Field(
        member.name,
        member.kind,
        "",
        max_length=member.max_length,
        item_max_length=member.item_max_length,
        pattern=member.pattern,
        choices=member.choices,
        minimum=member.minimum,
        maximum=member.maximum,
        extra_schema=_nested_schema(member),
    )
    return {name: value for name, value in described.json_schema.items() if name != "description"}
