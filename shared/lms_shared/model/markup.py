"""HTML by its meaning, whatever way it is written down, and its links with the places where they stand."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser, LexborNode

_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "img", "ins", "kbd"),
        *("mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var"),
    )
)
"""Tags beside which a blank is a blank; beside any other one it is layout."""
_ADDED = frozenset({"rel"})
"""Attributes that editors and sanitizers add to links; they change nothing that is shown."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")

Token = tuple[str, ...]


def same_markup(one: str, other: str) -> bool:
    """Whether two texts of HTML show the same: spelling of tags, quotes, entities, added `rel`, blanks between blocks
    and the normal form of Unicode do not matter."""
    return one == other or _tokens(one) == _tokens(other)


def fragment(text: str) -> LexborHTMLParser:
    """The parsed text, as a browser reads the inside of an element. Not to be shared by threads."""
    return LexborHTMLParser(text.encode("utf-8", "replace"), is_fragment=True)


def top_nodes(parsed: LexborHTMLParser) -> Iterator[LexborNode]:
    """The outermost elements and texts of a fragment."""
    node = parsed.root
    while node is not None:
        yield node
        node = node.next


@lru_cache(maxsize=512)
def _tokens(text: str) -> tuple[Token, ...]:
    if "<" not in text and "&" not in text:
        words = _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")
        return (("text", words),) if words else ()
    raw = (token for node in top_nodes(fragment(text)) for token in _walk(node))
    return tuple(_without_layout(_joined(raw)))


def _walk(outermost: LexborNode) -> Iterator[Token]:
    # Not recursive: what a source sends may be nested deeper than Python likes.
    ahead: list[LexborNode | Token] = [outermost]
    while ahead:
        one = ahead.pop()
        if isinstance(one, tuple):
            yield one
        elif one.is_text_node:
            yield ("text", one.text_content or "")
        elif one.is_element_node:
            attributes = (f"{name}={value or ''}" for name, value in one.attributes.items() if name not in _ADDED)
            yield ("start", str(one.tag), *sorted(attributes))
            ahead.append(("end", str(one.tag)))
            ahead.extend(reversed([*one.iter(include_text=True)]))


def _joined(tokens: Iterator[Token]) -> list[Token]:
    """Texts that stand side by side, as around a comment, are one."""
    joined: list[Token] = []
    for token in tokens:
        if token[0] == "text" and joined and joined[-1][0] == "text":
            joined[-1] = ("text", joined[-1][1] + token[1])
        else:
            joined.append(token)
    return joined


def _without_layout(tokens: list[Token]) -> Iterator[Token]:
    for number, token in enumerate(tokens):
        if token[0] != "text":
            yield token
            continue
        words = _BLANKS.sub(" ", unicodedata.normalize("NFC", token[1]))
        if number == 0 or tokens[number - 1][1] not in _INLINE:
            words = words.lstrip(" ")
        if number + 1 == len(tokens) or tokens[number + 1][1] not in _INLINE:
            words = words.rstrip(" ")
        if words:
            yield ("text", words)


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
