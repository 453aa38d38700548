"""The access token of the organization: OAuth 2 client credentials (getting started page)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import requests

from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient
from lms_shared.http.credentials import BearerToken, Token, prove_token, token_of

TOKEN_PATH = "oauth/token/"  # noqa: S105 - an address; with its final slash, which the page says is mandatory
SCOPES = (
    "users.read",
    "users.write",
    "trainings.read",
    "trainings.write",
    "groups.read",
    "groups.write",
    "events.read",
    "events.write",
    "extra_categories.write",
)
"""Introduction page. Portfolio items and certificates have no scope of their own, so all are asked for."""


_REFUSALS = frozenset({401, 403})
"""Statuses by which the token address refuses credentials."""


class PluvoToken(BearerToken):
    """Renewed on a 401, and on an error whose code contains `Auth` (request data page)."""

    def refused(self, response: requests.Response) -> bool:
        if super().refused(response):
            return True
        if b'"errors"' not in response.content:
            return False
        try:
            body = response.json()
        except ValueError:
            return False
        if not isinstance(body, dict):
            return False
        errors, data = body.get("errors"), body.get("data")
        # Mutations that were carried out before the token ended must not be made again with the next one.
        done = isinstance(data, dict) and any(value is not None for value in data.values())
        return not done and isinstance(errors, list) and any("auth" in _code(one) for one in errors)


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code") or "").lower() if isinstance(extensions, dict) else ""


@dataclass(frozen=True)
class TokenDesk:
    """Where tokens are handed out."""

    client: JsonClient
    client_id: str
    client_secret: str

    def fetch(self) -> Token:
        """A new token with all scopes, or with those that the client has.

        Raises AirbyteTracedException (config_error) where the credentials or the address are wrong.
        """
        response = self._ask(scope=" ".join(SCOPES))
        if response.status_code == 400 and "invalid_scope" in response.text:
            response = self._ask()
        if response.status_code in (404, 405):
            raise config_error(
                f"There is no Pluvo at {self.client.base_url}. Correct organization, or base_url, which is scheme and "
                "host alone."
            )
        token = token_of(_json(response), SCOPES)
        if token is None:
            swapped = replace(self, client_id=self.client_secret, client_secret=self.client_id)
            if token_of(_json(swapped._ask()), SCOPES) is not None:
                raise config_error("client_id and client_secret are swapped. Enter each in the field of the other.")
            raise config_error(
                f"Pluvo refuses the credentials and gives no access token (status {response.status_code}"
                f"{_reason(response)}). Enter the client_id and client_secret of an active API client."
            )
        return token

    def _ask(self, **more: str) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            **more,
        }
        return self.client.call("POST", TOKEN_PATH, form=form, repeatable=True, judged=_REFUSALS, readable=prove_token)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _reason(response: requests.Response) -> str:
    body = _json(response)
    error = body.get("error") if isinstance(body, dict) else None
    return f", {error[:100]}" if isinstance(error, str) else ""
