"""List filters and pages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lms_shared.dev.sandbox.skilljar.description import Operation
from lms_shared.dev.sandbox.skilljar.errors import not_found
from lms_shared.dev.sandbox.skilljar.store import Row, RowTable, Store
from lms_shared.dev.sandbox.skilljar.timestamps import parse_timestamp

_BOOLEANS = {"true": True, "false": False}
INVALID_PAGE = "Invalid page."

Ids = Mapping[str, object]


def matching_ids(store: Store, table: RowTable, expression: str, value: str) -> Ids:
    """Ids of the rows that a filter such as `user__email=x` keeps; links are followed from the far end, so that
    only indexes are asked. The comparisons `__gte` and `__lte` read every row."""
    first, _, rest = expression.partition("__")
    if rest in ("gte", "lte"):
        return _compared(table, first, rest, value)
    if rest:
        link = store.description.links[first]
        found: dict[str, None] = {}
        for far_id in matching_ids(store, store[link.table], rest, value):
            found.update(table.ids_where(link.field, far_id))
        return found
    if first == "id":
        return {value: None} if table.get(value) else {}
    name = store.description.links[first].field if first in store.description.links else first
    wanted: Any = _BOOLEANS.get(value.lower(), value) if name == "active" else value
    wanted = None if value == "null" else wanted
    if name == "email" and store.options.email_filters_mind_capitals:
        return {row["id"]: None for row in table if row.get(name) == wanted}
    if table.is_indexed(name):
        return table.ids_where(name, wanted)
    return {row["id"]: None for row in table if row.get(name) == wanted}


def _compared(table: RowTable, name: str, comparison: str, value: str) -> Ids:
    try:
        bound = parse_timestamp(value)
    except ValueError:
        return {}
    kept: dict[str, object] = {}
    for row in table:
        moment = parse_timestamp(row[name]) if row.get(name) else None
        if moment is not None and (moment >= bound if comparison == "gte" else moment <= bound):
            kept[row["id"]] = None
    return kept


def intersect(parts: Sequence[Ids]) -> Ids:
    """Ids in all of `parts`, in the order of the smallest."""
    smallest = min(parts, key=len)
    others = [part for part in parts if part is not smallest]
    return {row_id: None for row_id in smallest if all(row_id in part for part in others)} if others else smallest


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and the query values that lead to its neighbours."""

    rows: list[Row]
    count: int
    next: Mapping[str, str] | None
    previous: Mapping[str, str] | None


def cut_page(
    table: RowTable, ids: Ids, operation: Operation, query: Mapping[str, str], largest: int | None = None
) -> Page:
    """The page that `page`, `page_size` and `cursor` ask for. Raises 404 beyond the last page.

    Sizes that are too large are cut down without a word (inferred), to `largest` in any case; a page number that is
    none is 404.
    """
    size = min(_page_size(operation, query.get("page_size")), largest or operation.max_page_size)
    by_cursor = operation.cursor and "page" not in query
    start = _cursor_start(query.get("cursor")) if by_cursor else (_page_number(query.get("page")) - 1) * size
    count = len(ids)
    if start and start >= count:
        raise not_found(INVALID_PAGE)
    rows = [table.rows[row_id] for row_id in islice(ids, start, start + size)]

    def position(offset: int) -> dict[str, str]:
        return {"cursor": _cursor(offset)} if by_cursor else {"page": str(offset // size + 1)}

    return Page(
        rows=rows,
        count=count,
        next=position(start + size) if start + size < count else None,
        previous=position(max(start - size, 0)) if start else None,
    )


def page_url(url: str, change: Mapping[str, str] | None) -> str | None:
    """The request's own URL at another position, so that a reader never leaves this server."""
    if change is None:
        return None
    parts = urlsplit(url)
    query: Iterable[tuple[str, str]] = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name not in change]
    return urlunsplit(parts._replace(query=urlencode([*change.items(), *kept])))


def _page_size(operation: Operation, text: str | None) -> int:
    if text is None or not text.isdecimal() or int(text) == 0:
        return operation.page_size
    return min(int(text), operation.max_page_size)


def _page_number(text: str | None) -> int:
    if text is None:
        return 1
    if not text.isdecimal() or int(text) == 0:
        raise not_found(INVALID_PAGE)
    return int(text)


def _cursor(offset: int) -> str:
    return base64.b64encode(f"p={offset}".encode()).decode()


def _cursor_start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("p="))
    except (binascii.Error, ValueError) as error:
        raise not_found("Invalid cursor") from error
