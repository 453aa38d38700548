"""Spreads the reading of lists that carry no sign of a change over some days, so that each sync reads a share of them.

A parent's key chooses its moment in the period; at that moment, period after period, its children are due. What became
due since the last sync is read, so every list is read at least once in each period, however often syncs run, and the
state needs no entry per parent.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_PARTS = 2**32


def due_moment(key: tuple[object, ...], now: datetime, period: timedelta) -> datetime:
    """The latest moment, not after `now`, at which the children of this parent were due; `now` without a period."""
    if not period:
        return now
    part = int.from_bytes(blake2b(repr(key).encode(), digest_size=4).digest()) / _PARTS
    return now - (now - (_EPOCH + period * part)) % period
