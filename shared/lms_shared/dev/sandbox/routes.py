"""Names the route of a request (`GET /v1/courses/{course_id}`) before the application has seen it, so that
requests which meet a fault are counted under their route as well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from lms_shared.dev.sandbox.lms import RequestClass

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNKNOWN_ROUTE = "(no such route)"


@dataclass(slots=True)
class _Segment:
    literals: dict[str, _Segment] = field(default_factory=dict)
    parameter: _Segment | None = None
    template: str | None = None


class RouteNames:
    """Looks paths up in a tree of the application's routes; literal segments go before parameters."""

    def __init__(self, app: ASGIApp) -> None:
        self._root = _Segment()
        for template in _templates(app.routes if isinstance(app, Starlette) else []):
            self._add(template)

    def classify(self, method: str, path: str) -> RequestClass:
        """Label and kind of a request by method and path alone."""
        template = _find(self._root, path.strip("/").split("/"), 0) or UNKNOWN_ROUTE
        return RequestClass(f"{method} {template}", method not in SAFE_METHODS)

    def _add(self, template: str) -> None:
        node = self._root
        for segment in template.strip("/").split("/"):
            if "{" in segment:
                node.parameter = node.parameter or _Segment()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Segment())
        node.template = node.template or template


def _find(node: _Segment, segments: list[str], position: int) -> str | None:
    if position == len(segments):
        return node.template
    literal = node.literals.get(segments[position])
    found = _find(literal, segments, position + 1) if literal else None
    if found is None and node.parameter is not None:
        found = _find(node.parameter, segments, position + 1)
    return found


def _templates(routes: Iterable[BaseRoute], prefix: str = "") -> Iterable[str]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _templates(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield prefix + route.path_format
