"""Connections: cursors, page sizes and `totalCount`, the same for every query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from lms_shared.dev.sandbox.graphql_api.cursors import fingerprint, make_cursor, read_cursor
from lms_shared.dev.sandbox.pluralsight.options import PluralsightOptions

Row = dict[str, Any]

_NULL_NODE_EVERY = 5
_NULL_KEY_EVERY = 7


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that a query asks for: cheap handles, and what makes rows of them."""

    handles: Sequence[Any]
    materialize: Callable[[Iterable[Any]], list[Row]] = list


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a selection. `warning` is what the caller must be told."""

    start: int
    handles: Sequence[Any]
    has_next: bool
    warning: str | None = None


class Connection:
    """One answer in connection shape. Rows are made when `nodes` or `edges` is selected, and only then."""

    def __init__(
        self, query: str, arguments: Mapping[str, Any], selection: Selection, options: PluralsightOptions
    ) -> None:
        self._query = query
        self._options = options
        self._selection = selection
        self._fingerprint = fingerprint(query, arguments)
        self._after: str | None = arguments.get("after")
        self.page = self._slice(arguments.get("first"))

    def to_row(self) -> Row:
        """What the fields of the connection type resolve to."""
        return {
            "totalCount": len(self._selection.handles),
            "pageInfo": self._page_info,
            "nodes": self._nodes,
            "edges": self._edges,
        }

    def _slice(self, first: int | None) -> Page:
        start = 0 if self._after is None else read_cursor(self._after, self._fingerprint)
        available = len(self._selection.handles) - self._options.short_rows.get(self._query, 0)
        size, warning = self._options.default_page_size if first is None else first, None
        if size is None:
            size = available
        elif size < 0:
            raise GraphQLError("first must not be negative")
        elif size > self._options.page_cap:
            size = self._options.page_cap
            warning = f"{self._query}: first was reduced to the maximum of {size}"
        end = min(start + size, available)
        limit = self._options.payload_limit
        if limit is not None and end - start > limit:
            raise GraphQLError("Payload limit exceeded", extensions={"code": "PAYLOAD_LIMIT_EXCEEDED"})
        return Page(start, self._selection.handles[start:end], end < available, warning)

    def _page_info(self, _: object) -> Row:
        page = self.page
        if self._after is not None and self._query in self._options.repeat_cursor:
            return {"endCursor": self._after, "hasNextPage": True}
        end = make_cursor(self._fingerprint, page.start + len(page.handles)) if page.handles else None
        return {"endCursor": end, "hasNextPage": page.has_next}

    def _rows(self) -> list[tuple[int, Row | None]]:
        """Positions after the rows, and the rows, with nulls between them where they are asked for."""
        rows: list[tuple[int, Row | None]] = []
        nulls = self._query in self._options.null_nodes
        key = self._options.rows_without_key.get(self._query)
        for position, whole in enumerate(self._selection.materialize(self.page.handles), self.page.start + 1):
            row = whole if key is None or position % _NULL_KEY_EVERY else {**whole, key: None}
            if nulls and position % _NULL_NODE_EVERY == 1:
                rows.append((position - 1, None))
            rows.append((position, row))
        return rows

    def _nodes(self, _: object) -> list[Row | None]:
        return [row for _, row in self._rows()]

    def _edges(self, _: object) -> list[Row]:
        return [{"cursor": make_cursor(self._fingerprint, at), "node": row} for at, row in self._rows()]
