"""The shape of a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lms_shared.dev.sandbox.pluvo.organization import Organization

Arguments = Mapping[str, Any]
RootRule = Callable[[Organization, Arguments], Any]
"""Answers a query or carries out a mutation. Raises ApiError before anything has changed."""
FieldRule = Callable[[Organization, Any, Arguments], Any]
"""The value of a field of a record."""


def always(value: Any) -> FieldRule:
    """A field about which the pretend organization knows nothing more."""
    return lambda _organization, _row, _arguments: value
