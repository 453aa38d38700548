"""Instants as text: ISO 8601 in UTC with milliseconds and Z, as in the API's own values (planAdmins page).

Texts of this one form are compared as they are. Whatever else is an instant is brought into it first: fractions of 0 to
9 digits, other zones, none at all (UTC then), a date alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Instant = str
"""For example `2026-03-05T02:00:00.000Z`."""

EPOCH: Instant = "1970-01-01T00:00:00.000Z"
"""Before everything: as a lower bound it is not sent."""

_LENGTH = len(EPOCH)


def instant_of(value: Any) -> Instant | None:
    """The instant that a value says, None where it says none. What is finer than a millisecond is cut off."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> Instant:
    """An aware moment as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.").rjust(20, "0") + f"{moment.microsecond // 1000:03d}Z"


def moment_of(instant: Instant) -> datetime:
    """The reverse of `written`."""
    return datetime.fromisoformat(instant)


def shifted(instant: Instant, by: timedelta) -> Instant:
    """The instant so much later; EPOCH where that would be before it."""
    try:
        return max(EPOCH, written(moment_of(instant) + by))
    except OverflowError:
        return EPOCH if by < timedelta() else instant


def newest(values: Iterable[Any]) -> Instant | None:
    """The latest instant among values of which some may be none."""
    found = list(values)
    try:
        # The API's own form throughout, which is the rule: a million rows are compared without being parsed.
        latest = max(found)
        if min(map(len, found)) == max(map(len, found)) == _LENGTH and all(map(_ends_in_z, found)):
            return instant_of(latest)
    except (TypeError, ValueError):
        pass
    return max((one for one in map(instant_of, found) if one is not None), default=None)


def _ends_in_z(text: str) -> bool:
    return text[-1] == "Z"
