"""The link to the provider's content at the end of a text of Pluvo. Pure: HTML in, HTML out.

Trainings and offers have no field for an address of content, so the deep link stands in their introduction or
description. That these texts are HTML is inferred.
"""

from __future__ import annotations

import html

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lms_shared.model.markup import fragment

LINK_TEXT = "Open the content"
"""By its text the link is known again, so that admins may write around it."""

_AROUND = frozenset({"p", "div", "span", "strong", "b", "em", "i", "u"})
"""Tags that editors put around a link; they go with it where they hold nothing else."""


def link_of(text: str | None) -> str | None:
    """The address of the link, or None where there is none."""
    return _attribute(text, "href")


def reference_in_link(text: str | None) -> str | None:
    """The reference that the link carries in its title, or None."""
    return _attribute(text, "title")


def without_link(text: str | None) -> str | None:
    """The text that is not the link, or None where there is nothing else."""
    parsed = _parsed(text)
    link = None if parsed is None else _link(parsed)
    if parsed is None or link is None:
        return (text or "").strip() or None
    block = link
    while block.parent is not None and block.parent.tag in _AROUND and _words(block.parent) == _words(link):
        block = block.parent
    block.decompose()
    return (parsed.html or "").strip() or None


def with_link(text: str | None, address: str | None, reference: str | None = None) -> str:
    """A text and the link behind it, which may carry a reference; a link that it has already is replaced."""
    words = without_link(text) or ""
    if address is None:
        return words
    title = "" if reference is None else f' title="{html.escape(reference)}"'
    link = f'<p><a href="{html.escape(address)}"{title}>{LINK_TEXT}</a></p>'
    return f"{words}\n{link}" if words else link


def _attribute(text: str | None, name: str) -> str | None:
    parsed = _parsed(text)
    link = None if parsed is None else _link(parsed)
    return None if link is None else link.attributes.get(name) or None


def _parsed(text: str | None) -> LexborHTMLParser | None:
    """The text as a browser reads it; None for one without any link."""
    return fragment(text) if text and "<a" in text.lower() else None


def _link(parsed: LexborHTMLParser) -> LexborNode | None:
    links = (one for one in parsed.css("a") if one.attributes.get("href"))
    return next((one for one in links if _words(one) == LINK_TEXT), None)


def _words(node: LexborNode) -> str:
    return " ".join(node.text().split())
