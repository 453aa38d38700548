"""When an answer says that a call may be made again (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests


def retry_after(response: requests.Response | None) -> float | None:
    """Seconds that an answer asks to wait, given as number or as date.

    None where it asks for nothing that can be waited for: no header, one that cannot be read, zero, a moment gone by.
    """
    text = "" if response is None else response.headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text, response)
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _seconds_until(text: str, response: requests.Response | None) -> float:
    moment = _moment(text)
    if moment is None:
        return 0.0
    # By the clock that set the moment, where the answer shows it: ours may differ.
    told = _moment("" if response is None else response.headers.get("Date", ""))
    return (moment - (told or datetime.now(UTC))).total_seconds()


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
