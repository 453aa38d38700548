"""The cursor of course_progress: writes a checkpoint when a part is read, and the one final state when all are."""

from __future__ import annotations

import threading
from collections.abc import MutableMapping
from datetime import timedelta
from queue import Queue
from typing import Any, Protocol

from airbyte_cdk.models import (
    AirbyteMessage,
    AirbyteStateBlob,
    AirbyteStateMessage,
    AirbyteStateType,
    AirbyteStreamState,
    StreamDescriptor,
    Type,
)
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

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
        """The earliest change of a young row of which the API failed to give a field."""

    @property
    def was_skipped(self) -> bool:
        """Whether nothing was read, since another part had failed."""


class ProgressCursor(Cursor):
    """Safe for threads. `start` is where everything begins that is read without a state.

    No state is ahead of the clock of the API at the start, whatever a row says, and none passes a row that came
    incomplete while that is young: it is read again until it is whole.
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
        self._stream = stream
        self._before = before.updated_on if before is not None else None
        self._reached = before or ProgressState(start)
        self._clock = clock
        self._queue = queue
        self._messages = messages
        self._tally = tally
        self._notices = notices
        self._newest = max((one.end for one in self._reached.done if one.end is not None), default=None)
        self._limit = clock
        self._open = 0
        self._generated = self._failed = False
        self._changed = threading.Condition()

    # What partitions and their generator tell.

    def opened(self) -> None:
        """A part will be read."""
        with self._changed:
            self._open += 1

    def all_generated(self) -> None:
        """There are no more parts than those that were opened."""
        with self._changed:
            self._generated = True

    def failed(self) -> None:
        """A part could not be read."""
        with self._changed:
            self._failed = True
            self._changed.notify_all()

    @property
    def has_failed(self) -> bool:
        """Whether a part could not be read, so that others need not begin."""
        return self._failed

    def wait_for_parts(self) -> bool:
        """Returns when all parts that were opened are read: true, or false as soon as one has failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._failed or self._open == 0)
            return not self._failed

    # What the CDK asks.

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The state that holds now."""
        with self._changed:
            return self._final() if self._is_complete else self._checkpoint()

    def observe(self, record: Record) -> None:
        """Nothing: partitions know the latest change of their rows, found page by page."""

    def close_partition(self, partition: Partition) -> None:
        part: ProgressPart = partition  # type: ignore[assignment] # the stream's only partitions are parts
        if part.was_skipped:
            return
        with self._changed:
            self._open -= 1
            self._newest = max(filter(None, (self._newest, part.newest)), default=None)
            covered = part.covered
            if part.incomplete_since is not None:
                limit = shifted(part.incomplete_since, -MILLISECOND)
                self._limit = min(self._limit, limit)
                covered = covered and covered.cut(limit)
            message = None
            if covered is not None and covered.end is not None:
                self._reached = self._reached.with_done(covered)
                message = self._message(self._checkpoint())
            self._changed.notify_all()
        if message is not None:
            self._queue.put(message)

    def ensure_at_least_one_state_emitted(self) -> None:
        """The last state of the stream, and what was left out of it; checkpoints alone where a part has failed."""
        for warning in self._tally.warnings(self._stream):
            self._notices.warn(warning)
        if not self._failed:
            self._messages.emit_message(self._message(self.state))

    def should_be_synced(self, record: Record) -> bool:
        return True

    @property
    def _is_complete(self) -> bool:
        return self._generated and not self._failed and self._open == 0

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

    def _message(self, state: MutableMapping[str, Any]) -> AirbyteMessage:
        blob = AirbyteStateBlob(state)
        stream_state = AirbyteStreamState(StreamDescriptor(name=self._stream), blob)
        return AirbyteMessage(
            type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=stream_state)
        )
