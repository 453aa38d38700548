"""Airbyte source for the Pluralsight Skills GraphQL API."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from source_pluralsight.source import SourcePluralsight

__all__ = ["SourcePluralsight"]


def __getattr__(name: str) -> Any:
    """The connector's class, loaded when it is asked for and not with each part of the package."""
    if name != "SourcePluralsight":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from source_pluralsight.source import SourcePluralsight  # noqa: PLC0415

    return SourcePluralsight
