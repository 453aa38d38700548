"""OAuth 2 client credentials, tokens, and the scope that each query and mutation needs (introduction page)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from lms_shared.dev.sandbox.pluvo.errors import permission_denied
from lms_shared.dev.sandbox.pluvo.options import ALL_SCOPES, PluvoOptions

_PORTFOLIO = "portfolio"
"""Stands for the family of scopes of portfolio and certificates, which have none of their own."""

_OPERATIONS: Mapping[str, str] = {
    "users.read": "user users paginatedUsers",
    "users.write": "createUser updateUser updateOrCreateUser archiveUsers",
    "groups.read": "group groups paginatedGroups",
    "groups.write": "createGroup updateGroup deleteGroup deleteGroups addUsersToGroup removeUsersFromGroup"
    " addManagersToGroup removeManagersFromGroup",
    "trainings.read": "training trainings paginatedTrainings",
    "trainings.write": "createTraining updateTraining addUsersToTraining removeUsersFromTraining",
    # Offers and enrollments have no scopes named after them.
    "events.read": "offer offers offerEvent enrollment enrollments",
    "events.write": "createOffer updateOffer archiveOffers createOfferEvent updateOfferEvent deleteOfferEvent"
    " createOfferEventEnrollments enrollUserInOfferEvent unenrollUserFromOfferEvent",
    "extra_categories.write": "createExtraCategory updateExtraCategory archiveExtraCategories"
    " updateExtraCategoryValues",
    f"{_PORTFOLIO}.read": "portfolioItem portfolioItems portfolioReport certificates",
    f"{_PORTFOLIO}.write": "createPortfolioItem updatePortfolioItem deletePortfolioItem generateCertificate",
}
# The queries of extra categories are not listed: there is no scope for reading them, so that any token may.
_SCOPE_OF: Mapping[str, str] = {name: scope for scope, names in _OPERATIONS.items() for name in names.split()}


def require_scope(operation: str, scopes: frozenset[str], portfolio_scopes: str) -> None:
    """Raises ApiError when a query or mutation needs a scope that is not among those of the token."""
    scope = _SCOPE_OF.get(operation, "").replace(_PORTFOLIO, portfolio_scopes)
    if scope and scope not in scopes:
        raise permission_denied(scope)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """Status and body of an answer of the token address."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """A token in force until a moment of the options' clock."""

    scopes: frozenset[str]
    ends: float


class TokenDesk:
    """Hands out tokens and knows those in force."""

    def __init__(self, options: PluvoOptions) -> None:
        self._options = options
        self._clients = {client.id: client for client in options.clients}
        self._tokens: dict[str, Token] = {}

    def expire_all(self) -> None:
        """End all tokens before their time."""
        self._tokens.clear()

    def issue(self, content_type: str, body: bytes) -> TokenAnswer:
        """Answer a request for a token. The form fields are the only place that is looked at for credentials."""
        if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            return _refused(400, "invalid_request")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if "grant_type" not in form:
            return _refused(400, "invalid_request")
        if form["grant_type"] != "client_credentials":
            return _refused(400, "unsupported_grant_type")
        client = self._clients.get(form.get("client_id", ""))
        if client is None or client.secret != form.get("client_secret"):
            return _refused(401, "invalid_client")
        # Without `scope` a client gets all that it may have (inferred).
        scopes = frozenset(form.get("scope", "").split()) or client.scopes
        if not scopes <= client.scopes & ALL_SCOPES:
            return _refused(400, "invalid_scope")
        text = secrets.token_urlsafe(24)
        life = self._options.token_life_seconds
        self._tokens[text] = Token(scopes, self._options.clock() + life)
        return TokenAnswer(
            200,
            {"access_token": text, "token_type": "Bearer", "expires_in": life, "scope": " ".join(sorted(scopes))},
        )

    def scopes_of(self, authorization: str | None) -> frozenset[str] | None:
        """The scopes of the token in an Authorization header, or None when there is none in force."""
        scheme, _, value = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = self._tokens.get(value.strip())
        if token is None or token.ends <= self._options.clock():
            self._tokens.pop(value.strip(), None)
            return None
        return token.scopes


def _refused(status: int, error: str) -> TokenAnswer:
    return TokenAnswer(status, {"error": error})
