"""How much a read brings, and how long it still takes: the pages that are left, at the pace of those that were read.

How many rows and pages a list has is known from its `totalCount` once its first page is there; what hangs below a
record of a parent counts as one page until then. Nothing is said before each stream is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from lms_shared.activity import Pace
from source_pluralsight.partitions.rows import Tally


def seconds_left(tallies: Mapping[str, Tally], clock: Callable[[], float] = monotonic) -> Callable[[], float | None]:
    """Gives a function that says how long reading these streams still takes, None while that is not known. A stream
    that failed takes no more time."""
    pace = Pace(clock)

    def left() -> float | None:
        pages_left = 0
        for tally in list(tallies.values()):
            if tally.has_failed:
                continue
            if tally.expected_pages is None:
                return None
            pages_left += max(0, tally.expected_pages - tally.pages)
        return pace.seconds_for(pages_left, sum(tally.pages for tally in list(tallies.values())))

    return left


def rows_expected(tallies: Mapping[str, Tally]) -> int | None:
    """How many rows these streams have, about: rows that are left out again count. None before all lists have begun."""
    read = list(tallies.values())
    if any(not one.has_failed and (one.expected_pages is None or one.waiting_lists) for one in read):
        return None
    return sum(one.rows if one.has_failed else one.expected_rows for one in read)
