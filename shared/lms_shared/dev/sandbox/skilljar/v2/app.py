"""The HTTP side of version 2: tokens, scopes, lists, batches, and both media types."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lms_shared.dev.sandbox.skilljar.errors import ApiError
from lms_shared.dev.sandbox.skilljar.options import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.quota import Quota
from lms_shared.dev.sandbox.skilljar.store import Store
from lms_shared.dev.sandbox.skilljar.v2 import enrolling
from lms_shared.dev.sandbox.skilljar.v2.collections import COLLECTIONS, Collection
from lms_shared.dev.sandbox.skilljar.v2.documents import Batch, Document, V2Error, unfit
from lms_shared.dev.sandbox.skilljar.v2.tokens import TokenRefused, Tokens

JSON = "application/json"
VENDOR_JSON = "application/vnd.api+json"
TOKEN_PATH = "/v2/auth/token"  # noqa: S105 - an address
_WRITES = frozenset({"enrollments:write"})

Endpoint = Callable[[Request], Awaitable[Response]]


class VersionTwo:
    """The routes of version 2 over the store of version 1. `lock` is held while a request is executed."""

    def __init__(self, store: Store, options: SkilljarOptions, lock: Lock, quota: Quota) -> None:
        self.tokens = Tokens(options.v2_clients, options.v2_token_seconds, options.clock)
        self._store = store
        self._options = options
        self._lock = lock
        self._quota = quota

    @property
    def routes(self) -> list[Route]:
        lists = [Route(one.path, self._list(one), methods=["GET"]) for one in COLLECTIONS]
        items = [Route(f"{one.path}{{row_id}}", self._item(one), methods=["GET"]) for one in COLLECTIONS]
        enrollments = Route("/v2/enrollments/", self._enrollments, methods=["GET", "POST", "PATCH"])
        completion = Route("/v2/enrollments/completion", self._batch(enrolling.complete), methods=["PATCH"])
        return [Route(TOKEN_PATH, self._token, methods=["POST"]), completion, enrollments, *lists, *items]

    async def _token(self, request: Request) -> Response:
        """Takes JSON; form-encoding works too (observed)."""
        raw = await request.body()
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        try:
            body = {name: one[-1] for name, one in parse_qs(raw.decode()).items()} if form else orjson.loads(raw)
            with self._lock:
                answer = self.tokens.issue(body)
        except (orjson.JSONDecodeError, UnicodeDecodeError):
            return _json(400, {"error": "invalid_request", "error_description": "The body is not valid JSON."})
        except TokenRefused as refusal:
            return _json(refusal.status, refusal.document)
        return _json(200, answer)

    async def _enrollments(self, request: Request) -> Response:
        act = {"POST": self._batch(enrolling.enroll), "PATCH": self._batch(enrolling.change)}
        return await act.get(request.method, self._list(COLLECTIONS[0]))(request)

    def _list(self, collection: Collection) -> Endpoint:
        def answer(request: Request, _: Any) -> Document:
            return collection.page(self._store, request.query_params, str(request.url))

        return self._endpoint(collection.scopes, answer)

    def _item(self, collection: Collection) -> Endpoint:
        def answer(request: Request, _: Any) -> Document:
            return collection.item(self._store, request.path_params["row_id"])

        return self._endpoint(collection.scopes, answer)

    def _batch(self, act: Callable[[Store, Any], Batch]) -> Endpoint:
        return self._endpoint(_WRITES, lambda _, body: act(self._store, body))

    def _endpoint(self, scopes: frozenset[str], answer: Callable[[Request, Any], Document | Batch]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            header = request.headers.get("authorization")
            try:
                with self._lock:
                    self.tokens.require(header.encode("latin-1") if header else None, scopes)
                    if self._options.v2_counts_in_quota:
                        self._quota.take()
                    result = answer(request, _parsed(raw) if raw else None)
            except V2Error as error:
                return self._answer(error.status, error.document())
            except ApiError as error:
                limited = V2Error(error.status, "throttled", "Too many requests.").document()
                return self._answer(error.status, limited, error.headers)
            if isinstance(result, Batch):
                return self._answer(result.status, result.document())
            return self._answer(200, result)

        return endpoint

    def _answer(self, status: int, document: Document, headers: dict[str, str] | None = None) -> Response:
        media_type = VENDOR_JSON if self._options.v2_vendor_media_type else JSON
        return Response(orjson.dumps(document), status, headers, media_type)


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unfit("The body is not valid JSON.") from error


def _json(status: int, document: Document) -> Response:
    return Response(orjson.dumps(document), status, media_type=JSON)
