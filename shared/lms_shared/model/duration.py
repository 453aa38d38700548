"""ISO 8601 durations of learning content, such as `PT1H30M`."""

from __future__ import annotations

import math

import pendulum


def duration_seconds(text: str) -> float | None:
    """Length in seconds of an ISO 8601 duration, or None where the text is not one.

    Years and months have no fixed length; they count as 365 and 30 days, as pendulum does.
    """
    if not text.startswith("P") or not text[-1].isalpha() or not any(c.isdigit() for c in text):
        return None
    try:
        parsed = pendulum.parse(text)
    except (ValueError, OverflowError):
        return None
    return parsed.total_seconds() if isinstance(parsed, pendulum.Duration) else None


def iso_duration(seconds: float) -> str:
    """A length in seconds as an ISO 8601 duration, rounded to whole seconds (`8124` → `PT2H15M24S`).

    Raises ValueError for a negative or non-finite length.
    """
    if not math.isfinite(seconds) or seconds < 0:
        raise ValueError("a duration is a finite number of seconds, 0 or more")
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{rest}S" if rest else ""]
    return "PT" + ("".join(parts) or "0S")
