"""Work that must answer in time, whatever a server does: one that accepts a connection and says nothing, or a byte now
and then, outlasts every timeout of a socket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

CHECK_SECONDS = 20.0
"""How long a `check` looks; with the start of the process it answers within 30 s."""


class OutOfTime(Exception):
    """The work did not end in time. Its thread is left alone and ends with the process."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What the work gives or raises. Raises OutOfTime after so many seconds."""
    outcome: list[Callable[[], T]] = []

    def run() -> None:
        try:
            value = work()
        except BaseException as error:
            failure = error
            outcome.append(lambda: _raise(failure))
        else:
            outcome.append(lambda: value)

    thread = threading.Thread(target=run, name="deadline", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise OutOfTime
    return outcome[0]()


def _raise(error: BaseException) -> T:  # type: ignore[type-var] # it never returns one
    raise error
