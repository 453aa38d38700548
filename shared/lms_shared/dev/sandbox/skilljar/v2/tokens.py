"""Clients and tokens of version 2: client credentials for a token that lives for minutes (skilljar-v2, 1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lms_shared.dev.sandbox.skilljar.v2.documents import V2Error

ALL_SCOPES = frozenset(
    {
        "enrollments:read",
        "enrollments:write",
        "certificates:read",
        "lessons:read",
        "quizzes:read",
        "question-banks:read",
        "courses:read",
        "published-courses:read",
        "domains:read",
        "students:read",
    }
)


@dataclass(frozen=True)
class V2Client:
    """A client of the API: its secret and what it may do."""

    secret: str
    scopes: frozenset[str] = ALL_SCOPES


@dataclass(frozen=True)
class _Grant:
    scopes: frozenset[str]
    ends_at: float


class TokenRefused(Exception):
    """A request for a token that is answered with an OAuth error."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.document = {"error": error, "error_description": description}


class Tokens:
    """Issues tokens and knows what they allow. Not thread-safe."""

    def __init__(self, clients: Mapping[str, V2Client], seconds: int, clock: Callable[[], float]) -> None:
        self._clients = clients
        self._seconds = seconds
        self._clock = clock
        self._grants: dict[str, _Grant] = {}

    def issue(self, body: Any) -> dict[str, Any]:
        """The answer to a request for a token. Raises TokenRefused."""
        asked = body if isinstance(body, dict) else {}
        if asked.get("grant_type", "client_credentials") != "client_credentials":
            raise TokenRefused(400, "invalid_request", "This grant is not offered.")
        client = self._clients.get(str(asked.get("client_id")))
        if client is None or client.secret != asked.get("client_secret"):
            raise TokenRefused(401, "invalid_client", "Unknown client or wrong secret.")
        ends_at = self._clock() + self._seconds
        token = _token(len(self._grants), client.scopes, ends_at)
        self._grants[token] = _Grant(client.scopes, ends_at)
        return {"access_token": token, "expires_in": self._seconds, "token_type": "Bearer", "refresh_token": None}

    def require(self, header: bytes | None, scopes: frozenset[str]) -> None:
        """Raises V2Error: 401 for a token that is missing or dead, 403 for one that lacks all of `scopes`."""
        scheme, _, token = (header or b"").decode("latin-1").partition(" ")
        grant = self._grants.get(token) if scheme.lower() == "bearer" else None
        if grant is None or grant.ends_at <= self._clock():
            raise V2Error(401, "not_authenticated", "The token is missing, unknown or expired.")
        if not grant.scopes & scopes:
            raise V2Error(403, "permission_denied", f"One of these scopes is needed: {', '.join(sorted(scopes))}.")

    def expire(self) -> None:
        """Ends all tokens at once, as a rotated secret does."""
        self._grants.clear()


def _token(number: int, scopes: frozenset[str], ends_at: float) -> str:
    """A JWT by its looks; the scopes stand in a list, in the claim `scopes` (observed)."""
    claims = {"scopes": sorted(scopes), "exp": int(ends_at), "jti": str(number)}
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), "s"])
