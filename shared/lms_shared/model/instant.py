"""Points in time, as texts of ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from airbyte_cdk.utils.datetime_helpers import ab_datetime_try_parse

# The parser guesses: a bare number is an epoch to it, a date range some time of the day. So it is given ISO 8601 only.
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?([Zz]|UTC|[+-][0-9]{2}(:?[0-9]{2})?))?)?"
)


def parse_instant(value: object) -> datetime | None:
    """A point in time as an aware datetime in UTC, or None if the text is not a time."""
    return _parse(value.strip()) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _parse(text: str) -> datetime | None:
    if not _INSTANT.fullmatch(text):
        return None
    try:
        parsed = ab_datetime_try_parse(text)
        return None if parsed is None else _plain(parsed)
    except (ValueError, OverflowError):  # an offset of days, or a time outside of the calendar in UTC
        return None


def format_instant(value: datetime) -> str:
    """ISO 8601 in UTC with `Z`; microseconds only if there are any."""
    return f"{_plain(value).replace(tzinfo=None).isoformat(timespec='auto')}Z"


def _plain(value: datetime) -> datetime:
    """A plain datetime in UTC: `replace` of an AirbyteDateTime gives one with a zone back on Python 3.13."""
    moment = value.astimezone(UTC)
    return datetime.combine(moment.date(), moment.time(), UTC)


_FIRST_PLAUSIBLE = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


def is_plausible(moment: datetime | None) -> bool:
    """Whether something can have happened then. 1970 and 9999 stand for "unknown" and "never" in many systems."""
    return moment is not None and _FIRST_PLAUSIBLE <= moment <= datetime.now(UTC) + _AHEAD
