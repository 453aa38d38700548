"""Airbyte destination that upserts learning data into Pluvo."""

from destination_pluvo.destination import DestinationPluvo

__all__ = ["DestinationPluvo"]
