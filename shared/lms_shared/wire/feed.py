"""Hands the input on without blocking on it: while nothing comes, the writer learns of the pause and can flush."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator

from lms_shared.wire.messages import Input, StatusMessage

IDLE_AFTER = 0.2
"""Seconds without input after which what is buffered is written, so that its states go out."""
IDLE_AGAIN = 1.0
"""Seconds between two further signals of the same pause."""
MOST_AHEAD = 2000
"""Messages that are read ahead."""
MOST_BYTES_AHEAD = 32_000_000
"""Bytes of lines that are read ahead; a line that is longer goes through by itself."""


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Pipe:
    """What was read and is not written yet: a bounded number of messages, of a bounded size.

    A reader that met a full pipe goes on as soon as it is half empty: going on for each message, the two threads would
    do little but wake each other.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._messages: deque[Input | _End] = deque()
        self._bytes = 0
        self._left = False
        self._reader_waits = self._writer_waits = False

    def has_room(self, size: int) -> bool:
        """Whether a message of a size can be put in without waiting."""
        if not self._messages:
            return True
        return len(self._messages) < MOST_AHEAD and self._bytes + size <= MOST_BYTES_AHEAD

    def put(self, message: Input | _End) -> bool:
        """Puts a message in as soon as there is room; False where nobody reads any more."""
        size = _size(message)
        with self._changed:
            while not (self._left or self.has_room(size)):
                self._reader_waits = True
                self._changed.wait_for(lambda: self._left or not self._reader_waits)
            self._messages.append(message)
            self._bytes += size
            if self._writer_waits:
                self._changed.notify_all()
            return not self._left

    def get(self, timeout: float) -> Input | _End | None:
        """The next message; None where none came in time."""
        with self._changed:
            if not self._messages:
                self._writer_waits = True
                self._changed.wait_for(lambda: self._messages, timeout)
                self._writer_waits = False
                if not self._messages:
                    return None
            message = self._messages.popleft()
            self._bytes -= _size(message)
            if self._reader_waits and self._is_half_empty():
                self._reader_waits = False
                self._changed.notify_all()
            return message

    def _is_half_empty(self) -> bool:
        return len(self._messages) <= MOST_AHEAD // 2 and self._bytes <= MOST_BYTES_AHEAD // 2

    def leave(self) -> None:
        """Nobody reads any more: whoever waits for room goes on, and sees it."""
        with self._changed:
            self._left = True
            self._changed.notify_all()


def feed(messages: Iterable[Input]) -> Iterator[Input | None]:
    """The messages as they come, and None again and again while the input is idle.

    Reads ahead in a thread, as far as there is room in the pipe. Raises what reading raises.
    """
    pipe = Pipe()

    def pump() -> None:
        error: BaseException | None = None
        try:
            for message in messages:
                if not pipe.put(message):
                    return
        except BaseException as problem:
            error = problem
        pipe.put(_End(error))

    threading.Thread(target=pump, name="input", daemon=True).start()
    try:
        yield from _drain(pipe)
    finally:
        pipe.leave()


def _drain(pipe: Pipe) -> Iterator[Input | None]:
    idle = False
    while True:
        message = pipe.get(IDLE_AGAIN if idle else IDLE_AFTER)
        idle = message is None
        if isinstance(message, _End):
            if message.error is not None:
                raise message.error
            return
        yield message


def _size(message: Input | _End) -> int:
    return 0 if isinstance(message, StatusMessage | _End) else message.size
