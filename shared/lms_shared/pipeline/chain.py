"""Source and destination as two processes, chained as Airbyte chains them."""

from __future__ import annotations

import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Self

from lms_shared.activity import PROGRESS
from lms_shared.pipeline.connector import TICK_SECONDS, CommandContext, Connector
from lms_shared.pipeline.messages import (
    SUMMARY,
    Message,
    error_of,
    is_for_the_destination,
    log_of,
    parsed,
    told_in,
)
from lms_shared.pipeline.problems import PipelineError
from lms_shared.pipeline.progress import Progress
from lms_shared.pipeline.states import State

STOP_SECONDS = 15.0
"""How long a connector may take to put its settled states out after SIGTERM. They promise two seconds."""
STDERR_LINES = 50
ATTENTION = frozenset({"WARN", "ERROR", "FATAL"})

Told = tuple[str, str, str]
"""Connector, level and text of a log message."""


@dataclass(frozen=True)
class Sample:
    """The first records of each stream, instead of all."""

    size: int
    streams: frozenset[str]


@dataclass
class _Process:
    """A connector that runs, and what it said about itself."""

    connector: Connector
    process: subprocess.Popen[bytes]
    errors: list[Message] = field(default_factory=list)
    stderr: deque[bytes] = field(default_factory=lambda: deque(maxlen=STDERR_LINES))

    @property
    def failed(self) -> bool:
        return self.process.poll() not in (None, 0)

    def failure(self) -> PipelineError:
        return self.connector.failure(self.errors, b"".join(self.stderr))

    def drain(self) -> None:
        """Reads what is not a message, so that the connector never waits for someone to read it."""
        assert self.process.stderr is not None
        self.stderr.extend(self.process.stderr)


class Chain:
    """Runs a source into a destination. A context manager, so that no process outlives a failure here.

    What the source sends is handed on line by line, unread but for its kind. Each state that the destination prints is
    kept before the next line is looked at.
    """

    def __init__(
        self,
        source: tuple[Connector, Sequence[str]],
        destination: tuple[Connector, Sequence[str]],
        session: CommandContext,
        keep: Callable[[State], None],
        sample: Sample | None = None,
    ) -> None:
        """Each connector comes with its command line. `keep` takes an acknowledged state.

        With a `sample`, the destination gets records and nothing else: no state, which would pass over records that are
        not in the sample, and no word that a stream is complete, which would let a mirror deactivate them.
        """
        self.progress = Progress()
        self.told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        """Warnings and errors of the connectors, in order, to be shown by whoever watches."""
        self._session = session
        self._keep = keep
        self._sample = sample
        self._has_enough = False
        self._trouble: OSError | None = None
        self._writer = _started(destination, session, stdin=subprocess.PIPE)
        try:
            self._reader = _started(source, session, stdin=subprocess.DEVNULL)
        except BaseException:
            self._writer.process.kill()
            raise
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for name, work in (
                ("source", self._pump),
                ("destination", self._listen),
                ("source stderr", self._reader.drain),
                ("destination stderr", self._writer.drain),
            )
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._reader, self._writer):
            if one.process.poll() is None:
                one.process.kill()
            one.process.wait()
        for thread in self._threads:
            thread.join()

    def wait(self, watch: Callable[[], None]) -> None:
        """Waits for both to end, and calls `watch` now and then; stops both if asked to.

        Raises PipelineError, or one of its kinds: a connector failed, a state could not be kept, or the run was
        stopped. What was acknowledged by then is kept.
        """
        while any(thread.is_alive() for thread in self._threads):
            watch()
            if self._session.stopped.wait(TICK_SECONDS):
                self._stop()
                watch()
                raise PipelineError("Stopped from outside. The next run goes on where this one left off.")
        for one in (self._reader, self._writer):
            one.process.wait()
        watch()
        if self._trouble is not None:
            raise PipelineError(
                f"state.json could not be written: {self._trouble.strerror}. The next run repeats what came after the "
                "last state that it holds."
            )
        # The destination first: when it fails, the source is ended for that reason alone.
        for one in (self._writer, self._reader):
            if one.failed and not (one is self._reader and self._has_enough):
                raise one.failure()

    def _stop(self) -> None:
        for one in (self._reader, self._writer):
            if one.process.poll() is None:
                one.process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _pump(self) -> None:
        """Hands records, states and statuses on. Ends the source when the destination is gone."""
        source, sink = self._reader.process.stdout, self._writer.process.stdin
        assert source is not None
        assert sink is not None
        try:
            for line in source:
                message = parsed(line)
                if message is None:
                    continue
                if is_for_the_destination(message):
                    if self._is_left_out(message):
                        continue
                    sink.write(line)
                    sink.flush()
                    if message["type"] == "RECORD":
                        self.progress.records[message["record"]["stream"]] += 1
                else:
                    self._note(self._reader, message)
            # A source that failed has said INCOMPLETE for what it did not finish, so its end is told like any other.
            sink.close()
        except BrokenPipeError:
            self._reader.process.terminate()
            _read_to_the_end(source)

    def _is_left_out(self, message: Message) -> bool:
        """Whether a message is not part of the sample. Ends the source once no stream is missing a record."""
        if self._sample is None:
            return False
        if message["type"] == "RECORD" and self.progress.records[message["record"]["stream"]] < self._sample.size:
            return False
        if not self._has_enough and all(
            self.progress.records[one] >= self._sample.size for one in self._sample.streams
        ):
            self._has_enough = True
            self._reader.process.terminate()
        return True

    def _listen(self) -> None:
        output = self._writer.process.stdout
        assert output is not None
        for line in output:
            message = parsed(line)
            if message is None:
                continue
            if message["type"] != "STATE":
                self._note(self._writer, message)
                continue
            try:
                self._keep(message["state"])
            except OSError as error:
                self._trouble = error
                for one in (self._reader, self._writer):
                    one.process.terminate()
                _read_to_the_end(output)
                return
            self.progress.states += 1

    def _note(self, one: _Process, message: Message) -> None:
        error = error_of(message)
        if error is not None:
            one.errors.append(error)
            return
        level, text = log_of(message) or ("", "")
        if (summary := told_in(text, SUMMARY)) is not None:
            self.progress.summaries.append(summary)
        elif (progress := told_in(text, PROGRESS)) is not None:
            setattr(self.progress, one.connector.role, progress)
        elif level in ATTENTION:
            self.told.put((one.connector.name, level, text))


def _started(side: tuple[Connector, Sequence[str]], session: CommandContext, stdin: int) -> _Process:
    connector, command = side
    return _Process(connector, connector.started(command, session, stdin))


def _read_to_the_end(stream: IO[bytes]) -> None:
    """So that a process which is asked to end is not kept from it by a full pipe."""
    for _ in stream:
        pass
