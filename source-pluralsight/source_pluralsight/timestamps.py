"""The notation of instants: ISO 8601 in UTC with milliseconds and Z, as in the API's own values (planAdmins page)."""

from __future__ import annotations

from datetime import UTC

from airbyte_cdk.utils.datetime_helpers import ab_datetime_try_parse


def in_utc(value: str) -> str | None:
    """An instant in the API's notation, None when the text is none. What is finer than a millisecond is cut off."""
    moment = ab_datetime_try_parse(value)
    if moment is None:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
