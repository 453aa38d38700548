"""The access token of a version 2 client: client credentials for a token that lives for some minutes.

It is kept in memory, renewed a minute before its end, and once on a 401. What it allows stands in the token itself, in
the claim `scopes`, a list (observed; Skilljar API version 2, transport).
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

import requests

from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient
from lms_shared.http.credentials import Token, prove_token, token_of

TOKEN_PATH = "auth/token"  # noqa: S105 - an address
_REFUSALS = frozenset({401, 403})
RENEWED_BEFORE_END = 60.0
"""Seconds before its end at which a token is renewed."""


@dataclass(frozen=True)
class TokenDesk:
    """Where tokens are handed out. `client` calls without credentials."""

    client: JsonClient
    client_id: str
    client_secret: str

    def fetch(self) -> Token:
        """A new token with the scopes of the client.

        Raises AirbyteTracedException (config_error) where the client is refused; version 1 does not step in.
        """
        body = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
        response = self.client.call(
            "POST", TOKEN_PATH, json=body, repeatable=True, judged=_REFUSALS, readable=prove_token
        )
        answer = _json(response)
        token = token_of(answer, ())
        if token is None and not (isinstance(answer, dict) and "error" in answer):
            raise config_error(
                f"{self.client.base_url} does not hand out tokens (status {response.status_code}). Correct "
                "v2_base_url; it ends with /v2."
            )
        if token is None:
            raise config_error(
                f"Skilljar refuses the client of version 2 (status {response.status_code}, "
                f"{str(answer['error'])[:100]}). Check v2_client_id and v2_client_secret: a key of version 1 does not "
                "work here, and rotating a secret ends the one before."
            )
        return Token(token.value, scopes_of(token.value), token.life)


def scopes_of(token: str) -> frozenset[str]:
    """What a token allows, by its own claims; nothing where they cannot be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return frozenset()
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return frozenset()
    scopes = claims.get("scopes") if isinstance(claims, dict) else None
    return frozenset(one for one in scopes if isinstance(one, str)) if isinstance(scopes, list) else frozenset()


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
