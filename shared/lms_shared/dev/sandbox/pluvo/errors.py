"""Errors of the API. The codes are made up, but for that of authentication: none are published."""

from __future__ import annotations

from graphql import GraphQLError

AUTH_CODE = "AuthenticationError"


class ApiError(GraphQLError):
    """An error with a code in its extensions."""

    def __init__(self, message: str, code: str | None = "ValidationError") -> None:
        super().__init__(message, extensions=None if code is None else {"code": code})


def not_found(kind: str) -> ApiError:
    """Something that is named does not exist."""
    return ApiError(f"{kind} does not exist", "NotFound")


def permission_denied(scope: str) -> ApiError:
    """The token lacks a scope."""
    return ApiError(f"The token has no scope {scope}", "PermissionDenied")


def authentication_failed() -> ApiError:
    """The token is missing, unknown or expired. Clients tell it by `Auth` in the code (request data page)."""
    return ApiError("The access token is missing or no longer valid", AUTH_CODE)
