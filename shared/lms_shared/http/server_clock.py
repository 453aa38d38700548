"""An API's clock, by the `Date` of its first answer: no state of a sync may be ahead of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

SAME = timedelta(seconds=2)
"""Less than this between two clocks is the rounding of `Date` and the way of the answer."""


class ServerClock:
    """How far the clock of an API is ahead of this machine's. Safe for threads."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None

    def note(self, response: requests.Response) -> None:
        """Takes note of an answer; the first one counts."""
        if self._ahead is None:
            self._ahead = _ahead(response.headers.get("Date"))

    def at(self, moment: datetime) -> datetime:
        """What the API's clock says at a moment of this machine's; the moment itself before the first answer."""
        return moment + (self._ahead or timedelta())


def _ahead(date: str | None) -> timedelta:
    if date is None:
        return timedelta()
    try:
        told = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return timedelta()
    ahead = (told if told.tzinfo else told.replace(tzinfo=UTC)) - datetime.now(UTC)
    return ahead if abs(ahead) >= SAME else timedelta()
