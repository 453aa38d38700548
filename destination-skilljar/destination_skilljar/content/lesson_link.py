"""The one lesson of a course that links to the provider's content. Pure: HTML in, HTML out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from html.parser import HTMLParser

from destination_skilljar.api import Row
from lms_shared.model.fields import Kind, equal
from lms_shared.model.markup import fragment, links, top_nodes, with_other_address, with_other_words

LESSON_TITLE = "Open the content"
LESSON_TYPE = "HTML"


def link_html(address: str, title: str) -> str:
    """The text of a new lesson."""
    return f'<p><a href="{html.escape(address)}" target="_blank" rel="noopener">{html.escape(title)}</a></p>'


def linked_address(content_html: str | None) -> str | None:
    """The address of the first link."""
    link = next(iter(links(content_html)), None)
    return None if link is None else link.address


def with_address(content_html: str | None, address: str, title: str) -> str:
    """The text with another address in its first link; everything that admins wrote around it stays."""
    text = content_html or ""
    link = next(iter(links(text)), None)
    return f"{text}{link_html(address, title)}" if link is None else with_other_address(text, link, address)


def with_link_text(content_html: str | None, old: str, new: str) -> str | None:
    """The text with another text in its first link, or None where the link has another text than the old one."""
    text = content_html or ""
    link = next(iter(links(text)), None)
    if link is None or not equal(Kind.TEXT, link.words, " ".join(old.split())):
        return None
    return with_other_words(text, link, new)


def link_lesson(lessons: Sequence[Row]) -> Row | None:
    """The lesson that this connector made: by its title, else the first that is nothing but a link."""
    texts = sorted((one for one in lessons if one.get("type") == LESSON_TYPE), key=lambda one: one.get("order") or 0)
    titled = [one for one in texts if one.get("title") == LESSON_TITLE]
    bare = [one for one in texts if _is_sole_link(one.get("content_html") or "")]
    return next(iter([*titled, *bare]), None)


def _is_sole_link(text: str) -> bool:
    """Whether a text shows a link and nothing else."""
    parsed = fragment(text)
    links = parsed.css("a")
    shown = "".join(node.text() for node in top_nodes(parsed) if not node.is_comment_node)
    return len(links) == 1 and links[0].text().split() == shown.split() and not parsed.css("img, iframe, video")


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
