"""Lists that need not be read, because the server names the parents below which something changed.

Version 2 of the API lists lessons by the time of their last change, so that a course without such a lesson is left out.
What it does not list (drafts, sections, lessons that are gone) is seen when the course itself changed, and else when
its turn comes, so that nothing is older than `max_staleness_days`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from source_skilljar.cursors.checkpoint import LISTED_AT
from source_skilljar.cursors.fingerprints import Fingerprints
from source_skilljar.cursors.rotation import due_moment
from source_skilljar.cursors.timestamps import format_timestamp, parse_timestamp
from source_skilljar.partitions.parent_rows import ListIds
from source_skilljar.partitions.parent_stamp import digest_of

ChangedParents = Callable[[datetime], frozenset[str] | None]
"""The ids of parents below which something changed since a moment; None where the server does not tell."""


class QuietLists:
    """Decides for each list of a stream whether it can be left out. Used by one thread."""

    def __init__(
        self,
        state: Mapping[str, Any],
        began: Callable[[], datetime],
        changed_parents: ChangedParents,
        placeholder: str,
        period: timedelta,
        look_back: timedelta,
    ) -> None:
        """`placeholder` is the name of the parent's id in the path. A list is read at the latest `period` after it was
        read before; changes are asked for from `look_back` before the last sync."""
        self._state = state
        self._began = began
        self._changed_parents = changed_parents
        self._placeholder = placeholder
        self._period = period
        self._look_back = look_back
        self._skipped = False

    @property
    def has_skipped(self) -> bool:
        """Whether a list was left out, so that the rows of this sync are not all rows."""
        return self._skipped

    def digest(self, ids: ListIds) -> int:
        """What stands for the parent as it is now. A parent whose digest is not known is new or changed."""
        return digest_of(tuple(ids.values.values()), [self._placeholder, ids.stamp.text if ids.stamp else None])

    def skips(self, ids: ListIds, known: Fingerprints | None) -> bool:
        """Whether a list is left out. `known` is the summary of the last sync."""
        if known is None or known.is_full or self._since is None or self._changed is None:
            return False
        parent = str(ids.values[self._placeholder])
        is_due = due_moment(tuple(ids.values.values()), self._began(), self._period) > self._since
        if is_due or parent in self._changed or self.digest(ids) not in known:
            return False
        self._skipped = True
        return True

    def to_state(self) -> dict[str, Any]:
        """What the next sync needs to know."""
        return {LISTED_AT: format_timestamp(self._began())}

    @cached_property
    def _since(self) -> datetime | None:
        """When the last sync began; None for none, or one in the future."""
        since = parse_timestamp(self._state.get(LISTED_AT))
        return since if since is not None and since <= self._began() else None

    @cached_property
    def _changed(self) -> frozenset[str] | None:
        return None if self._since is None else self._changed_parents(self._since - self._look_back)
