"""Airbyte source for the Pluralsight Skills GraphQL API."""

from source_pluralsight.source import SourcePluralsight

__all__ = ["SourcePluralsight"]
