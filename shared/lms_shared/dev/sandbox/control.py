"""The routes under /_sandbox/ with which people and tests look into a running pretend LMS and steer it."""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.gate import CONTROL_PREFIX, Gate
from lms_shared.dev.sandbox.lms import PretendLms
from lms_shared.dev.sandbox.page import render_page
from lms_shared.dev.sandbox.requests_log import RequestLog


class Control:
    """Serves the control routes of one LMS. `gate` is set once the gate, which needs the routes, is built."""

    gate: Gate

    def __init__(self, lms: PretendLms, requests: RequestLog) -> None:
        self._lms = lms
        self._requests = requests
        self.app = Starlette(
            routes=[
                Route(f"{CONTROL_PREFIX}", self._page, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}/", self._page, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}/state", self._state, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}/requests", self._show_requests, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}/requests/reset", self._reset_requests, methods=["POST"]),
                Route(f"{CONTROL_PREFIX}/faults", self._show_faults, methods=["GET"]),
                Route(f"{CONTROL_PREFIX}/faults", self._set_faults, methods=["PUT"]),
                Route(f"{CONTROL_PREFIX}/faults", self._clear_faults, methods=["DELETE"]),
            ]
        )

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(render_page(self._lms.name, self._lms.summary(), self._requests.to_json()))

    async def _state(self, _: Request) -> Response:
        return JSONResponse(self._lms.state())

    async def _show_requests(self, _: Request) -> Response:
        return JSONResponse(self._requests.to_json())

    async def _reset_requests(self, _: Request) -> Response:
        self._requests.reset()
        return JSONResponse(self._requests.to_json())

    async def _show_faults(self, _: Request) -> Response:
        return JSONResponse(self.gate.faults.to_json())

    async def _set_faults(self, request: Request) -> Response:
        try:
            value: Any = json.loads(await request.body())
            if not isinstance(value, dict):
                raise ValueError("a fault plan is a JSON object")
            self.gate.faults = FaultPlan.from_json(value)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self.gate.faults.to_json())

    async def _clear_faults(self, _: Request) -> Response:
        self.gate.faults = FaultPlan()
        return JSONResponse(self.gate.faults.to_json())
