"""What an answer must be to count as the answer of a list, and when all rows of a list have come. Pure.

An answer that cannot be read is never "nothing there": whoever takes it for an empty list creates everything a second
time, or moves a cursor past rows that were never read. So each list says in which shape its rows come, any other answer
is trouble, and a list that says how many rows it has is complete only with that many.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from lms_shared.http.outcome import UnreadableAnswer

Row = dict[str, Any]


class NotAList(UnreadableAnswer):
    """An answer is not the list that was asked for."""


class IncompleteList(Exception):
    """A list ended before all of its rows came, or does not end at all."""


class ListShape(Enum):
    """How the rows of a list are packed."""

    ENVELOPE = "an object with an array of rows"
    ARRAY = "an array of rows"
    EITHER = "an array of rows, or an object with one"
    CONNECTION = "a connection of edges with their nodes"


@dataclass(frozen=True)
class Page:
    """One answer of a list."""

    rows: list[Row]
    following: str | None = None
    """Link or cursor of the next page; None on the last one."""
    count: int | None = None
    """How many rows the list has in all, where it says so."""
    nulls: int = 0
    """Rows that are null, of lists that may hold such: they count, and carry nothing."""


def read_page(body: Any, shape: ListShape, rows: str = "results") -> Page:
    """The page that a decoded answer holds; `rows` names the array of an envelope.

    Raises NotAList for whatever is not of this shape.
    """
    if shape is ListShape.CONNECTION:
        return read_connection(body)
    if isinstance(body, list) and shape is not ListShape.ENVELOPE:
        return Page(_objects(body))
    if not isinstance(body, Mapping) or shape is ListShape.ARRAY:
        raise NotAList(f"{_named(body)} instead of {shape.value}")
    if not isinstance(body.get(rows), list):
        raise NotAList(f"'{rows}' is {_named(body[rows]) if rows in body else 'missing'}")
    return Page(_objects(body[rows]), _link(body.get("next")), _number(body.get("count")))


@dataclass(frozen=True)
class Connection:
    """How a connection of a GraphQL API lays out its rows (GraphQL Cursor Connections Specification, and beyond)."""

    rows: str = "edges"
    """`edges`, whose `node` are the rows, or `nodes`."""
    count: str = "count"
    """The member that says how many rows there are in all."""
    has_page_info: bool = True
    may_hold_nulls: bool = False


def read_connection(value: Any, layout: Connection = Connection()) -> Page:
    """The page that a connection is. Raises NotAList for whatever is not one of this layout."""
    if not isinstance(value, Mapping):
        raise NotAList(f"{_named(value)} instead of {ListShape.CONNECTION.value}")
    members = value.get(layout.rows)
    if not isinstance(members, list):
        raise NotAList(f"'{layout.rows}' is {_named(members)}")
    if layout.rows == "edges":
        members = [edge.get("node") if isinstance(edge, Mapping) else edge for edge in members]
    rows = [row for row in members if row is not None] if layout.may_hold_nulls else members
    cursor = _next_cursor(value.get("pageInfo")) if layout.has_page_info else None
    return Page(_objects(rows), cursor, _number(value.get(layout.count)), len(members) - len(rows))


def _next_cursor(info: Any) -> str | None:
    if not isinstance(info, Mapping):
        raise NotAList(f"'pageInfo' is {_named(info)}")
    if not info.get("hasNextPage"):
        return None
    cursor = _link(info.get("endCursor"))
    if cursor is None:
        raise NotAList("there is a next page, and no cursor for it")
    return cursor


def _objects(rows: list[Any]) -> list[Row]:
    for row in rows:
        if not isinstance(row, dict):
            raise NotAList(f"{_named(row)} among its rows")
    return rows


def _link(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _named(value: Any) -> str:
    return "null" if value is None else f"a value of type {type(value).__name__}"


@dataclass
class Pagination:
    """The pages of one list, from its first to its last. Knows whether all rows have come."""

    seen: int = 0
    promised: int | None = None
    """Rows that the latest page says there are."""
    moved: bool = False
    """Whether rows came or went meanwhile, so that some may have been skipped."""
    _followed: set[str] = field(default_factory=set)

    def take(self, page: Page) -> None:
        """Takes the next page. Raises IncompleteList where it leads to one that was read before."""
        self.seen += len(page.rows) + page.nulls
        if page.count is not None:
            self.moved |= self.promised not in (None, page.count)
            self.promised = page.count
        if page.following is not None:
            if page.following in self._followed:
                raise IncompleteList("a page of it leads back to one before")
            self._followed.add(page.following)

    @property
    def missing(self) -> int:
        """Rows that were promised and did not come."""
        return max(0, (self.promised or 0) - self.seen)


def each_once(pages: Iterable[Page]) -> Iterator[Row]:
    """The rows of pages. One that comes again as it was, because it moved to a later page, is left out."""
    seen: set[int] = set()
    for page in pages:
        for row in page.rows:
            content = hash(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))
            if content not in seen:
                seen.add(content)
                yield row


def read_list(
    first: Callable[[], Page], page_at: Callable[[str], Page | None], again: Callable[[], object] = lambda: None
) -> Generator[Page, None, bool]:
    """The pages of a list, each as soon as it is read. Returns whether rows came or went in its last reading too: then
    one may have been skipped each time.

    `first` and `page_at` ask for a page; the latter gives None where a page is gone that the one before led to. A list
    that changed while it was read, or has fewer rows than it promised, is read once more from its start, of which
    `again` is told: the rows come twice. Then it is judged by what it promises at its end.

    Raises IncompleteList where rows are missing then too.
    """
    for last_try in (False, True):
        reading, page = Pagination(), first()
        gone = False
        while True:
            reading.take(page)
            yield page
            if page.following is None:
                break
            following = page_at(page.following)
            if following is None:
                gone = True
                break
            page = following
        if not reading.missing and (last_try or not (reading.moved or gone)):
            return reading.moved or gone
        again()
    raise IncompleteList(f"{reading.missing} of the {reading.promised} rows that it promises did not come")
