"""Answers in which what was asked for is not there, as bug reports of other systems tell of them: a switch."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from starlette.responses import HTMLResponse, Response


class Shape(StrEnum):
    """What is sent in place of a good answer to a list query."""

    EMPTY_BODY = "empty body"
    NO_CONTENT = "204"
    NULL = "null"
    WEB_PAGE = "web page"
    HALF_A_BODY = "half a body"
    DATA_NULL = "data null"
    DATA_MISSING = "data missing"
    ROOT_NULL = "root null"
    ROOT_MISSING = "root missing"
    ROOT_A_TEXT = "root a text"
    ROWS_NULL = "rows null"
    ROWS_MISSING = "rows missing"
    ROWS_AN_OBJECT = "rows an object"
    ROWS_EMPTY = "rows empty, next kept"
    HALF_OF_THE_ROWS = "half of the rows"
    PAGE_INFO_NULL = "page info null"
    NO_CURSOR = "next page without a cursor"


@dataclass(frozen=True)
class Tampering:
    """Spoils the answers to one root query, from the `nth` on so many `times` (None: without end)."""

    root: str
    shape: Shape
    nth: int = 1
    times: int | None = 1


class Tamperer:
    """Counts answers by root query, and spoils those that it is told to."""

    def __init__(self, orders: Iterable[Tampering]) -> None:
        self._orders = tuple(orders)
        self._answers: Counter[str] = Counter()
        self.struck = 0
        """Answers that were spoilt."""

    def spoil(self, roots: Iterable[str], body: Mapping[str, Any]) -> Response | None:
        """What to send in place of an answer, None for the answer itself."""
        for root in roots:
            self._answers[root] += 1
            for order in self._orders:
                before = self._answers[root] - order.nth
                if order.root == root and before >= 0 and (order.times is None or before < order.times):
                    self.struck += 1
                    return _spoilt(order.shape, root, body)
        return None


def _spoilt(shape: Shape, root: str, body: Mapping[str, Any]) -> Response:
    match shape:
        case Shape.EMPTY_BODY:
            return Response(b"", 200, media_type="application/json")
        case Shape.NO_CONTENT:
            return Response(b"", 204)
        case Shape.NULL:
            return Response(b"null", 200, media_type="application/json")
        case Shape.WEB_PAGE:
            return HTMLResponse('<!DOCTYPE html><html><body><form action="/login">Sign in</form></body></html>')
        case Shape.HALF_A_BODY:
            whole = orjson.dumps(body)
            return Response(whole[: len(whole) // 2], 200, media_type="application/json")
    spoilt = copy.deepcopy(dict(body))
    _change(shape, root, spoilt)
    return Response(orjson.dumps(spoilt), 200, media_type="application/json")


def _change(shape: Shape, root: str, body: dict[str, Any]) -> None:
    match shape:
        case Shape.DATA_NULL:
            body["data"] = None
        case Shape.DATA_MISSING:
            body.pop("data", None)
        case Shape.ROOT_MISSING:
            body["data"].pop(root, None)
        case Shape.ROOT_A_TEXT:
            body["data"][root] = "maintenance"
        case Shape.ROOT_NULL:
            body["data"][root] = None
        case _:
            connection = (body.get("data") or {}).get(root)
            inside = connection if isinstance(connection, dict) else {}
            members = next((key for key in ("nodes", "edges") if key in inside), None)
            if members is None:
                # A bare list or a single object has nothing inside to spoil.
                body["data"][root] = None
            else:
                _change_connection(shape, inside, members)


def _change_connection(shape: Shape, connection: dict[str, Any], members: str) -> None:
    match shape:
        case Shape.ROWS_NULL:
            connection[members] = None
        case Shape.ROWS_MISSING:
            del connection[members]
        case Shape.ROWS_AN_OBJECT:
            connection[members] = {}
        case Shape.ROWS_EMPTY:
            connection[members] = []
        case Shape.HALF_OF_THE_ROWS:
            connection[members] = connection[members][: len(connection[members]) // 2]
        case Shape.PAGE_INFO_NULL:
            connection["pageInfo"] = None
        case Shape.NO_CURSOR:
            connection["pageInfo"] = {"hasNextPage": True, "endCursor": None}
