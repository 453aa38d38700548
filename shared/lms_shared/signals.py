"""Lets SIGTERM, which is how Airbyte cancels a sync, and Ctrl-C end a command at once, whatever it waits for."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

from airbyte_cdk.utils.print_buffer import PrintBuffer

LONGEST_SECONDS = 1.5
"""After a signal the process ends at the latest in so many seconds, however the main thread is held up."""
_AGAIN_SECONDS = 0.02
_HANDLED = (signal.SIGTERM, signal.SIGINT)
_PRINTING = frozenset(method.__code__ for method in (PrintBuffer.write, PrintBuffer.flush))


class Stopped(BaseException):
    """A signal asked the command to stop. Not an Exception, so that no handler of failures takes it for one."""

    def __init__(self, number: int) -> None:
        self.signal_name = signal.Signals(number).name
        super().__init__(self.signal_name)


@contextmanager
def stopped_by_signals(code: int, unbroken: Collection[CodeType] = ()) -> Iterator[None]:
    """While it lasts, the first SIGTERM or SIGINT raises `Stopped` in the main thread; later ones change nothing.

    A message that is being printed is finished first, and so are the `unbroken` functions. If the main thread does not
    get away in time, because it waits for a thread or for a full pipe, the process exits with `code`.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone can listen to signals
        yield
        return
    stop = _Stop(_PRINTING | frozenset(unbroken))
    before = {number: signal.signal(number, stop) for number in (*_HANDLED, signal.SIGALRM)}
    try:
        with _seen_to(stop, code):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            if stop.number is None:
                signal.signal(number, handler)


@contextmanager
def _seen_to(stop: _Stop, code: int) -> Iterator[None]:
    """While it lasts, a thread sees to it that the main thread handles each signal, or that the process ends.

    Python's handlers run in the main thread between two of its steps. A signal that comes just before the thread begins
    to wait is noted and does not end the wait (see `signal.set_wakeup_fd`), so it is sent once more.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    main = threading.get_ident()

    def see_to() -> None:
        seen = False
        with open(reader, "rb", buffering=0) as numbers:
            while number := numbers.read(1):
                if seen or number[0] not in _HANDLED:
                    continue
                seen = True
                watchdog = threading.Timer(LONGEST_SECONDS, os._exit, (code,))
                watchdog.daemon = True
                watchdog.start()
                while not stop.heard.wait(_AGAIN_SECONDS):
                    signal.pthread_kill(main, number[0])

    threading.Thread(target=see_to, name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)


class _Stop:
    """The handler of the signals."""

    def __init__(self, unbroken: frozenset[CodeType]) -> None:
        self.number: int | None = None
        self.heard = threading.Event()
        self._unbroken = unbroken
        self._raised = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.number is None:
            self.number = number
            self.heard.set()
        if self._raised:
            return
        if self._is_within(frame):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
            return
        self._raised = True
        raise Stopped(self.number)

    def _is_within(self, frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code in self._unbroken:
                return True
            frame = frame.f_back
        return False
