"""Keys by which objects of an LMS are found and waited for."""

from __future__ import annotations

import html
from dataclasses import dataclass

from lms_shared.model.declarations import KeyKind, MatchKey

Awaited = tuple[str, str, str]
"""An object, one of its key fields, and the value that is waited for."""


@dataclass(frozen=True, slots=True)
class Key:
    """A value of one key field, both in normal form."""

    field: str
    value: str


def text_key(field: str, text: object) -> Key:
    """The key of a text that people read, such as a title: texts which the plan takes for equal have one key."""
    return Key(field, " ".join(html.unescape(str(text)).split()))


def lookup_key(key: MatchKey, value: str) -> Key:
    """What is looked up for the normal form of a match key's value."""
    return text_key(key.field, value) if key.kind is KeyKind.ATTRIBUTE else Key(key.field, value)
