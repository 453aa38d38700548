"""Refusals of the pretend Skilljar in the shapes that the API's framework gives them."""

from __future__ import annotations

from typing import Any

NON_FIELD_ERRORS = "non_field_errors"


class ApiError(Exception):
    """A request that is answered with `status` and `body` instead of being executed."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def not_found(detail: str = "Not found.") -> ApiError:
    """404, alike for an unknown row and an unknown endpoint."""
    return ApiError(404, {"detail": detail})


def forbidden(detail: str = "You do not have permission to perform this action.") -> ApiError:
    """403 of a read-only key or of a feature that the organization lacks."""
    return ApiError(403, {"detail": detail})


def bad_request(**messages: Any) -> ApiError:
    """400 with a list of messages for each field; a message that is a dict or a list stays as it is."""
    body = {name: [text] if isinstance(text, str) else text for name, text in messages.items()}
    return ApiError(400, body)


def rule_broken(message: str) -> ApiError:
    """400 for a rule that concerns no single field."""
    return bad_request(**{NON_FIELD_ERRORS: message})
