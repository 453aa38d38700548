"""The HTTP side: the token address, the GraphQL address, and both without their final slash."""

from __future__ import annotations

import math
from threading import Lock

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lms_shared.dev.sandbox.graphql_api.messages import GraphQLAnswer, read_request
from lms_shared.dev.sandbox.pluvo.access import TokenDesk
from lms_shared.dev.sandbox.pluvo.errors import ApiError, authentication_failed
from lms_shared.dev.sandbox.pluvo.execution import Api
from lms_shared.dev.sandbox.pluvo.options import AuthRefusal, PluvoOptions, SlashlessAnswer
from lms_shared.dev.sandbox.request_windows import MINUTE_SECONDS, RequestWindows

GRAPHQL_PATH = "/graphql/"
TOKEN_PATH = "/oauth/token/"  # noqa: S105 - an address

_ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Web:
    """The application. `lock` is held while a document is executed."""

    def __init__(self, api: Api, desk: TokenDesk, options: PluvoOptions, lock: Lock) -> None:
        self._api = api
        self._desk = desk
        self._options = options
        self._lock = lock
        self._windows = RequestWindows([(options.requests_per_minute, MINUTE_SECONDS)], options.clock)
        routes = [
            Route(GRAPHQL_PATH, self._graphql, methods=["POST"]),
            Route(TOKEN_PATH, self._token, methods=["POST"]),
        ]
        if options.slashless is SlashlessAnswer.REDIRECT:
            slashless = (path.rstrip("/") for path in (GRAPHQL_PATH, TOKEN_PATH))
            routes += [Route(path, _redirect, methods=_ANY_METHOD) for path in slashless]
        self.app = Starlette(routes=routes)
        self.app.router.redirect_slashes = False

    async def _token(self, request: Request) -> Response:
        answer = self._desk.issue(request.headers.get("content-type", ""), await request.body())
        headers = {"Cache-Control": "no-store"}
        return Response(orjson.dumps(answer.body), answer.status, headers, "application/json")

    async def _graphql(self, request: Request) -> Response:
        return self._answer(request, await request.body()).to_response()

    def _answer(self, request: Request, body: bytes) -> GraphQLAnswer:
        scopes = self._desk.scopes_of(request.headers.get("authorization"))
        if scopes is None:
            status = 401 if self._options.auth_refusal is AuthRefusal.UNAUTHORIZED else 200
            return GraphQLAnswer.refusal(status, authentication_failed())
        if (wait := self._windows.take()) > 0:
            refusal = GraphQLAnswer.refusal(429, ApiError("Too many requests", "RateLimited"))
            return GraphQLAnswer(429, refusal.body, {"Retry-After": str(max(1, math.ceil(wait)))})
        graphql_request = read_request(body) if _is_json(request) else None
        if graphql_request is None:
            return GraphQLAnswer.refusal(400, ApiError("The body must be one JSON object with a query"))
        with self._lock:
            return self._api.answer(graphql_request, scopes)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def _redirect(request: Request) -> Response:
    return Response(status_code=301, headers={"Location": f"{request.url.path}/"})
