"""Answers that say less than they should, or something else: how the rows of a list get lost between LMS and client.

Only what is a list is spoiled: pages of a REST API, bare arrays, and in GraphQL answers the connections and arrays of
the fields that were asked for. An object that was looked up by its key stays as it is. Pure: bytes in, bytes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

from lms_shared.dev.sandbox.faults import FaultKind


def spoiled(kind: FaultKind, request_url: str, request_body: bytes, answer: bytes, field: str | None) -> bytes:
    """The answer as it arrives. `field` names the root field of a GraphQL document that is meant; None: all."""
    body = _decoded(answer)
    match kind:
        case FaultKind.EMPTY_BODY | FaultKind.NO_CONTENT:
            return b""
        case FaultKind.NULL:
            return b"null"
        case FaultKind.DATA_NULL:
            return orjson.dumps({"data": None, "errors": [{"message": "Something went wrong"}]})
        case _ if isinstance(body, dict) and isinstance(body.get("data"), dict):
            return orjson.dumps({**body, "data": _fields(kind, body["data"], _cursors(request_body, field))})
        case _:
            return orjson.dumps(_page(kind, body, request_url))


def holds_list(answer: bytes, request_body: bytes = b"") -> set[str]:
    """Names of the root fields of a GraphQL answer that hold a list at any depth; of a REST answer the name `` where it
    is a list."""
    body = _decoded(answer)
    if isinstance(body, dict) and isinstance(body.get("data"), dict):
        names = _names(request_body)
        return {names.get(alias, alias) for alias, value in body["data"].items() if _any_list(value)}
    return {""} if isinstance(body, list) or _rows_key(body) is not None else set()


def _rows_key(body: Any) -> str | None:
    """What holds the rows of a page: `results`, or `data` beside a cursor (Skilljar API version 2)."""
    if not isinstance(body, dict):
        return None
    named = ("results", "data") if "has_more" in body else ("results",)
    return next((name for name in named if isinstance(body.get(name), list)), None)


def _page(kind: FaultKind, body: Any, url: str) -> Any:
    if isinstance(body, list):
        return body if kind is FaultKind.ROWS_HALF else _rows(kind, body)
    key = _rows_key(body)
    if key is None:
        return body
    match kind:
        case FaultKind.ROWS_MISSING:
            return {name: value for name, value in body.items() if name != key}
        case FaultKind.ROWS_GONE:
            return {**body, key: []}
        case FaultKind.PAGE_REPEATS if "has_more" in body:
            # A first page has no cursor of its own that could come again.
            cursor = dict(parse_qsl(urlsplit(url).query)).get("page[cursor]")
            return {**body, "has_more": True, "next_cursor": cursor} if cursor else body
        case FaultKind.PAGE_REPEATS:
            return {**body, "next": url}
        case _:
            return {**body, key: _rows(kind, body[key])}


def _rows(kind: FaultKind, rows: list[Any]) -> Any:
    match kind:
        case FaultKind.ROWS_NULL | FaultKind.ROOT_NULL | FaultKind.ROWS_MISSING:
            return None
        case FaultKind.ROWS_TEXT:
            return "rows"
        case FaultKind.ROWS_HALF:
            return rows[: len(rows) // 2]
        case _:
            return rows


def _fields(kind: FaultKind, data: Mapping[str, Any], cursors: Mapping[str, str | None]) -> dict[str, Any]:
    """The root fields, spoiled where they have an entry: the cursor that they were asked for with."""
    return {alias: _value(kind, value, cursors[alias]) if alias in cursors else value for alias, value in data.items()}


def _value(kind: FaultKind, value: Any, cursor: str | None) -> Any:
    if isinstance(value, list):
        return value if kind is FaultKind.ROWS_HALF else _rows(kind, value)
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("edges"), list):
        return _connection(kind, value, cursor)
    return {name: _value(kind, one, cursor) if isinstance(one, dict | list) else one for name, one in value.items()}


def _connection(kind: FaultKind, value: dict[str, Any], cursor: str | None) -> Any:
    match kind:
        case FaultKind.ROOT_NULL:
            return None
        case FaultKind.ROWS_MISSING:
            return {name: one for name, one in value.items() if name != "edges"}
        case FaultKind.ROWS_GONE:
            return {**value, "edges": []}
        case FaultKind.PAGE_REPEATS:
            # A first page has no cursor of its own that could come again.
            info = {**value["pageInfo"], "hasNextPage": True, "endCursor": cursor}
            return {**value, "pageInfo": info} if cursor else value
        case _:
            return {**value, "edges": _rows(kind, value["edges"])}


def _cursors(request_body: bytes, field: str | None) -> dict[str, str | None]:
    """The aliases of a root field (None: of all), with the cursors that they were asked for with.

    The variables of a document of several fields end with the number of the field's alias.
    """
    request = _decoded(request_body)
    variables = (request.get("variables") if isinstance(request, dict) else None) or {}
    return {
        alias: variables.get(f"after_{alias.lstrip('a')}", variables.get("after"))
        for alias, name in _names(request_body).items()
        if field in (None, name)
    }


def _names(request_body: bytes) -> dict[str, str]:
    """The root fields of a document by their aliases."""
    request = _decoded(request_body)
    try:
        document = parse(str(request.get("query"))) if isinstance(request, dict) else None
    except GraphQLError:
        return {}
    operations = [one for one in (document.definitions if document else ()) if isinstance(one, OperationDefinitionNode)]
    roots = [
        one for operation in operations for one in operation.selection_set.selections if isinstance(one, FieldNode)
    ]
    return {(root.alias or root.name).value: root.name.value for root in roots}


def _any_list(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and any(map(_any_list, value.values())))


def _decoded(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
