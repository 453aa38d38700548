"""Gives an answer in time, whatever the other side does: a test of the connection has somebody waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

CHECK_SECONDS = 18.0
"""For what `check` asks of others; with the start of the process, up to 10 on a busy machine, it answers within 30."""


class DeadlinePassed(Exception):
    """The work was not done in time; it may still be going on."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """What the work gives, or raises. Raises DeadlinePassed where it takes longer.

    The work goes on in a thread of its own that does not keep the process alive: no timeout of a socket covers all that
    can take long (a name server, a server that sends a byte now and then).
    """
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, name="deadline", daemon=True)
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise DeadlinePassed
    return results[0]
