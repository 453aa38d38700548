"""Puts calls that are made at the same time into one document, and gives each caller the answer to its own.

The data-loader pattern: a caller waits for its answer, and meanwhile others add theirs. A document goes out when it is
full, when every caller that could add to it waits already, or when nobody has added to it for a moment. At most so many
documents are on their way at once; while all are, the next one fills up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from destination_pluvo.graphql_operations import Operation

QUIET = 0.003
"""Seconds without a new call after which a document that is not full goes out."""


@dataclass(frozen=True, eq=False)
class Call:
    """A call of one caller, its answer to come."""

    operation: Operation
    variables: Mapping[str, Any]
    answer: Future[Any] = field(default_factory=Future)
    context: Context = field(default_factory=copy_context)
    """Of the caller: requests are counted for what they are made for."""


Send = Callable[[Sequence[Call]], None]
"""Carries calls out; settles the answers of all of them, or raises."""


class Batcher:
    """Collects calls of one kind. Safe for threads."""

    def __init__(self, send: Send, size: Callable[[], int], callers: int, pool: ThreadPoolExecutor, slots: int) -> None:
        """`size` says how many calls a document may hold, `callers` how many threads may make calls at once.

        `slots` documents may be on their way at once, each in a thread of the pool.
        """
        self._send = send
        self._size = size
        self._callers = callers
        self._pool = pool
        self._slots = slots
        self._changed = threading.Condition()
        self._waiting: list[Call] = []
        self._on_their_way = 0
        self._dispatchers = 0

    def run(self, operation: Operation, variables: Mapping[str, Any]) -> Any:
        """The value of the operation's field. Raises whatever became of this call alone."""
        call = Call(operation, variables)
        with self._changed:
            self._waiting.append(call)
            self._changed.notify_all()
            if self._dispatchers < self._slots:
                self._dispatchers += 1
                self._pool.submit(self._dispatch)
        return call.answer.result()

    def _dispatch(self) -> None:
        while calls := self._next():
            try:
                calls[0].context.run(self._send, calls)
            except BaseException as error:
                for call in calls:
                    if not call.answer.done():
                        call.answer.set_exception(error)
            with self._changed:
                self._on_their_way -= len(calls)

    def _next(self) -> list[Call]:
        """The calls of the next document; none, and this dispatcher is done, where nobody waits."""
        with self._changed:
            while self._waiting and not self._is_time():
                known = len(self._waiting)
                self._changed.wait(QUIET)
                if len(self._waiting) <= known:
                    break
            size = max(1, self._size())
            calls, self._waiting = self._waiting[:size], self._waiting[size:]
            self._on_their_way += len(calls)
            if not calls:
                self._dispatchers -= 1
            return calls

    def _is_time(self) -> bool:
        waiting = len(self._waiting)
        return waiting >= self._size() or waiting + self._on_their_way >= self._callers
