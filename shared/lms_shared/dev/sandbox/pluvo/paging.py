"""Connections: pages of at most so many, by cursor or offset (pagination page)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from lms_shared.dev.sandbox.graphql_api.cursors import fingerprint, make_cursor, read_cursor
from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.options import PageOverrun, PluvoOptions
from lms_shared.dev.sandbox.pluvo.organization import Organization

T = TypeVar("T")
Arguments = Mapping[str, Any]


def connection(
    organization: Organization,
    name: str,
    arguments: Arguments,
    select: Callable[[], Sequence[T]],
    materialize: Callable[[T], Any] = lambda row: row,
) -> dict[str, Any]:
    """One page of what `select` gives; each of its rows goes through `materialize`.

    Raises ApiError on page sizes and cursors that are no good.
    """
    owner = fingerprint(name, arguments)
    rows = organization.selection(owner, select)
    start, end = _bounds(arguments, owner, len(rows), organization.options)
    edges = [
        {"cursor": make_cursor(owner, position), "node": materialize(row)}
        for position, row in enumerate(rows[start:end], start + 1)
    ]
    page_info = {
        "hasNextPage": end < len(rows),
        "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    return {"edges": edges, "pageInfo": page_info, "count": len(rows)}


def _bounds(arguments: Arguments, owner: str, total: int, options: PluvoOptions) -> tuple[int, int]:
    start, end = 0, total
    if (after := arguments.get("after")) is not None:
        start = read_cursor(after, owner)
    if (before := arguments.get("before")) is not None:
        end = min(end, read_cursor(before, owner, "before") - 1)
    start += _not_negative(arguments, "offset") or 0
    first, last = _size(arguments, "first", options), _size(arguments, "last", options)
    if first is None and last is None:
        first = options.default_page_size
    if first is not None:
        end = min(end, start + first)
    if last is not None:
        start = max(start, end - last)
    return min(start, total), max(min(start, total), end)


def _size(arguments: Arguments, name: str, options: PluvoOptions) -> int | None:
    size = _not_negative(arguments, name)
    if size is None or size <= options.max_page_size:
        return size
    if options.page_overrun is PageOverrun.CUT:
        return options.max_page_size
    raise ApiError(f"{name} must not exceed {options.max_page_size}")


def _not_negative(arguments: Arguments, name: str) -> int | None:
    value: int | None = arguments.get(name)
    if value is not None and value < 0:
        raise ApiError(f"{name} must not be negative")
    return value
