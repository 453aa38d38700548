"""Reads a mapped record against the declaration of its object, field by field: nothing costs more than itself.

A value that the LMS cannot hold is left out, and the record is written; only keys, references, required fields and
those that decide over something cost the record (`ObjectDeclaration.on_invalid`). Fields without a place in the LMS
are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Field, Kind, OnInvalid
from lms_shared.model.nested import with_nulls
from lms_shared.model.scalars import (
    NOISE,
    fitting_language,
    language_tag,
    read_boolean,
    read_choice,
    read_json,
    read_list,
    read_number,
    rounded,
    visible,
    without_noise,
)
from lms_shared.model.validation import Problem, is_plain, missing_problem, value_problem


class Clear:
    """Stands for a null that is to empty its field, in records that a mapping made."""

    def __reduce__(self) -> str:
        return "CLEAR"


CLEAR = Clear()


@dataclass
class Reading:
    """What a record says, as far as the LMS can hold it."""

    values: dict[str, Any] = field(default_factory=dict)
    """Fields in normal form. None where the field is to be emptied; what is not given is not there."""
    problem: Problem | None = None
    """Why the record cannot be written."""
    unfit: dict[str, Problem] = field(default_factory=dict)
    """Fields (members with their path) whose values were left out, and why."""
    rounded: list[str] = field(default_factory=list)
    """Fields of which more than noise was rounded away."""
    unknown_members: list[str] = field(default_factory=list)
    """Members of nested fields that the LMS has no place for."""
    as_they_came: dict[str, str] = field(default_factory=dict)
    """Texts of which invisible characters were taken away, as they were before: something may be found by them."""


def read_record(
    declaration: ObjectDeclaration, record: Mapping[str, Any], *, creates: bool = True, strict: bool = False
) -> Reading:
    """Reads a record. Where nothing is created, all that it needs is what finds its object.

    `strict`: any value that the LMS cannot hold costs the record.
    """
    reading = Reading()
    given = with_members(declaration, record)
    for one, costs in declaration.read_fields:
        value = given.get(one.name)
        if value is None and not (one.clear_on_null and one.name in given):
            continue
        if value is CLEAR or value is None:
            reading.values[one.name] = None
            continue
        if is_plain(one, value):
            # As nearly all are; what follows would come to the same.
            if text := value.strip():
                reading.values[one.name] = text.lower() if one.kind is Kind.EMAIL else text
            continue
        problem = _read(declaration, reading, one, value)
        if problem is None:
            continue
        if costs is OnInvalid.REJECT:
            reading.problem = reading.problem or problem
        else:
            reading.unfit[one.name] = problem
    _drop_coarser(declaration, reading)
    if strict:
        reading.problem = reading.problem or next(iter(reading.unfit.values()), None)
    reading.problem = reading.problem or missing_problem(declaration, reading.values, creates=creates)
    return reading


def read_constant(declared: Field, constant: Any) -> tuple[Any, Problem | None]:
    """A constant of a mapping as its field wants it: a form gives texts alone. The problem where it cannot be read."""
    if _blank(constant):
        return None, None
    return read_value(Reading(), declared, declared.name, constant)


def with_members(declaration: ObjectDeclaration, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the members of nested fields that it gives flat (`score_percentage`, `score.percentage`)."""
    flat: dict[str, dict[str, Any]] = {}
    for name, (outer, member) in declaration.flat_members.items():
        if record.get(name) is not None:
            flat.setdefault(outer, {}).setdefault(member, record[name])
    if not flat:
        return record
    nested = {name: _as_object(record.get(name)) for name in flat}
    return {**record, **{name: {**members, **(nested[name] or {})} for name, members in flat.items()}}


def _drop_coarser(declaration: ObjectDeclaration, reading: Reading) -> None:
    for name, finer in declaration.instead_of.items():
        if name in reading.values and all(one in reading.values for one in finer):
            del reading.values[name]


def _read(declaration: ObjectDeclaration, reading: Reading, one: Field, value: Any) -> Problem | None:
    """Reads one field into the reading; the problem where that is not possible."""
    if _blank(value):
        return None
    if one.members:
        value, problem = _read_members(reading, one, value)
    else:
        value, problem = read_value(reading, one, one.name, value)
        _note_unknown(declaration, reading, one, value)
    if problem is not None:
        return problem
    emptying = one.clear_on_null and one.kind is Kind.NESTED
    normal = with_nulls(value) if emptying else declaration.normal(one.name, value)
    if normal is None:
        return None
    reading.values[one.name] = normal
    came = str(value).strip()
    if isinstance(normal, str) and one.name in declaration.needed and visible(came) != came:
        reading.as_they_came[one.name] = came.lower() if one.kind is Kind.EMAIL else came
    return None


def _note_unknown(declaration: ObjectDeclaration, reading: Reading, one: Field, value: Any) -> None:
    """Takes note of members of a nested object of the API that it does not take; what finds the object may be there."""
    known = one.json_schema.get("properties") if one.kind is Kind.NESTED and isinstance(value, Mapping) else None
    if known and one.name not in declaration.keys_in:
        reading.unknown_members += [f"{one.name}.{name}" for name, held in value.items() if name not in known and held]


def _read_members(reading: Reading, one: Field, value: Any) -> tuple[Any, Problem | None]:
    members = _as_object(value)
    if members is None:
        return None, value_problem(one, one.name, value)
    known = {member.name for member in one.members}
    reading.unknown_members += [f"{one.name}.{name}" for name, held in members.items() if name not in known and held]
    kept: dict[str, Any] = {}
    for member in one.members:
        path = f"{one.name}.{member.name}"
        held = members.get(member.name)
        if _blank(held):
            continue
        taken, problem = read_value(reading, member, path, held)
        if problem is None:
            kept[member.name] = taken
        else:
            reading.unfit[path] = problem
    return kept or None, None


def read_value(reading: Reading, one: Field, path: str, value: Any) -> tuple[Any, Problem | None]:
    """A value as its kind wants it, or what is wrong with it."""
    taken = _taken(one, value)
    if one.decimals is not None and isinstance(taken, int | float) and abs(taken) < 1e15:
        whole = rounded(taken, one.decimals)
        if abs(whole - taken) > NOISE:
            reading.rounded.append(path)
        taken = whole
    problem = value_problem(one, path, taken)
    return (None, problem) if problem else (taken, None)


def _taken(one: Field, value: Any) -> Any:
    """What a value says exactly in the type of the field; as it came where it does not."""
    read = next(_readings(one, value), None)
    return value if read is None else read


def _readings(one: Field, value: Any) -> Iterator[Any]:
    kind = one.kind
    if kind is Kind.BOOLEAN:
        yield read_boolean(value)
    elif kind in (Kind.NUMBER, Kind.INTEGER):
        number = read_number(value)
        yield None if number is None else _in_range(one, without_noise(number))
    elif kind in (Kind.TEXT_LIST, Kind.OBJECT_LIST, Kind.NESTED_LIST):
        yield read_list(value, of_texts=kind is Kind.TEXT_LIST)
    elif kind in (Kind.OBJECT, Kind.NESTED) and "string" not in one.json_schema["type"]:
        yield _as_object(value)
    elif kind is Kind.LANGUAGE and isinstance(value, str):
        tag = language_tag(value)
        yield fitting_language(tag, one.choices) if tag and one.choices else tag
    elif one.choices:
        yield read_choice(value, one.choices)


def _in_range(one: Field, number: int | float) -> int | float:
    """The number, where it is out of range by noise alone on its edge."""
    for limit, beyond in ((one.minimum, -1), (one.maximum, 1)):
        if limit is not None and 0 < (number - limit) * beyond <= NOISE * max(1.0, abs(limit)):
            return int(limit) if float(limit).is_integer() else limit
    return number


def _as_object(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, str):
        value = read_json(value)
    return value if isinstance(value, Mapping) else None


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not visible(value).strip())
