"""Made-up learning data in the unified shape: small catalogues, and records that are broken in every way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from lms_shared.dev.testing.syncs import Stream, record
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Field, Kind, OnInvalid

PERSONAL = ("ada.lovelace", "Lovelace", "grace.hopper", "Hopper", "alan.turing", "Turing")
"""Texts that identify a learner of the catalogue and must never be seen in a log."""

_PEOPLE = (
    ("ada.lovelace@example.com", "Ada", "Lovelace"),
    ("grace.hopper@example.com", "Grace", "Hopper"),
    ("alan.turing@example.com", "Alan", "Turing"),
)
_COURSES = (("c-1", "Kubernetes: first steps"), ("c-2", "Reading Python"), ("c-3", "Threads & locks"))


def users() -> list[dict[str, Any]]:
    """Three learners."""
    return [
        {"email": email, "external_reference": f"u-{number}", "first_name": first, "last_name": last}
        for number, (email, first, last) in enumerate(_PEOPLE, 1)
    ]


def groups() -> list[dict[str, Any]]:
    """Two groups."""
    return [{"name": "Engineers", "external_reference": "g-1"}, {"name": "Managers", "external_reference": "g-2"}]


def group_members() -> list[dict[str, Any]]:
    """Who is in which group."""
    pairs = (("Engineers", 0), ("Engineers", 1), ("Managers", 1))
    return [{"group_name": group, "user_email": _PEOPLE[person][0]} for group, person in pairs]


def content() -> list[dict[str, Any]]:
    """Three courses."""
    return [
        {
            "external_reference": reference,
            "title": title,
            "description": f"<p>All about {reference} &amp; more.</p>",
            "content_url": f"https://learn.example.com/{reference}",
            "duration": "PT1H30M",
            "tags": ["basics", reference],
        }
        for reference, title in _COURSES
    ]


def assignments() -> list[dict[str, Any]]:
    """Who is to take which course."""
    return [
        {"user_email": _PEOPLE[person][0], "learning_object_external_reference": course, "assigned_at": moment}
        for person, course, moment in ((0, "c-1", "2026-01-05"), (1, "c-2", "2026-02-01T10:00:00+02:00"))
    ]


def completions() -> list[dict[str, Any]]:
    """Who completed which course."""
    return [
        {
            "user_email": _PEOPLE[person][0],
            "learning_object_external_reference": course,
            "completed_at": moment,
            "result": "Pass",
            "score": {"percentage": score},
        }
        for person, course, moment, score in (
            (0, "c-1", "2026-03-01T08:00:00Z", 80),
            (2, "c-3", "2026-03-02T08:00:00.250Z", 95),
        )
    ]


def attempts() -> list[dict[str, Any]]:
    """One learner's completions of one course, no two of them with the same fields; the third is the best."""
    pair = {"user_email": _PEOPLE[0][0], "learning_object_external_reference": "c-1"}
    return [
        {**pair, "completed_at": "2026-02-01", "result": "Fail", "score": {"percentage": 40}, "time_spent": "PT2H"},
        {**pair, "completed_at": "2026-02-02", "score": {"percentage": 70}},
        {**pair, "completed_at": "2026-02-03", "result": "Pass"},
        {**pair, "completed_at": "2026-02-04", "result": "Pass", "score": {"raw_value": 412}, "time_spent": "PT1H"},
    ]


_RECORDS = {
    "users": users,
    "groups": groups,
    "content": content,
    "group_members": group_members,
    "assignments": assignments,
    "completions": completions,
}


def catalogue(objects: frozenset[str]) -> list[Stream]:
    """A stream for each object, what is referred to before what refers to it."""
    return [Stream(name, make()) for name, make in _RECORDS.items() if name in objects]


def without(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A record but for some fields."""
    return {name: value for name, value in data.items() if name not in names}


def one_each(*objects: str) -> list[Stream]:
    """Streams of one record each that hang together: a learner, a group, a course, and what links them."""
    return [Stream(name, _RECORDS[name]()[:1]) for name in objects]


@dataclass(frozen=True)
class Broken:
    """A RECORD line that cannot be written, and why."""

    flaw: str
    line: bytes


_WRONG_TYPES: Mapping[Kind, Any] = {
    Kind.REFERENCE: {"a": 1},
    Kind.TEXT: 7,
    Kind.HTML: ["<p>"],
    Kind.EMAIL: True,
    Kind.URL: 1.5,
    Kind.INSTANT: 1700000000,
    Kind.DURATION: 90,
    Kind.BOOLEAN: "perhaps",
    Kind.INTEGER: "one",
    Kind.NUMBER: "1,5",
    Kind.TEXT_LIST: "one, two",
    Kind.LANGUAGE: "Klingonese",
    Kind.OBJECT: [],
    Kind.OBJECT_LIST: {},
}
_BAD_FORMATS: Mapping[Kind, str] = {
    Kind.EMAIL: "nobody at all",
    Kind.URL: "/relative",
    Kind.INSTANT: "soon",
    Kind.DURATION: "an hour",
}
_TEXTS = frozenset({Kind.REFERENCE, Kind.TEXT, Kind.HTML})


def nested(depth: int) -> Any:
    """An object that holds an object, and so on."""
    value: Any = "the bottom"
    for _ in range(depth):
        value = {"deeper": value}
    return value


def broken(declaration: ObjectDeclaration, valid: Mapping[str, Any]) -> Iterator[Broken]:
    """A valid record of the object as a line of its stream, broken in one way at a time."""
    for flaw, data in _broken_data(declaration, valid):
        yield Broken(flaw, json.dumps(record(declaration.name, data)).encode() + b"\n")
    whole = json.dumps(record(declaration.name, valid)).encode()
    good, first = json.dumps(valid).encode(), json.dumps(next(iter(valid))).encode()
    for flaw, text in _BROKEN_TEXTS.items():
        yield Broken(flaw, whole.replace(good, text.replace(b"DATA", good[1:-1]).replace(b"FIRST", first)) + b"\n")
    yield Broken("cut in the middle", whole[: whole.index(good) + len(good) // 2] + b"\n")


_BROKEN_TEXTS: Mapping[str, bytes] = {
    "a key twice": b'{DATA, FIRST: "again"}',
    "a key twice with the same value": b'{DATA, "unknown": 1, "unknown": 1}',
    "a key twice further down": b'{DATA, "unknown": [{"a": 1, "a": 2}]}',
    "NaN in a field that is not known": b'{DATA, "unknown": NaN}',
    "-Infinity further down": b'{DATA, "unknown": [{"a": -Infinity}]}',
    "a number that is too large": b'{DATA, "unknown": 1e999}',
    "a number of 5,000 digits": b'{DATA, "unknown": ' + b"9" * 5_000 + b"}",
    "bytes that are no text": b'{DATA, "unknown": "\xff\xfe"}',
    "a bare control character": b'{DATA, "unknown": "\x01"}',
    "single quotes": b"{DATA, 'unknown': 1}",
    "one comma too many": b"{DATA,}",
    "nested beyond all parsers": b'{DATA, "unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a list of records": b"[{DATA}]",
    "a text": b'"one"',
    "null": b"null",
}
"""What stands in the place of the record's data; DATA is what the valid record has inside of its braces."""


def _broken_data(declaration: ObjectDeclaration, valid: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in declaration.fields:
        if declaration.reads(one) and declaration.on_invalid(one.name) is OnInvalid.REJECT:
            yield from _flaws(one, valid)
    for alternatives in declaration.required:
        rest = {name: value for name, value in valid.items() if name not in alternatives}
        yield f"without {alternatives[0]}", rest
        yield f"{alternatives[0]} null", {**rest, alternatives[0]: None}
        yield f"{alternatives[0]} blank", {**rest, alternatives[0]: "  "}
    yield "nested deeply", {**valid, "unknown": nested(600)}


def unfit(declaration: ObjectDeclaration, valid: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Names of fields, and valid records in which the LMS cannot hold their values: they cost no more than that."""
    for one in declaration.fields:
        if declaration.reads(one) and declaration.on_invalid(one.name) is OnInvalid.LEAVE_OUT:
            for _, data in _flaws(one, valid):
                yield one.name, data


def json_safe(data: Mapping[str, Any]) -> bool:
    """Whether a record is one by the letter of JSON, as what comes out of a spreadsheet is."""
    try:
        return bool(orjson.loads(json.dumps(data)))
    except orjson.JSONDecodeError:
        return False


def without_place(declaration: ObjectDeclaration, valid: Mapping[str, Any]) -> Mapping[str, Any]:
    """A valid record with values of a wrong type in all fields that the LMS has no place for."""
    names = [one for one in declaration.fields if not declaration.reads(one) and one.kind in _WRONG_TYPES]
    return {**valid, **{one.name: _WRONG_TYPES[one.kind] for one in names}}


def _flaws(one: Field, valid: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if one.kind in _WRONG_TYPES:
        yield f"{one.name} of a wrong type", {**valid, one.name: _WRONG_TYPES[one.kind]}
    if one.kind in _BAD_FORMATS:
        yield f"{one.name} of a bad format", {**valid, one.name: _BAD_FORMATS[one.kind]}
    if one.kind in _TEXTS and not one.choices:
        yield f"{one.name} with a control character", {**valid, one.name: "a\x00b"}
        yield f"{one.name} with half a surrogate pair", {**valid, one.name: "a\ud800b"}
        yield f"{one.name} of two million characters", {**valid, one.name: "x" * 2_000_000}
    if one.kind in (Kind.REFERENCE, Kind.INTEGER):
        yield f"{one.name} of more than 64 bits", {**valid, one.name: 2**64 + 1}
    if one.choices:
        yield f"{one.name} that is no choice", {**valid, one.name: "neither"}
    if one.kind is Kind.NUMBER:
        yield f"{one.name} that is no number", {**valid, one.name: float("nan")}
        yield f"{one.name} without end", {**valid, one.name: float("inf")}
