"""What a pretend LMS must offer to be served: the vendor's routes, and its contents for people and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the human page. `total` is how many rows there are when `rows` holds only the first."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class RequestClass:
    """How a request is counted: `label`, say `GET /v1/courses/{id}`, and whether it may change anything."""

    label: str
    is_write: bool


class PretendLms(Protocol):
    """A vendor's API over data in memory. All methods are called in the server's thread."""

    @property
    def name(self) -> str:
        """Lower-case vendor name, for example `skilljar`."""

    @property
    def app(self) -> ASGIApp:
        """ASGI application with the vendor's own routes and nothing else."""

    def state(self) -> dict[str, Any]:
        """Everything the LMS holds, as JSON values."""

    def summary(self) -> Sequence[Table]:
        """What a person wants to see at a glance."""


@runtime_checkable
class ClassifiesRequests(Protocol):
    """A pretend LMS whose requests cannot be told apart by route, as with GraphQL."""

    def classify(self, method: str, path: str, body: bytes) -> RequestClass:
        """Label and kind of a request; must not raise on malformed input."""
