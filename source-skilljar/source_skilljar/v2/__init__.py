"""Streams of version 2 of the API, read organization-wide in windows of time."""
