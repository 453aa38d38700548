"""Airbyte destination that upserts learning data into Skilljar."""

from destination_skilljar.destination import DestinationSkilljar

__all__ = ["DestinationSkilljar"]
