"""The cursor of course_progress: writes a checkpoint when a part is read, and the one final state when all are."""

from __future__ import annotations

from datetime import timedelta
from queue import Queue
from typing import Any, Protocol

from airbyte_cdk.sources.message import MessageRepository

from lms_shared.source.parts_cursor import PartsCursor
from source_pluralsight.api.notices import Notices
from source_pluralsight.cursors.instants import EPOCH, Instant, shifted
from source_pluralsight.cursors.progress_state import ProgressState, Window
from source_pluralsight.partitions.rows import Tally

MILLISECOND = timedelta(milliseconds=1)


class ProgressPart(Protocol):
    """A partition as the cursor sees it."""

    @property
    def covered(self) -> Window | None:
        """The window that is done once the part is read; None for a part that is not a window."""

    @property
    def newest(self) -> Instant | None:
        """The latest change among the rows that were read."""

    @property
    def incomplete_since(self) -> Instant | None:
        """The earliest change of what has to be read again: a young row of which the API failed to give a field, or the
        rows of a window that changed while it was read."""

    @property
    def was_skipped(self) -> bool:
        """Whether nothing was read, since another part had failed."""


class ProgressCursor(PartsCursor):
    """Safe for threads. `start` is where everything begins that is read without a state.

    No state is ahead of the clock of the API at the start, whatever a row says, and none passes a row that came
    incomplete while that is young, or a window of which a row may have slipped past: these are read again.
    """

    def __init__(
        self,
        stream: str,
        before: ProgressState | None,
        start: Instant,
        clock: Instant,
        queue: Queue[Any],
        messages: MessageRepository,
        tally: Tally,
        notices: Notices,
    ) -> None:
        super().__init__(stream, queue.put, messages)
        self._before = before.updated_on if before is not None else None
        self._reached = before or ProgressState(start)
        self._clock = clock
        self._tally = tally
        self._notices = notices
        self._newest = max((one.end for one in self._reached.done if one.end is not None), default=None)
        self._limit = clock

    def failed(self) -> None:
        self._tally.has_failed = True
        super().failed()

    def _was_skipped(self, part: ProgressPart) -> bool:
        return part.was_skipped

    def _read(self, part: ProgressPart) -> bool:
        self._newest = max(filter(None, (self._newest, part.newest)), default=None)
        covered = part.covered
        if part.incomplete_since is not None:
            limit = max(EPOCH, shifted(part.incomplete_since, -MILLISECOND))
            self._limit = min(self._limit, limit)
            covered = covered and covered.cut(limit)
        if covered is None or covered.end is None:
            return False
        self._reached = self._reached.with_done(covered)
        return True

    def ensure_at_least_one_state_emitted(self) -> None:
        """The last state of the stream, and what was left out of it; checkpoints alone where a part has failed."""
        for warning in self._tally.warnings(self._stream):
            self._notices.warn(warning)
        super().ensure_at_least_one_state_emitted()

    def _final(self) -> dict[str, Any]:
        reached = self._before or EPOCH
        if self._newest is not None:
            reached = max(reached, min(self._newest, self._clock))
        return ProgressState(min(reached, self._limit)).to_json()

    def _checkpoint(self) -> dict[str, Any]:
        """Not ahead of any row that was read: a window may end long after its last one."""
        known = max(filter(None, (self._before, self._newest)), default=EPOCH)
        windows = tuple(cut for cut in (one.cut(self._limit) for one in self._reached.done) if cut is not None)
        return ProgressState(min(self._reached.updated_on, known, self._limit), windows).to_json()
