"""Keys by which objects of an LMS are found and waited for."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lms_shared.model.declarations import KeyKind, MatchKey
from lms_shared.model.fields import Kind, key_part
from lms_shared.model.visible import visible

Awaited = tuple[str, str, str]
"""An object, one of its key fields, and the value that is waited for."""


@dataclass(frozen=True, slots=True)
class Key:
    """A value of one key field, both in normal form."""

    field: str
    value: str


def text_key(field: str, text: object) -> Key:
    """The key of a text that people read, such as a title.

    Texts which the plan takes for equal have one key, and so have those that differ in escapes and blanks alone: what
    was left of an earlier spelling is to be found, not made a second time.
    """
    return Key(field, " ".join(html.unescape(visible(str(text))).split()))


def spellings(field: str, kind: Kind, value: Any) -> Iterator[Key]:
    """The keys of a value that the LMS holds: its normal form, and the form in which it stands there."""
    normal = key_part(kind, value)
    if normal is not None:
        yield Key(field, str(normal))
        came = str(value).strip()
        if came != normal:
            yield Key(field, came)


def lookup_key(key: MatchKey, value: str) -> Key:
    """What is looked up for the normal form of a match key's value."""
    return text_key(key.field, value) if key.kind is KeyKind.ATTRIBUTE else Key(key.field, value)
