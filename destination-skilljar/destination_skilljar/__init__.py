"""Airbyte destination that upserts learning data into Skilljar."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination_skilljar.destination import DestinationSkilljar

__all__ = ["DestinationSkilljar"]


def __getattr__(name: str) -> Any:
    """The connector's class, loaded when it is asked for and not with each part of the package."""
    if name != "DestinationSkilljar":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from destination_skilljar.destination import DestinationSkilljar  # noqa: PLC0415

    return DestinationSkilljar
