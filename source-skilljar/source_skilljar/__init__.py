"""Airbyte source for the Skilljar REST API."""

from source_skilljar.source import SourceSkilljar

__all__ = ["SourceSkilljar"]
