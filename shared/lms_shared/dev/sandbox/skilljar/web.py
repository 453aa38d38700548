"""The HTTP side: routes, keys and the JSON in and out of the engine."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from threading import Lock
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lms_shared.dev.sandbox.skilljar.description import Operation
from lms_shared.dev.sandbox.skilljar.engine import Engine
from lms_shared.dev.sandbox.skilljar.errors import ApiError, forbidden
from lms_shared.dev.sandbox.skilljar.options import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.quota import Quota

V2_PREFIX = "/v2/"

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


def build_app(
    engine: Engine,
    operations: tuple[Operation, ...],
    options: SkilljarOptions,
    lock: Lock,
    quota: Quota,
    further: Sequence[Route] = (),
) -> Starlette:
    """The application with one route for each path. `lock` is held while a request is executed; `further` routes check
    by themselves who may call them."""
    by_path: dict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in operations:
        by_path[operation.path][operation.method] = operation
    routes = [
        Route(path, _endpoint(engine, by_path[path], lock), methods=sorted(by_path[path]))
        for path in sorted(by_path, key=_literal_segments_first)
    ]
    app = Starlette(
        routes=[*further, *routes],
        middleware=[Middleware(_Gatekeeper, options=options, quota=quota)],
        exception_handlers={HTTPException: _framework_error},
    )
    app.router.redirect_slashes = False
    return app


def _literal_segments_first(path: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in path.split("/")]


def _endpoint(
    engine: Engine, operations: Mapping[str, Operation], lock: Lock
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        try:
            body = _parsed(await request.body()) if method in _BODY_METHODS else None
            with lock:
                answer = engine.execute(
                    operations[method], request.path_params, request.query_params, str(request.url), body
                )
        except ApiError as error:
            return _error_response(error)
        return _response(answer.status, answer.body)

    return endpoint


class _Gatekeeper:
    """Checks the key of every request to version 1, known route or not, and the quota."""

    def __init__(self, app: ASGIApp, options: SkilljarOptions, quota: Quota) -> None:
        self._app = app
        self._options = options
        self._quota = quota

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(V2_PREFIX):
            await self._app(scope, receive, send)
            return
        if self._options.accept_trailing_slash and path.endswith("/") and path != "/":
            scope = {**scope, "path": path.rstrip("/"), "raw_path": None}
        try:
            self._admit(scope)
        except ApiError as error:
            await _error_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        header = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        key = _key_of(header)
        known = self._options.keys | self._options.read_only_keys
        if key not in known:
            detail = "Authentication credentials were not provided." if header is None else "Invalid API key."
            raise ApiError(401, {"detail": detail}, {"WWW-Authenticate": 'Basic realm="api"'})
        self._quota.take()
        if key not in self._options.keys and scope["method"] not in READING_METHODS:
            raise forbidden()


def _key_of(header: bytes | None) -> str | None:
    """The user name of a Basic header whose password is empty; any other form is no key."""
    scheme, _, credentials = (header or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, colon, password = base64.b64decode(credentials.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user if colon and not password else None


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, {"detail": f"JSON parse error - {error}"}) from error


def _response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    content = b"" if body is None else orjson.dumps(body)
    media_type = None if body is None else "application/json"
    return Response(content, status, headers, media_type)


def _error_response(error: ApiError) -> Response:
    return _response(error.status, error.body, error.headers)


async def _framework_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = {404: "Not found.", 405: f'Method "{request.method}" not allowed.'}
    return _response(error.status_code, {"detail": detail.get(error.status_code, error.detail)}, error.headers)
