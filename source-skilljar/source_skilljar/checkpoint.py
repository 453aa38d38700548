"""What the two kinds of cursor have in common: the state that came in, the one that goes out, and when it may."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any

from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_skilljar.failures import Failures
from source_skilljar.fingerprints import Fingerprints
from source_skilljar.timestamps import format_timestamp, parse_timestamp

FINGERPRINTS_KEY = "fingerprints"


class Checkpoint(Cursor):
    """A cursor over a whole stream. Its state is one time and, for some streams, a summary of the rows seen.

    The state never gets ahead of the moment at which reading began: what changes while a long list is being read may
    stand on a page that was read before, and must be read next time.
    """

    def __init__(
        self,
        stream: str,
        state_key: str,
        state: Mapping[str, Any],
        start: datetime | None,
        messages: MessageRepository,
        failures: Failures,
        began: Callable[[], datetime],
    ) -> None:
        """`began` is the moment before which no page was fetched.

        `start` is the configured start date. A state that names no time is as good as none.
        """
        self._stream = stream
        self._state_key = state_key
        self._messages = messages
        self._failures = failures
        self._manager = ConnectorStateManager()
        self._state: MutableMapping[str, Any] = dict(state)
        self._reached = parse_timestamp(state.get(state_key))
        self._start = start
        self._known = Fingerprints.from_state(state.get(FINGERPRINTS_KEY))
        self._began = began
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

    @property
    def _is_given_up(self) -> bool:
        return self._failures.are_enough(self._stream)

    def _capped(self, moment: datetime | None) -> datetime | None:
        """The later of `moment`, but not after reading began, and what had been reached before."""
        settled = min(moment, self._began()) if moment is not None else None
        found = [at for at in (settled, self._reached) if at is not None]
        return max(found) if found else None

    def _set_state(self, moment: datetime | None, seen: Fingerprints | None) -> None:
        state: dict[str, Any] = {}
        if moment is not None:
            state[self._state_key] = format_timestamp(moment)
        if seen is not None:
            state[FINGERPRINTS_KEY] = seen.to_state()
        self._state = state

    def _emit(self) -> None:
        self._manager.update_state_for_stream(self._stream, None, self._state)
        self._messages.emit_message(self._manager.create_state_message(self._stream, None))
