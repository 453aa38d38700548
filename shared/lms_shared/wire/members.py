"""Finds the members of a JSON object by its quotes and brackets alone.

For text that no parser reads: to see what it was meant to be, and to give its values back as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]:,]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object; its value is `text[start:end]`."""

    name: str
    """As it is written, without its quotes."""
    start: int
    end: int


def members(text: str) -> Iterator[Member]:
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


def _member(text: str, name: str, start: int, end: int) -> Member:
    value = text[start:end].lstrip()
    start = end - len(value)
    return Member(name, start, start + len(value.rstrip()))


def member(text: str, name: str) -> str | None:
    """The text of a member's value, the last one of that name as parsers take it; None if there is none."""
    found = None
    for one in members(text):
        if one.name == name:
            found = text[one.start : one.end]
    return found
