"""Rows that claim to be from the future: a wrong clock, or a date that somebody typed."""

from __future__ import annotations

from lms_shared.dev.sandbox.skilljar.store import Store

FUTURE = "2099-12-31T23:59:59Z"
_STAMPS = ("created_at", "modified_at", "latest_activity", "enrolled_at", "joined_at", "sent_at", "purchased_at")


def add_future_rows(store: Store) -> None:
    """Moves the stamps of the first row of each table there."""
    for table in store.tables.values():
        row = next(iter(table), None)
        if row is not None:
            table.update(row, {name: FUTURE for name in _STAMPS if row.get(name)})
