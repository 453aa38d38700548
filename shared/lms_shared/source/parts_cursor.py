"""A cursor over the parts of one stream, such as windows of time, that are read in parallel: a checkpoint for each.

Which state holds after a part is for the subclass to say; when a state goes out is decided here. A part that fails
leaves the others' checkpoints standing, and parts that have not begun by then are not read.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any, Generic, TypeVar

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
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record


class PartsCursor(Cursor):
    """Safe for threads. What subclasses add is called while `_changed` is held."""

    def __init__(self, stream: str, put: Callable[[AirbyteMessage], None], messages: MessageRepository) -> None:
        """`put` takes checkpoints, in the order of the records; `messages` the state at the end."""
        self._stream = stream
        self._put = put
        self._messages = messages
        self._open = 0
        self._generated = self._failed = False
        self._changed = threading.Condition()
        self._order = threading.Lock()

    # What parts and their generator tell.

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

    # What a subclass says.

    @abstractmethod
    def _read(self, part: Any) -> bool:
        """Takes note of a part that was read to its end; whether that makes a checkpoint."""

    @abstractmethod
    def _checkpoint(self) -> MutableMapping[str, Any]:
        """The state that holds while parts are open, or after one has failed."""

    @abstractmethod
    def _final(self) -> MutableMapping[str, Any]:
        """The state that holds once all parts are read."""

    @abstractmethod
    def _was_skipped(self, part: Any) -> bool:
        """Whether nothing of a part was read, since another one had failed."""

    # What the CDK asks.

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The state that holds now."""
        with self._changed:
            return self._final() if self.is_complete else self._checkpoint()

    @property
    def is_complete(self) -> bool:
        """Whether all parts were read."""
        return self._generated and not self._failed and self._open == 0

    def observe(self, record: Record) -> None:
        """Nothing: parts know their rows, found page by page."""

    def should_be_synced(self, record: Record) -> bool:
        return True

    def close_partition(self, partition: Partition) -> None:
        if self._was_skipped(partition):
            return
        # Checkpoints go out in the order in which they were made; no thread waits for the queue with `_changed` held.
        with self._order:
            with self._changed:
                self._open -= 1
                message = self._message(self._checkpoint()) if self._read(partition) else None
                self._changed.notify_all()
            if message is not None:
                self._put(message)

    def ensure_at_least_one_state_emitted(self) -> None:
        """The last state of the stream; checkpoints alone where a part has failed."""
        if not self._failed:
            self._messages.emit_message(self._message(self.state))

    def _message(self, state: MutableMapping[str, Any]) -> AirbyteMessage:
        stream_state = AirbyteStreamState(StreamDescriptor(name=self._stream), AirbyteStateBlob(state))
        return AirbyteMessage(
            type=Type.STATE, state=AirbyteStateMessage(type=AirbyteStateType.STREAM, stream=stream_state)
        )


CursorOfParts = TypeVar("CursorOfParts", bound=PartsCursor)


class PartsGenerator(PartitionGenerator, Generic[CursorOfParts]):
    """Gives the parts of a stream, and tells their cursor when these were all, or that they could not be made."""

    def __init__(self, cursor: CursorOfParts) -> None:
        self._cursor = cursor

    def generate(self) -> Iterable[Partition]:
        """The parts of the sync, in their order."""
        try:
            yield from self._parts()
            self._cursor.all_generated()
        except BaseException:
            self._cursor.failed()
            raise

    @abstractmethod
    def _parts(self) -> Iterator[Partition]:
        """Plans the sync and gives its parts, each opened with the cursor before."""
