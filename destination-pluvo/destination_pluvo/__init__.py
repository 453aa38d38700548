"""Airbyte destination that upserts learning data into Pluvo."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination_pluvo.destination import DestinationPluvo

__all__ = ["DestinationPluvo"]


def __getattr__(name: str) -> Any:
    """The connector's class, loaded when it is asked for and not with each part of the package."""
    if name != "DestinationPluvo":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from destination_pluvo.destination import DestinationPluvo  # noqa: PLC0415

    return DestinationPluvo
