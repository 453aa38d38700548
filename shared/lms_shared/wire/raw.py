"""JSON kept as text, each value as it is written: to see what broken text was meant to be, and to send it unchanged.

Members of an object are found by its quotes and brackets alone where no parser reads it. A parser would also lose
digits of numbers, blanks, and keys that are named twice within a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]:,]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonMember:
    """A member of an object; its value is `text[start:end]`."""

    name: str
    """As it is written, without its quotes."""
    start: int
    end: int


def members(text: str) -> Iterator[JsonMember]:
    """The members of the object in a text, in their order; the last one may be cut off with the text."""
    depth, key, start = 0, "", 0
    name: str | None = None
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            depth += 1
        elif mark in "}]":
            depth -= 1
        elif depth == 1 and name is None:
            if mark == ":":
                name, start = key, token.end()
            else:
                key = mark[1:-1]
        if name is not None and (depth == 0 or (depth == 1 and mark == ",")):
            yield _member(text, name, start, token.start())
            name = None
        if depth == 0 and mark in "}]":
            return
    if name is not None:
        yield _member(text, name, start, len(text))


def _member(text: str, name: str, start: int, end: int) -> JsonMember:
    value = text[start:end].lstrip()
    start = end - len(value)
    return JsonMember(name, start, start + len(value.rstrip()))


def member(text: str, name: str) -> str | None:
    """The text of a member's value, the last one of that name as parsers take it; None if there is none."""
    found = None
    for one in members(text):
        if one.name == name:
            found = text[one.start : one.end]
    return found


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def raw_members(text: str) -> dict[str, str]:
    """The values of an object by name, as they are written; of a name that comes twice, the last one.

    Python's json writes, and sources send, what is not strict JSON (NaN, halves of characters), and nesting may be
    deeper than msgspec goes: there the members are found by quotes and brackets.
    """
    try:
        return {name: bytes(value).decode() for name, value in _MEMBERS.decode(text).items()}
    except (msgspec.DecodeError, RecursionError):
        return {one.name: text[one.start : one.end] for one in members(text)}


def raw_object(values: Mapping[str, str]) -> str:
    """The object of values that are written already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in values.items()) + "}"


def with_raw_member(text: str, name: str, value: str) -> str:
    """The text of an object with a member that is added at its end, or that replaces the one of that name.

    Where it is added, nothing else of the text changes; else each other value stays as it is written.
    """
    held = raw_members(text)
    if name in held:
        return raw_object({**held, name: value})
    start = text.rstrip().removesuffix("}")
    return f"{start}{',' if held else ''}{json.dumps(name)}:{value}}}"
