"""The link to the provider's content at the end of a text of Pluvo. Pure: HTML in, HTML out.

Trainings and offers have no field for an address of content, so the deep link stands in their introduction or
description. That these texts are HTML is inferred.
"""

from __future__ import annotations

import html
import re

LINK_TEXT = "Open the content"
"""By its text the link is known again, so that admins may write around it."""

_TITLE = re.compile(r"""\btitle\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_LINK = re.compile(
    r"""\s*(?:<p[^>]*>)?\s*<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>\s*"""
    + re.escape(LINK_TEXT)
    + r"""\s*</a>\s*(?:</p>)?""",
    re.IGNORECASE,
)


def link_of(text: str | None) -> str | None:
    """The address of the link, or None where there is none."""
    found = _LINK.search(text or "")
    return html.unescape(found.group(1) or found.group(2) or "") if found else None


def reference_in_link(text: str | None) -> str | None:
    """The reference that the link carries in its title, or None."""
    found = _LINK.search(text or "")
    title = _TITLE.search(found.group(0)) if found else None
    return (html.unescape(title.group(1) or title.group(2) or "") or None) if title else None


def without_link(text: str | None) -> str | None:
    """The text that is not the link, or None where there is nothing else."""
    return _LINK.sub("", text or "").strip() or None


def with_link(text: str | None, address: str | None, reference: str | None = None) -> str:
    """A text and the link behind it, which may carry a reference; a link that it has already is replaced."""
    words = without_link(text) or ""
    if address is None:
        return words
    title = "" if reference is None else f' title="{html.escape(reference)}"'
    link = f'<p><a href="{html.escape(address)}"{title}>{LINK_TEXT}</a></p>'
    return f"{words}\n{link}" if words else link
