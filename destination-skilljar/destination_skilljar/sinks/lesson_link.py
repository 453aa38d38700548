"""The one lesson of a course that links to the provider's content. Pure: HTML in, HTML out."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from destination_skilljar.api import Row

LESSON_TITLE = "Open the content"
LESSON_TYPE = "HTML"

_HREF = re.compile(r"""(<a\b[^>]*?\bhref\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SOLE_LINK = re.compile(r"\s*(?:<p[^>]*>)?\s*<a\b[^>]*>[^<]*</a>\s*(?:</p>)?\s*", re.IGNORECASE)


def link_html(address: str, title: str) -> str:
    """The text of a new lesson."""
    return f'<p><a href="{html.escape(address)}" target="_blank" rel="noopener">{html.escape(title)}</a></p>'


def linked_address(content_html: str | None) -> str | None:
    """The address of the first link."""
    found = _HREF.search(content_html or "")
    return html.unescape(found.group(2) or found.group(3) or "") if found else None


def with_address(content_html: str | None, address: str, title: str) -> str:
    """The text with another address in its first link; everything that admins wrote around it stays."""
    if linked_address(content_html) is None:
        return f"{content_html or ''}{link_html(address, title)}"
    return _HREF.sub(lambda found: f'{found.group(1)}"{html.escape(address)}"', content_html or "", count=1)


def link_lesson(lessons: Sequence[Row]) -> Row | None:
    """The lesson that this connector made: by its title, else the first that is nothing but a link."""
    texts = sorted((one for one in lessons if one.get("type") == LESSON_TYPE), key=lambda one: one.get("order") or 0)
    titled = [one for one in texts if one.get("title") == LESSON_TITLE]
    bare = [one for one in texts if _SOLE_LINK.fullmatch(one.get("content_html") or "")]
    return next(iter([*titled, *bare]), None)


def plain_text(value: str) -> str:
    """The words of an HTML text, white space folded."""
    parser = _Words()
    parser.feed(value)
    parser.close()
    return " ".join("".join(parser.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "br", "li", "div", "tr", "h1", "h2", "h3", "h4"):
            self.words.append(" ")
