"""Credentials that wear out: a bearer token, cached, renewed before its end, and once when it is refused."""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import requests
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets
from requests.auth import AuthBase

from lms_shared.http.outcome import UnreadableAnswer

RENEWED_AT = 23 / 24
"""Share of a token's life after which the next one is fetched."""


class RenewableAuth(AuthBase):
    """Credentials that the client renews once when an answer says that they are worn out."""

    @abstractmethod
    def refused(self, response: requests.Response) -> bool:
        """Whether the answer says that the credentials of its request are not, or no longer, good."""

    @abstractmethod
    def renew(self, response: requests.Response) -> None:
        """Gets new credentials, unless that was done since the request of the answer was made."""


@dataclass(frozen=True)
class Token:
    """An access token, the scopes that came with it, and how long it lives, in seconds."""

    value: str
    scopes: frozenset[str]
    life: float


class BearerToken(RenewableAuth):
    """A bearer token, fetched when it is first needed. Safe for threads, and fetched by one of them."""

    def __init__(
        self,
        fetch: Callable[[], Token],
        clock: Callable[[], float] = time.monotonic,
        renewed_before_end: float | None = None,
    ) -> None:
        """`renewed_before_end` in seconds; by default a token is renewed after a share of its life."""
        self._fetch = fetch
        self._renewed_before_end = renewed_before_end
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = _header(self.token())
        return request

    def token(self) -> Token:
        """The token in force. Raises what fetching raises."""
        with self._lock:
            if self._token is None or self._clock() >= self._renew_at:
                self._token = self._fetch()
                self._renew_at = self._clock() + self._kept_for(self._token.life)
                # The CDK masks it wherever it might be printed.
                add_to_secrets(self._token.value)
            return self._token

    def _kept_for(self, life: float) -> float:
        early = self._renewed_before_end
        return life * RENEWED_AT if early is None or early >= life else life - early

    def refused(self, response: requests.Response) -> bool:
        return response.status_code == 401

    def renew(self, response: requests.Response) -> None:
        with self._lock:
            if self._token and response.request.headers.get("Authorization") == _header(self._token):
                self._token = None
        self.token()


def token_of(body: Any, asked: Iterable[str]) -> Token | None:
    """The token in the answer of a token address (RFC 6749, section 5.1), or None if there is none.

    An answer without `scope` grants what was asked for; one without `expires_in` is taken to live for an hour.
    """
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        return None
    scope, life = body.get("scope"), body.get("expires_in")
    scopes = frozenset(scope.split()) if isinstance(scope, str) else frozenset(asked)
    seconds = float(life) if isinstance(life, int | float) and not isinstance(life, bool) else 3600.0
    return Token(body["access_token"], scopes, seconds)


def prove_token(response: requests.Response) -> None:
    """Raises UnreadableAnswer for a success that neither hands out a token nor refuses one (RFC 6749, section 5).

    Such an answer says nothing about the credentials: it is one of a proxy, or of a server in trouble.
    """
    try:
        body = response.json()
    except ValueError:
        body = None
    if token_of(body, ()) is None and not (isinstance(body, dict) and body.get("error")):
        raise UnreadableAnswer("neither a token nor an error")


def _header(token: Token) -> str:
    return f"Bearer {token.value}"
