"""How long a read still takes: the pages that are left, at the pace of those that were read.

How many pages a list has is known from its `totalCount` once its first page is there; what hangs below a record of a
parent counts as one page until then. Nothing is said before each stream is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic

from source_pluralsight.partitions.rows import Tally


def seconds_left(tallies: Mapping[str, Tally], clock: Callable[[], float] = monotonic) -> Callable[[], float | None]:
    """Gives a function that says how long reading these streams still takes, None while that is not known. A stream
    that failed takes no more time."""
    began = clock()

    def left() -> float | None:
        pages_left = 0
        for tally in list(tallies.values()):
            if tally.has_failed:
                continue
            if tally.expected_pages is None:
                return None
            pages_left += max(0, tally.expected_pages - tally.pages)
        read = sum(tally.pages for tally in list(tallies.values()))
        return (clock() - began) / read * pages_left if read else None

    return left
