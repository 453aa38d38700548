"""Puts calls that are made at the same time into one document, and gives each caller the answer to its own.

The data-loader pattern: a caller waits for its answer, and meanwhile others add theirs. A document goes out when it is
full, when every caller that could add to it waits already, or when nobody has added to it for a moment. At most so many
documents are on their way at once; while all are, the next one fills up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any

from destination_pluvo.graphql_operations import Operation

logger = logging.getLogger("airbyte")

QUIET = 0.003
"""Seconds without a new call after which a document that is not full goes out."""


def _taken_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(eq=False)
class Call:
    """A call of one caller, its answer to come."""

    operation: Operation
    variables: Mapping[str, Any]
    context: Context = field(default_factory=copy_context)
    """Of the caller: requests are counted for what they are made for."""
    _value: Any = None
    _error: BaseException | None = None
    settled: bool = False
    """Whether it is known what became of the call."""
    _told: threading.Lock = field(default_factory=_taken_lock)
    """Free as soon as the caller may go on; a Future would take ten times as long to make."""

    def succeed(self, value: Any) -> None:
        """The call has its answer."""
        self._value, self.settled = value, True

    def fail(self, error: BaseException) -> None:
        """The call has failed."""
        self._error, self.settled = error, True

    @property
    def failed(self) -> bool:
        return self._error is not None

    def tell(self) -> None:
        """Lets the caller of a settled call go on."""
        self._told.release()

    def wait(self) -> Any:
        """The answer, once it is there. Raises what the call failed with."""
        with self._told:
            pass
        if self._error is not None:
            raise self._error
        return self._value


class DocumentSize:
    """How many fields a document may have: as many as configured, until the server refuses that many. Safe for
    threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._careful = most
        """Fields for now: few after trouble, so that it shows which of them is in trouble."""
        self._lock = threading.Lock()

    def __call__(self) -> int:
        return min(self._most, self._careful)

    def after_trouble(self, fields: int) -> None:
        """A document of so many fields met trouble."""
        with self._lock:
            self._careful = max(1, min(self._careful, fields) // 4)

    def grow(self) -> None:
        """A document went well."""
        if self._careful < self._most:
            with self._lock:
                self._careful = min(self._most, self._careful * 2)

    def shrink(self, size: int, reason: str) -> None:
        """The server takes documents of so many fields, and none of twice as many."""
        with self._lock:
            if size >= self._most:
                return
            former, self._most = self._most, size
        logger.info(
            "Pluvo refuses documents of many operations (%s); from now on they hold %d instead of %d.",
            reason[:100],
            size,
            former,
        )


Send = Callable[[Sequence[Call]], None]
"""Carries calls out; settles the answers of all of them, or raises."""


class Batcher:
    """Collects calls of one kind. Safe for threads."""

    def __init__(
        self, send: Send, size: Callable[[], int], callers: int, slots: threading.Semaphore, dispatchers: int
    ) -> None:
        """`size` says how many calls a document may hold, `callers` how many threads may make calls at once.

        A document is on its way with one of the slots, which batchers may share; `dispatchers` see to it.
        """
        self._send = send
        self._size = size
        self._callers = callers
        self._slots = slots
        self._most_dispatchers = dispatchers
        # Threads of its own: one that waits for calls of this kind must not keep those of another from going out.
        self._pool = ThreadPoolExecutor(dispatchers, "pluvo")
        self._gathering = threading.Lock()
        self._changed = threading.Condition()
        self._waiting: list[Call] = []
        self._arrived = 0
        self._on_their_way = 0
        self._dispatchers = 0

    def run(self, operation: Operation, variables: Mapping[str, Any]) -> Any:
        """The value of the operation's field. Raises whatever became of this call alone."""
        (call,) = self.run_many(operation, [variables])
        return call.wait()

    def run_many(self, operation: Operation, many: Iterable[Mapping[str, Any]]) -> list[Call]:
        """Calls that are carried out now; each is to be waited for."""
        calls = [Call(operation, variables) for variables in many]
        with self._changed:
            self._waiting += calls
            self._arrived += len(calls)
            self._changed.notify_all()
            for _ in range(min(len(calls), self._most_dispatchers - self._dispatchers)):
                self._dispatchers += 1
                self._pool.submit(self._dispatch)
        return calls

    def _dispatch(self) -> None:
        while calls := self._next():
            try:
                self._carry_out(calls)
            finally:
                self._slots.release()

    def _next(self) -> list[Call]:
        """The calls of the next document, and a slot for it; none where nobody waits any more."""
        with self._gathering:
            if not self._is_due():
                return []
            # What comes while all slots are taken still gets into the document.
            self._slots.acquire()
            return self._take()

    def _carry_out(self, calls: list[Call]) -> None:
        try:
            calls[0].context.run(self._send, calls)
        except BaseException as error:
            for call in calls:
                if not call.settled:
                    call.fail(error)
        # All at once, or the first caller that comes back would seem to be the last one to wait for.
        with self._changed:
            self._on_their_way -= len(calls)
        for call in calls:
            call.tell()

    def _is_due(self) -> bool:
        """Waits until a document is to go out; False, and this dispatcher is done, where nobody waits for one."""
        with self._changed:
            while self._waiting and not self._is_time():
                arrived = self._arrived
                self._changed.wait(QUIET)
                if self._arrived == arrived:
                    break
            if not self._waiting:
                self._dispatchers -= 1
                return False
            return True

    def _take(self) -> list[Call]:
        with self._changed:
            size = max(1, self._size())
            calls, self._waiting = self._waiting[:size], self._waiting[size:]
            self._on_their_way += len(calls)
            return calls

    def _is_time(self) -> bool:
        waiting = len(self._waiting)
        return waiting >= self._size() or waiting + self._on_their_way >= self._callers


@dataclass(frozen=True)
class Part:
    """A field of a document: one call, or several that differ in one member of a list."""

    operation: Operation
    variables: Mapping[str, Any]
    calls: tuple[Call, ...]

    def fail(self, error: BaseException) -> None:
        """All of its calls have failed."""
        for call in self.calls:
            call.fail(error)

    @property
    def kind(self) -> str:
        """What it is in the log of successes. First pages that go well say nothing of a later one that never does."""
        return f"{self.operation.name}, later page" if self.variables.get("after") else self.operation.name

    @property
    def failed(self) -> bool:
        return any(call.failed for call in self.calls)


def parts_of(calls: Sequence[Call]) -> list[Part]:
    """The fields of a document; calls of a list mutation that differ in nothing but the list become one."""
    gathered: dict[Any, list[Call]] = {}
    for number, call in enumerate(calls):
        name = call.operation.gathers
        rest = repr(sorted((key, value) for key, value in call.variables.items() if key != name)) if name else number
        gathered.setdefault((call.operation.name, rest), []).append(call)
    return [_part(together) for together in gathered.values()]


def _part(calls: list[Call]) -> Part:
    first = calls[0]
    if len(calls) == 1 or first.operation.gathers is None:
        return Part(first.operation, first.variables, tuple(calls))
    name = first.operation.gathers
    members = dict.fromkeys(member for call in calls for member in call.variables[name])
    return Part(first.operation, {**first.variables, name: list(members)}, tuple(calls))
