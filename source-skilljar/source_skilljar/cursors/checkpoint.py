"""What the two kinds of cursor have in common: the state that came in, the one that goes out, and when it may."""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams import NO_CURSOR_STATE_KEY
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_skilljar.cursors.fingerprints import Fingerprints
from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.cursors.timestamps import format_timestamp, parse_timestamp

LOGGER = logging.getLogger("airbyte.source_skilljar")

FINGERPRINTS_KEY = "fingerprints"
LISTED_AT = "listed_at"
"""When the last sync began that knew of all changes of a stream whose lists are not all read each time."""
_KNOWN_WITHOUT_TIME = frozenset({FINGERPRINTS_KEY, LISTED_AT, NO_CURSOR_STATE_KEY})
"""Keys of a state without a time: what a stream leaves whose rows have none, and one that was read in full before."""


@dataclass(frozen=True)
class Beginning:
    """Where a stream's reading begins.

    `state` is that of the last sync, under `state_key` if it has a time. `start` is the configured start date. `began`
    gives the moment before which no page of this sync was fetched, by Skilljar's clock.
    """

    stream: str
    state_key: str
    state: Mapping[str, Any]
    start: datetime | None
    began: Callable[[], datetime]


class Checkpoint(Cursor):
    """A cursor over a whole stream. Its state is one time and, for most streams, a summary of the rows seen.

    The state never gets ahead of the moment at which reading began: what changes while a long list is being read may
    stand on a page that was read before, and must be read next time. A state that is ahead of it all the same came from
    a row that claimed so, or from elsewhere; it is given up, or nothing would be read until that time has come.
    """

    def __init__(self, beginning: Beginning, messages: MessageRepository, ends: StreamEnds) -> None:
        self._beginning = beginning
        self._stream = beginning.stream
        self._messages = messages
        self._ends = ends
        self._manager = ConnectorStateManager()
        self._state: MutableMapping[str, Any] = dict(beginning.state)
        self._start = beginning.start
        self._lock = threading.Lock()

    @abstractmethod
    def partitions(self) -> Iterable[Partition]:
        """The partitions to read, in the order in which they are best read."""

    @property
    def state(self) -> MutableMapping[str, Any]:
        return self._state

    def observe(self, record: Record) -> None:
        """Nothing to do: rows were looked at when they were read."""

    def should_be_synced(self, record: Record) -> bool:
        return True

    @cached_property
    def _reached(self) -> datetime | None:
        """The time in the state; None if it has no time, or one in the future."""
        state, key = self._beginning.state, self._beginning.state_key
        reached = parse_timestamp(state.get(key))
        is_foreign = reached is None and (key in state or not state.keys() <= _KNOWN_WITHOUT_TIME)
        if is_foreign:
            LOGGER.warning("Stream %s: its state is not of a known form, so the stream is read in full.", self._stream)
        if reached is None or reached <= self._beginning.began():
            return reached
        LOGGER.warning(
            "Stream %s: its state lies in the future (%s), so it is not used. The stream is read %s.",
            self._stream,
            format_timestamp(reached),
            f"from {format_timestamp(self._start)}" if self._start else "in full",
        )
        return None

    @cached_property
    def _known(self) -> Fingerprints | None:
        """The summary in the state; None if it has none, or if the state is not used."""
        if self._reached is None and self._beginning.state_key in self._beginning.state:
            return None
        return Fingerprints.from_state(self._beginning.state.get(FINGERPRINTS_KEY))

    @property
    def _is_given_up(self) -> bool:
        return self._ends.is_given_up(self._stream)

    def _capped(self, moment: datetime | None) -> datetime | None:
        """The later of `moment`, but not after reading began, and what had been reached before."""
        settled = min(moment, self._beginning.began()) if moment is not None else None
        found = [at for at in (settled, self._reached) if at is not None]
        return max(found) if found else None

    def _set_state(self, moment: datetime | None, seen: Fingerprints | None) -> None:
        state: dict[str, Any] = {}
        if moment is not None:
            state[self._beginning.state_key] = format_timestamp(moment)
        if seen is not None:
            state[FINGERPRINTS_KEY] = seen.to_state()
        self._state = state

    def _emit(self) -> None:
        self._ends.say(self._stream)
        if self._state or not self._ends.has_failed(self._stream):
            self._send()

    def _send(self) -> None:
        self._manager.update_state_for_stream(self._stream, None, self._state)
        self._messages.emit_message(self._manager.create_state_message(self._stream, None))
