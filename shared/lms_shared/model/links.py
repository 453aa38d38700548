"""Links in a text of HTML, with the places where they stand, so that all else stays as people wrote it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import accumulate

_HREF = re.compile(r"""(?<![\w-])(href\s*=\s*)(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_OPENING = re.compile(r"<(p|div|span|strong|b|em|i|u)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """An `a` element with an address."""

    start: int
    end: int
    """Where the element stands in the text."""
    tag: str
    """Its opening tag, as it stands there."""
    address: str
    title: str | None
    words: str
    """What it shows, with single blanks."""


def links(text: str | None) -> list[Link]:
    """The links of a text, in their order; what is in comments is none."""
    parser = _Links(text or "")
    parser.feed(text or "")
    parser.close()
    return list(parser.found())


def with_other_address(text: str, link: Link, address: str) -> str:
    """The text where a link leads to another address; nothing else of it changes."""
    tag = _HREF.sub(lambda found: f'{found.group(1)}"{html.escape(address)}"', link.tag, count=1)
    return f"{text[: link.start]}{tag}{text[link.start + len(link.tag) :]}"


def with_other_words(text: str, link: Link, words: str) -> str:
    """The text where a link shows other words, and nothing but them."""
    return f"{text[: link.start]}{link.tag}{html.escape(words)}</a>{text[link.end :]}"


def without(text: str, link: Link) -> str:
    """The text without a link, and without the tags around it that hold nothing else."""
    before, after = text[: link.start], text[link.end :]
    while opening := _OPENING.search(before):
        closing = re.match(rf"\s*</{opening.group(1)}\s*>", after, re.IGNORECASE)
        if closing is None:
            break
        before, after = before[: opening.start()], after[closing.end() :]
    return before + after


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text = text
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._open: tuple[int, str, dict[str, str | None], list[str]] | None = None
        self._found: list[Link] = []

    def found(self) -> Iterator[Link]:
        self._end(len(self._text))
        yield from self._found

    @property
    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._end(self._offset)
            # Of an attribute that is given twice the first one counts.
            self._open = (self._offset, self.get_starttag_text() or "", dict(reversed(attrs)), [])

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[3].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            close = self._text.find(">", self._offset)
            self._end(len(self._text) if close < 0 else close + 1)

    def _end(self, end: int) -> None:
        if self._open is None:
            return
        start, tag, attributes, words = self._open
        self._open = None
        if attributes.get("href"):
            shown = " ".join("".join(words).split())
            title = attributes.get("title") or None
            self._found.append(Link(start, end, tag, str(attributes["href"]).strip(), title, shown))
