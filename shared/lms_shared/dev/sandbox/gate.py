"""What a request to a pretend LMS passes through, in this order: count, write hook, fault, latency, LMS."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lms_shared.dev.sandbox.faults import SPOILED, FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.lms import ClassifiesRequests, PretendLms
from lms_shared.dev.sandbox.requests_log import RequestLog, WriteEvent, WriteHook
from lms_shared.dev.sandbox.routes import RouteNames
from lms_shared.dev.sandbox.spoiling import holds_list, spoiled

CONTROL_PREFIX = "/_sandbox"
TRANSPORT_EXTENSION = "lms_sandbox.transport"

LATER_PAGE = re.compile(rb'(^|&)(page|cursor|page%5Bcursor%5D)=|"after(_\d+)?":\s*"')
"""What a query string, or the body of a GraphQL call, has that asks for a later page."""

_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_EXECUTED_FIRST = frozenset({FaultKind.DROP_AFTER, FaultKind.ERROR_AFTER, FaultKind.CUT_BODY})


class Gate:
    """ASGI application around a pretend LMS. `latency` is seconds before each request is executed."""

    def __init__(self, lms: PretendLms, control: ASGIApp, requests: RequestLog) -> None:
        self.latency = 0.0
        self.faults = FaultPlan()
        self.on_write: WriteHook | None = None
        self.note_lists = False
        """Whether the log says which answers held lists; see `RequestLog.lists`."""
        self._app = lms.app
        self._control = control
        self._requests = requests
        self._classifier = lms if isinstance(lms, ClassifiesRequests) else None
        self._routes = RouteNames(lms.app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path == CONTROL_PREFIX or path.startswith(CONTROL_PREFIX + "/"):
            await self._control(scope, receive, send)
            return
        body = await _read_body(receive)
        if body is None:
            return
        exchange = _Exchange(self._app, self._requests, scope, _replay(body, receive), send)
        method: str = scope["method"]
        request = (
            self._classifier.classify(method, path, body) if self._classifier else self._routes.classify(method, path)
        )
        number = self._requests.record(request)
        if self.on_write is not None and request.is_write:
            exchange.watch(self.on_write, WriteEvent("before", number, method, path, request.label))
        fault = self.faults.decide(method, path, scope["query_string"], body)
        if fault is not None:
            self._requests.record_fault(fault.kind.value)
        delay = self.latency + (fault.delay if fault is not None and fault.kind is FaultKind.SLOW else 0.0)
        if delay > 0:
            await asyncio.sleep(delay)
        if fault is None or fault.kind is FaultKind.SLOW:
            if self.note_lists:
                await exchange.execute_noted(request.label, body)
            else:
                await exchange.execute(send)
        elif fault.kind in SPOILED:
            await exchange.execute_then_spoil(fault, body)
        elif fault.kind in _EXECUTED_FIRST:
            await exchange.execute_then_fail(fault.kind)
        elif fault.kind is FaultKind.DROP_BEFORE:
            await exchange.drop()
        else:
            await _refusal(fault)(scope, receive, send)


class _Exchange:
    """One request and the ways in which it can be executed and answered."""

    def __init__(self, app: ASGIApp, requests: RequestLog, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._requests = requests
        self._scope = scope
        self._receive = receive
        self._send = send
        self._hook: WriteHook | None = None
        self._event: WriteEvent | None = None

    def watch(self, hook: WriteHook, event: WriteEvent) -> None:
        """Tell `hook` that the write comes, and once it was executed that it is done."""
        self._hook, self._event = hook, event
        hook(event)

    async def execute(self, send: Send) -> None:
        """Let the LMS answer through `send`."""

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answered(message["status"])
            await send(message)

        await self._app(self._scope, self._receive, observed)

    async def execute_noted(self, label: str, body: bytes) -> None:
        """Let the LMS answer, and take note of the lists in its answer."""
        start, answer = await self._executed()
        if start["status"] < 300:
            later = LATER_PAGE.search(body or self._scope["query_string"]) is not None
            self._requests.record_lists(label, holds_list(answer, body), later=later)
        await self._send(start)
        await self._send({"type": "http.response.body", "body": answer})

    async def execute_then_spoil(self, fault: FaultRule, body: bytes) -> None:
        """Let the LMS execute the request, and answer less than it said. A refusal stays as it is."""
        start, answer = await self._executed()
        if start["status"] < 300:
            answer = spoiled(fault.kind, str(Request(self._scope).url), body, answer, fault.field)
            status = 204 if fault.kind is FaultKind.NO_CONTENT else start["status"]
            kept = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            length = [] if status == 204 else [(b"content-length", str(len(answer)).encode())]
            start = {**start, "status": status, "headers": [*kept, *length]}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": answer})

    async def _executed(self) -> tuple[Message, bytes]:
        """The head of the LMS's answer, and its body."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.execute(keep)
        return messages[0], b"".join(message.get("body", b"") for message in messages)

    async def execute_then_fail(self, kind: FaultKind) -> None:
        """Let the LMS execute the request, and spoil the answer."""
        _, body = await self._executed()
        if kind is FaultKind.ERROR_AFTER:
            await _error_response(500)(self._scope, self._receive, self._send)
        elif kind is FaultKind.CUT_BODY:
            await self._send_half(body)
        else:
            await self.drop()

    async def drop(self) -> None:
        """Abort the connection without a byte of an answer."""
        self._transport().abort()
        await self._disconnected()

    async def _send_half(self, body: bytes) -> None:
        announced = max(len(body), 2)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(announced).encode())]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._send({"type": "http.response.body", "body": body[: announced // 2], "more_body": True})
        self._transport().close()
        await self._disconnected()

    async def _disconnected(self) -> None:
        # uvicorn reports an answer that was never completed as a bug of the application unless it has noticed
        # the end of the connection before the application returns.
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _answered(self, status: int) -> None:
        self._requests.record_status(status)
        if self._hook is not None and self._event is not None:
            event = self._event
            self._hook(replace(event, phase="after", status=status))

    def _transport(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self._scope["extensions"][TRANSPORT_EXTENSION])


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or None when the client went away before it was sent."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def _refusal(fault: FaultRule) -> Response:
    match fault.kind:
        case FaultKind.TOO_MANY_REQUESTS | FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER:
            seconds = fault.retry_after
            if fault.kind is FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER and seconds is None:
                seconds = 0
            return _error_response(429, seconds)
        case FaultKind.HTML:
            return HTMLResponse(_HTML.format("Scheduled maintenance"))
        case FaultKind.HTML_503:
            return HTMLResponse(_HTML.format("Service unavailable"), 503)
        case FaultKind.NOT_FOUND:
            return JSONResponse({"detail": "Not found."}, 404)
        case FaultKind.UNAUTHORIZED | FaultKind.FORBIDDEN:
            return _error_response(int(fault.kind))
        case FaultKind.UNAVAILABLE:
            return _error_response(503, fault.retry_after)
        case _:
            return _error_response(500)


def _error_response(status: int, retry_after: int | None = None) -> Response:
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse({"error": f"pretended trouble {status}"}, status, headers)
