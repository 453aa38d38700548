"""What all parts of the seeded organization draw on: the store, chance, and moments in the past."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lms_shared.dev.sandbox.skilljar.store import Row, Store
from lms_shared.dev.sandbox.skilljar.timestamps import format_timestamp

TODAY = datetime(2026, 9, 1, 8, tzinfo=UTC)


@dataclass(slots=True)
class Ground:
    """The organization under construction. The lists hold what later parts refer to."""

    store: Store
    chance: random.Random
    users: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    courses: list[Row] = field(default_factory=list)
    publications: list[Row] = field(default_factory=list)
    labels: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)

    def moment(self, days_ago: float, spread_days: float = 0.0) -> str:
        """A time some days before the organization's present; about half of them have microseconds."""
        at = TODAY - timedelta(days=days_ago + self.chance.random() * spread_days)
        exact = self.chance.random() < 0.5
        return format_timestamp(at if exact else at.replace(microsecond=0))

    def some(self, rows: Sequence[Row], most: int) -> list[Row]:
        """One to `most` different rows, or all when there are fewer."""
        return self.chance.sample(list(rows), min(len(rows), self.chance.randint(1, most)))
