"""Airbyte source for the Skilljar REST API."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from source_skilljar.source import SourceSkilljar

__all__ = ["SourceSkilljar"]


def __getattr__(name: str) -> Any:
    """The connector's class, loaded when it is asked for and not with each part of the package."""
    if name != "SourceSkilljar":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from source_skilljar.source import SourceSkilljar  # noqa: PLC0415

    return SourceSkilljar
