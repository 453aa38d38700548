"""Timestamps as the API writes them: UTC with a final Z, microseconds only if there are any."""

from __future__ import annotations

from datetime import UTC, datetime


def format_timestamp(moment: datetime) -> str:
    """ISO 8601 text in UTC."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def parse_timestamp(text: str) -> datetime:
    """Moment of an ISO 8601 text; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
