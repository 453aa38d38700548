"""What the connector keeps in texts of Pluvo: the link to the provider's content, and the marks of mode mirror. Pure.

Trainings and offers have no field for an address of content, so the deep link stands in their introduction or
description. That these texts are HTML is inferred.

A mark says which stream of which connection keeps the object, and one without a stream that the connection has closed
it. Refs are those of the source and do not name a connection, and trainings and offers have no labels. So the mark
stands at the end of the text, in an empty paragraph that learners do not see. It names the object itself by id: a copy
that an admin makes carries the mark of the original, and is known by that as nobody's.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from destination_pluvo.content.listed_links import MARK
from lms_shared.model.markup import Link, links, without

LINK_TEXT = "Open the content"
"""By its text the link is known again, so that admins may write around it."""


def link_of(text: str | None) -> str | None:
    """The address of the link, or None if there is none."""
    link = _link(text)
    return None if link is None else link.address


def reference_in_link(text: str | None) -> str | None:
    """The reference that the link carries in its title, or None."""
    link = _link(text)
    return None if link is None else link.title


def without_link(text: str | None) -> str | None:
    """The text that is not the link, or None if there is nothing else."""
    link = _link(text)
    rest = (text or "") if link is None else without(text or "", link)
    return rest.strip() or None


def with_link(text: str | None, address: str | None, reference: str | None = None) -> str:
    """A text and the link behind it, which may carry a reference; a link that it has already is replaced."""
    words = without_link(text) or ""
    if address is None:
        return words
    title = "" if reference is None else f' title="{html.escape(reference)}"'
    link = f'<p><a href="{html.escape(address)}"{title}>{LINK_TEXT}</a></p>'
    return f"{words}\n{link}" if words else link


def _link(text: str | None) -> Link | None:
    found = (one for one in links(text) if one.words == LINK_TEXT)
    return next((one for one in found if not (one.title or "").startswith(MARK)), None)


_OPENING = r"""<p\b[^<>]*?\btitle\s*=\s*["']?set:(?P<parts>[\w%.~:-]+)["']?[^<>]*>"""
_MARKED = re.compile(_OPENING, re.IGNORECASE | re.ASCII)
_EMPTY = re.compile(rf"\n?{_OPENING}(?:\s|\xa0|&nbsp;|<br\s*/?>)*</p\s*>", re.IGNORECASE | re.ASCII)
"""Editors put a blank or a line break into empty paragraphs."""


@dataclass(frozen=True)
class SetMark:
    """That an object is in a stream's set, or closed by a connection."""

    namespace: str
    stream: str
    """Empty where it says no more than that the object is closed."""
    object_id: str
    reference: str
    """The external reference that the connection has given it."""
    closed: bool = False
    """Whether the connection has archived the object, and not an admin."""


_CLOSED = "closed"


def marks_in(text: str | None) -> list[SetMark]:
    """The marks of a text."""
    return [mark for one in _MARKED.finditer(text or "") if (mark := _mark_of(one["parts"])) is not None]


def without_marks(text: str | None) -> str:
    """The text as people see it; words that somebody wrote into a marked paragraph stay."""
    return _MARKED.sub("<p>", _EMPTY.sub("", text or ""))


def with_marks(text: str | None, marks: Iterable[SetMark]) -> str:
    """The text with these marks at its end, and no other."""
    return "\n".join(filter(None, [without_marks(text), *map(_paragraph, marks)]))


def _mark_of(parts: str) -> SetMark | None:
    match [unquote(one) for one in parts.split(":")]:
        case [namespace, stream, object_id, reference]:
            return SetMark(namespace, stream, object_id, reference)
        case [namespace, stream, object_id, reference, end] if end == _CLOSED:
            return SetMark(namespace, stream, object_id, reference, closed=True)
    return None


def _paragraph(mark: SetMark) -> str:
    parts = [quote(one, safe="") for one in (mark.namespace, mark.stream, mark.object_id, mark.reference)]
    return f'<p title="set:{":".join([*parts, *([_CLOSED] if mark.closed else [])])}"></p>'
