"""Resources as object declarations of the engine: fields, keys, modes and the reasons why a mode is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from destination_skilljar.native.resource import Attribute, Change, Resource
from lms_shared.model.declarations import KeyKind, MatchKey, Mode, ObjectDeclaration, WriteCalls
from lms_shared.model.fields import Field, FieldPolicy, Kind

DOMAIN = "domain_name"
"""The parent that has a default: the configured domain."""

_WHY_NOT = {
    Mode.UPSERT: "the API has no call that makes one",
    Mode.UPDATE: "nothing of it can be changed",
    Mode.SOFT_DELETE: "it has no switch",
    Mode.HARD_DELETE: "the API has no call that deletes one",
    Mode.MIRROR: "it has no place for a mark that says whose it is",
}


def declare(resource: Resource) -> ObjectDeclaration:
    """What the engine, `discover` and the docs know of a resource."""
    modes = _modes(resource)
    return ObjectDeclaration(
        name=resource.name,
        title=resource.name.replace("_", " ").capitalize(),
        description=f"The API's own resource `/v1/{resource.path}`.",
        fields=tuple(_fields(resource)),
        required=tuple(_required(resource)),
        keys=tuple(_keys(resource)),
        modes=modes,
        soft_delete=f"`{resource.soft.field}` becomes `{str(resource.soft.off).lower()}`" if resource.soft else "",
        hard_delete=resource.delete,
        refusals={mode: _why_not(resource, mode) for mode in Mode if mode not in modes},
        group_by=resource.serial,
        keys_in=tuple(dict.fromkeys(place.partition(".")[0] for place in resource.lifts.values())),
        notes=resource.notes,
        native=True,
        write_calls=WriteCalls(update=2 if resource.change is Change.RECREATE or resource.read_back else 1),
    )


def _modes(resource: Resource) -> frozenset[Mode]:
    changes = resource.change is not Change.NONE and any(one.compared and not one.fixed for one in resource.attributes)
    able = {
        Mode.UPSERT: resource.create is not None,
        Mode.CREATE_ONLY: resource.create is not None,
        Mode.UPDATE: changes,
        Mode.SOFT_DELETE: resource.soft is not None,
        Mode.HARD_DELETE: bool(resource.delete),
    }
    return frozenset(mode for mode, can in able.items() if can)


def _why_not(resource: Resource, mode: Mode) -> str:
    mode = Mode.UPSERT if mode is Mode.CREATE_ONLY else mode
    return resource.refusals.get(mode.value) or _WHY_NOT[mode]


def _required(resource: Resource) -> Iterator[tuple[str, ...]]:
    yield from ((name,) for name in resource.parents if name != DOMAIN and name not in resource.attribute)
    yield from ((one.name,) for one in resource.attributes if one.required)
    yield from resource.one_of


def _keys(resource: Resource) -> Iterator[MatchKey]:
    for key in resource.keys:
        first, *others = resource.key_fields(key)
        yield MatchKey(first, key.kind, tuple(others))


def _fields(resource: Resource) -> Iterator[Field]:
    if any(key.kind is KeyKind.IDENTIFIER for key in resource.keys):
        yield Field("id", Kind.REFERENCE, "The API's own id of the row, where it is known.", place="id")
    for name in resource.parents:
        if name not in resource.attribute:
            yield _parent(name)
    for one in resource.attributes:
        yield _field(resource, one)


def _parent(name: str) -> Field:
    meaning = "Host name of the domain; the configured one where it is not given." if name == DOMAIN else "In the path."
    return Field(name, Kind.REFERENCE, meaning, place="path", fixed=True)


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
        fixed=one.fixed or one.unread or (resource.change is Change.NONE and one.compared),
        secret=one.secret,
        extra_schema=_nested_schema(one),
    )


_WRITTEN_ONCE = FieldPolicy.FILL_IF_EMPTY
"""Policy of fields that no answer shows: they are sent with a new row, and taken for filled from then on."""


def _meaning(one: Attribute) -> str:
    said = (
        (one.fixed, "Taken only when the row is made."),
        (one.unread, "Sent with a new row; no answer shows it, so it is never compared."),
        (not one.compared and not one.unread, "Finds the row; never changed."),
        (one.verified, "Compared with the answer, because the API may ignore it."),
        (one.secret, "Shown in no log and no plan."),
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
