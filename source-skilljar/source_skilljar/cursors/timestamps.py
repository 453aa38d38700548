"""Times as Skilljar writes them: ISO 8601 in UTC, with `Z`, an offset or neither, and any fraction of a second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def parse_timestamp(value: Any) -> datetime | None:
    """The moment, UTC where no offset is given; None if it is not a time. Digits below microseconds are cut off."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def format_timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
