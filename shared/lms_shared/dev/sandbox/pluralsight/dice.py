"""Repeatable chance: the same seed and place give the same value, whatever was asked for before."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime, timedelta

# The data ends with the nightly load of this day, whatever the real date, so that runs can be repeated.
LAST_LOAD = datetime(2026, 8, 28, 2, tzinfo=UTC)
HISTORY = timedelta(days=730)

_MASK = (1 << 64) - 1


def dice(seed: int, kind: str, index: int = 0) -> random.Random:
    """A generator for one object."""
    return random.Random(f"{seed}/{kind}/{index}")  # noqa: S311 - repeatable, not secret


def mix(seed: int, index: int) -> int:
    """64 well-mixed bits for a row, where a generator for each would cost too much (the splitmix64 finalizer)."""
    value = (index * 0x9E3779B97F4A7C15 + seed * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def make_uuid(generator: random.Random) -> str:
    """A random UUID in text form."""
    return str(uuid.UUID(int=generator.getrandbits(128), version=4))


def instant(moment: datetime) -> str:
    """A moment as the API writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def past(generator: random.Random, most_days: int, least_days: int = 0) -> datetime:
    """A moment between so many days before the last load."""
    return LAST_LOAD - timedelta(milliseconds=generator.randrange(least_days * 86_400_000, most_days * 86_400_000 + 1))


def to_millis(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def from_millis(millis: int) -> datetime:
    """The reverse of `to_millis`."""
    return datetime.fromtimestamp(millis // 1000, UTC).replace(microsecond=millis % 1000 * 1000)


def parse_instant(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 date or instant (UTC where it names no zone); raises ValueError."""
    moment = datetime.fromisoformat(text)
    return to_millis(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
