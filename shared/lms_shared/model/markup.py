"""HTML by its meaning: what a browser would make of it, whatever way it is written down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

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
