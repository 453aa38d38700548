"""The links that the text of a collection lists, such as those of a channel: how they stand there and change. Pure.

Trainings hold no other trainings, and modules are built in the interface, so what a collection holds stands as a list
of links in its text. Each link is known again by the title of its `a` element, which names the content by id, its place
in the collection, and a hash of words and address as they were written: a link that an admin has given other words or
another address stays as the admin has it. Around the links, and between them, admins may write what they like.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import quote, unquote

from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal

MARK = "item:"
"""What the title of a listed link begins with."""
_MARK = re.compile(rf"{MARK}(?P<id>[\w%.~-]+):(?P<order>-?\d*):(?P<hash>[0-9a-f]*)\Z", re.ASCII)
_TITLE = re.compile(r"""\s+title\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_LISTS = frozenset({"ul", "ol"})


@dataclass(frozen=True)
class ListedLink:
    """A link to one content."""

    content_id: str
    words: str
    address: str | None
    """None for content without one: its title is listed alone."""
    order: int | None = None
    """Its place in the collection; None where nobody knows."""


@dataclass(frozen=True)
class Standing:
    """A link as it stands in a text."""

    link: ListedLink
    marked: bool
    """Whether a sync has written it, and not an admin or the source's own text."""
    edited: bool
    """Whether an admin gave it other words or another address."""

    def is_as(self, wanted: ListedLink) -> bool:
        """Whether nothing of it is to be written, but for its place."""
        same = self.link.words == wanted.words and equal(Kind.URL, self.link.address, wanted.address)
        return self.edited or same


def standing(text: str | None, wanted: ListedLink) -> Standing | None:
    """How a content is listed in a text, or None; a link in somebody else's list that leads to it is enough."""
    elements = _elements(text or "")
    found = _find(elements, wanted) or _find_by_address(elements, wanted)
    return None if found is None else _standing(found, wanted)


def with_listed(text: str | None, wanted: ListedLink) -> str:
    """The text with a link in its list; one that is there already is changed, and put elsewhere if its place is
    another."""
    old = text or ""
    found = _find(_elements(old), wanted)
    if found is None:
        return _inserted(old, f"<li>{_element(wanted)}</li>", wanted)
    held = _standing(found, wanted)
    moved = wanted.order is not None and wanted.order != held.link.order
    order = wanted.order if wanted.order is not None else held.link.order
    written = replace(wanted if not held.edited else held.link, order=order)
    item = found.item or found
    line = old[item.start : found.start] + _changed(old, found, held, written) + old[found.end : item.end]
    if not moved or not found.item:
        return old[: item.start] + line + old[item.end :]
    return _inserted(_cut(old, item), line, written)


def without_listed(text: str | None, wanted: ListedLink) -> str:
    """The text without a link, and without its list where that is empty then."""
    found = _find(_elements(text or ""), wanted)
    return (text or "") if found is None else _cut(text or "", found.item or found)


def lists_of(text: str | None) -> str:
    """The lists with such links, one after the other."""
    return "\n".join((text or "")[one.start : one.end] for one in _own_lists(text))


def without_lists(text: str | None) -> str:
    """The text without the lists that have such links."""
    kept = text or ""
    for one in reversed(_own_lists(text)):
        kept = kept[: one.start].rstrip("\n") + kept[one.end :]
    return kept


@dataclass
class _Tag:
    """An element, and where it stands in the text."""

    name: str
    start: int
    opening: str
    attributes: dict[str, str | None]
    parent: _Tag | None
    end: int = -1
    inner_end: int = -1
    texts: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return " ".join("".join(self.texts).split())

    @property
    def mark(self) -> re.Match[str] | None:
        return _MARK.match(self.attributes.get("title") or "") if self.name == "a" else None

    @property
    def item(self) -> _Tag | None:
        """The item around it, in a list."""
        return self.parent if self.parent is None or self.parent.name == "li" else self.parent.item

    @property
    def list(self) -> _Tag | None:
        """The innermost list around it."""
        return self.parent if self.parent is None or self.parent.name in _LISTS else self.parent.list


def _elements(text: str) -> list[_Tag]:
    reader = _Reader(text)
    reader.feed(text)
    reader.close()
    return reader.ended()


def _find(elements: list[_Tag], wanted: ListedLink) -> _Tag | None:
    """The link that is marked with a content."""
    marked = (one for one in elements if (mark := one.mark) and unquote(mark["id"]) == wanted.content_id)
    return next(marked, None)


def _find_by_address(elements: list[_Tag], wanted: ListedLink) -> _Tag | None:
    """A link in a list that leads to the same address, and that no sync has written."""
    if wanted.address is None:
        return None
    links = (one for one in elements if one.name == "a" and one.item is not None and one.mark is None)
    return next((one for one in links if equal(Kind.URL, one.attributes.get("href"), wanted.address)), None)


def _standing(found: _Tag, wanted: ListedLink) -> Standing:
    mark, address = found.mark, (found.attributes.get("href") or "").strip() or None
    order = int(mark["order"]) if mark and mark["order"].lstrip("-") else None
    link = ListedLink(wanted.content_id, found.words, address, order)
    return Standing(link, mark is not None, mark is None or mark["hash"] != _hash(link))


def _changed(text: str, found: _Tag, held: Standing, written: ListedLink) -> str:
    """The element of a link after a change; of one that an admin edited the mark alone changes, which stays his."""
    if not held.edited:
        return _element(written)
    opening = _TITLE.sub("", found.opening).rstrip("/>")
    return f'{opening} title="{_mark(written, "")}">{text[found.start + len(found.opening) : found.end]}'


def _element(link: ListedLink) -> str:
    href = "" if link.address is None else f'href="{html.escape(link.address)}" '
    return f'<a {href}title="{_mark(link, _hash(link))}">{html.escape(link.words, quote=False)}</a>'


def _mark(link: ListedLink, known: str) -> str:
    return f"{MARK}{quote(link.content_id, safe='')}:{'' if link.order is None else link.order}:{known}"


def _hash(link: ListedLink) -> str:
    return hashlib.sha256(f"{link.words}\n{link.address or ''}".encode()).hexdigest()[:8]


def _inserted(text: str, line: str, link: ListedLink) -> str:
    """The text with an item in its list, before the first link that comes after it; a list is begun at the end."""
    elements = _elements(text)
    marked = [one for one in elements if one.mark and one.item is not None and one.list is not None]
    if not marked:
        return "\n".join(filter(None, (text, f"<ul>\n{line}\n</ul>")))
    later = next((one.item for one in marked if _place(_read(one)) > _place(link)), None)
    if later is not None:
        return f"{text[: later.start]}{line}\n{text[later.start :]}"
    last = marked[-1].item
    assert last is not None
    return f"{text[: last.end].rstrip()}\n{line}{text[last.end :]}"


def _read(one: _Tag) -> ListedLink:
    mark = one.mark
    assert mark is not None
    return _standing(one, ListedLink(unquote(mark["id"]), "", None)).link


def _place(link: ListedLink) -> tuple[float, str, str]:
    """Where a link stands among the others; without a place, by its words."""
    return (float("inf") if link.order is None else link.order, link.words.casefold(), link.content_id)


def _cut(text: str, gone: _Tag) -> str:
    """The text without an element; a list that it leaves empty goes with it."""
    around = gone.list
    if gone.name == "li" and around is not None:
        rest = text[around.start + len(around.opening) : gone.start] + text[gone.end : around.inner_end]
        if not rest.strip():
            gone = around
    return text[: gone.start].rstrip("\n") + text[gone.end :]


def _own_lists(text: str | None) -> list[_Tag]:
    """The outermost lists that hold marked links, in their order."""
    found: dict[int, _Tag] = {}
    for one in _elements(text or ""):
        around = one.list if one.mark else None
        while around is not None and around.list is not None:
            around = around.list
        if around is not None:
            found[around.start] = around
    return [found[start] for start in sorted(found)]


class _Reader(HTMLParser):
    """Lists, their items and links, with the places where they stand. End tags may be missing."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text = text
        self._lines = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._open: list[_Tag] = []
        self._all: list[_Tag] = []

    def ended(self) -> list[_Tag]:
        while self._open:
            self._end(len(self._text), len(self._text))
        return self._all

    @property
    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _LISTS and tag not in ("li", "a"):
            return
        for name in self._closed_by(tag):
            self._end_all(name, self._offset, self._offset)
        parent = self._open[-1] if self._open else None
        # Of an attribute that is given twice the first one counts.
        one = _Tag(tag, self._offset, self.get_starttag_text() or "", dict(reversed(attrs)), parent)
        self._open.append(one)
        self._all.append(one)

    def _closed_by(self, tag: str) -> Iterator[str]:
        """What a start tag ends: an open link ends at another one, and an item at the next of the same list."""
        names = [one.name for one in self._open]
        if tag == "a" and "a" in names:
            yield "a"
        inner = next((one for one in reversed(names) if one == "li" or one in _LISTS), None)
        if tag == "li" and inner == "li":
            yield "li"

    def handle_data(self, data: str) -> None:
        for one in self._open:
            if one.name == "a":
                one.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        close = self._text.find(">", self._offset)
        self._end_all(tag, self._offset, len(self._text) if close < 0 else close + 1)

    def _end_all(self, tag: str, inner_end: int, end: int) -> None:
        """Ends the innermost open element of this name, and at its end tag those inside that lack theirs."""
        if tag not in [one.name for one in self._open]:
            return
        while self._open[-1].name != tag:
            self._end(inner_end, inner_end)
        self._end(inner_end, end)

    def _end(self, inner_end: int, end: int) -> None:
        one = self._open.pop()
        one.inner_end, one.end = inner_end, end
