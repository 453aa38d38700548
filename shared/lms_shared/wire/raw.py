"""Members of a JSON object with each value as it is written, for text that must go out as it came.

A parser would lose digits of numbers, blanks, and keys that are named twice within a value.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from lms_shared.wire.members import members

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
