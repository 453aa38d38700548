"""Airbyte source for version 1 of the Skilljar REST API."""
