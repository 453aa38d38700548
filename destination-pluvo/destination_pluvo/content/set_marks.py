"""The mark in a text of Pluvo that says which stream of which connection keeps the object, for mode mirror. Pure.

Refs are those of the source and do not name a connection, and trainings and offers have no labels. So the mark stands
at the end of the introduction or description, in an empty paragraph that learners do not see. It names the object
itself by id: a copy that an admin makes carries the mark of the original, and is known by that as nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

_OPENING = r"""<p\b[^<>]*?\btitle\s*=\s*["']?set:(?P<parts>[\w%.~:-]+)["']?[^<>]*>"""
_MARKED = re.compile(_OPENING, re.IGNORECASE | re.ASCII)
_EMPTY = re.compile(rf"\n?{_OPENING}(?:\s|\xa0|&nbsp;|<br\s*/?>)*</p\s*>", re.IGNORECASE | re.ASCII)
"""Editors put a blank or a line break into empty paragraphs."""


@dataclass(frozen=True)
class SetMark:
    """That an object is in a stream's set."""

    namespace: str
    stream: str
    object_id: str
    reference: str
    """The external reference that the connection has given it."""
    closed: bool = False
    """Whether the connection has archived the object, and not an admin."""


_CLOSED = "closed"


def marks_in(text: str | None) -> list[SetMark]:
    """The marks of a text."""
    return [mark for one in _MARKED.finditer(text or "") if (mark := _read(one["parts"])) is not None]


def without_marks(text: str | None) -> str:
    """The text as people see it; words that somebody wrote into a marked paragraph stay."""
    return _MARKED.sub("<p>", _EMPTY.sub("", text or ""))


def with_marks(text: str | None, marks: Iterable[SetMark]) -> str:
    """The text with these marks at its end, and no other."""
    return "\n".join(filter(None, [without_marks(text), *map(_paragraph, marks)]))


def _read(parts: str) -> SetMark | None:
    match [unquote(one) for one in parts.split(":")]:
        case [namespace, stream, object_id, reference]:
            return SetMark(namespace, stream, object_id, reference)
        case [namespace, stream, object_id, reference, end] if end == _CLOSED:
            return SetMark(namespace, stream, object_id, reference, closed=True)
    return None


def _paragraph(mark: SetMark) -> str:
    parts = [quote(one, safe="") for one in (mark.namespace, mark.stream, mark.object_id, mark.reference)]
    return f'<p title="set:{":".join([*parts, *([_CLOSED] if mark.closed else [])])}"></p>'
