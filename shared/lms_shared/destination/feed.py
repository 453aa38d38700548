"""Hands the input on without blocking on it: while nothing comes, the writer learns that it is idle and can flush."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterable, Iterator

from lms_shared.upsert.messages import Input

IDLE_AFTER = 0.2
"""Seconds without input after which what is buffered is written, so that its states go out."""
IDLE_AGAIN = 1.0
"""Seconds between two further signals of the same pause."""
_READ_AHEAD = 2000


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def feed(messages: Iterable[Input]) -> Iterator[Input | None]:
    """The messages as they come, and None again and again while the input is idle.

    Reads ahead in a thread, a bounded number of messages. Raises what reading raises.
    """
    pipe: queue.Queue[Input | _End] = queue.Queue(_READ_AHEAD)
    left = threading.Event()

    def pump() -> None:
        error: BaseException | None = None
        try:
            for message in messages:
                pipe.put(message)
                if left.is_set():
                    return
        except BaseException as problem:
            error = problem
        pipe.put(_End(error))

    threading.Thread(target=pump, name="input", daemon=True).start()
    try:
        yield from _drain(pipe)
    finally:
        # A reader that waits for room in the pipe gets it, sees that nobody reads any more, and ends.
        left.set()
        with contextlib.suppress(queue.Empty):
            while True:
                pipe.get_nowait()


def _drain(pipe: queue.Queue[Input | _End]) -> Iterator[Input | None]:
    idle = False
    while True:
        try:
            message = pipe.get(timeout=IDLE_AGAIN if idle else IDLE_AFTER)
        except queue.Empty:
            idle = True
            yield None
            continue
        idle = False
        if isinstance(message, _End):
            if message.error is not None:
                raise message.error
            return
        yield message
