"""One run of a pipeline: check both sides, chain them, and say how it ended."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from lms_shared.pipeline import catalog
from lms_shared.pipeline.chain import Chain, Sample
from lms_shared.pipeline.connector import CommandContext, Connector, Containers
from lms_shared.pipeline.folder import Folder, write_object
from lms_shared.pipeline.problems import ExitCode, PipelineError
from lms_shared.pipeline.progress import Progress, Reporter, RunResult
from lms_shared.pipeline.report import address_of_page
from lms_shared.pipeline.states import State, StateFile

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    dry_run: bool = False
    full_refresh: bool = False
    """Read incremental streams from their start. Their old states stay in force until new ones are acknowledged."""
    streams: Collection[str] = field(default_factory=tuple)
    """Names of the streams to sync; none means all."""
    containers: Containers | None = None
    limit: int | None = None
    """Sync so many records of each stream only, and keep no state, so that the next run starts where this one did."""


def run(folder: Folder, options: Options, reporter: Reporter) -> RunResult:
    """Runs the pipeline once; never raises for what the pipeline itself runs into."""
    started, number = time.monotonic(), int(time.time())
    one = _Run(folder, options, reporter, number)
    code, error = ExitCode.DONE, None
    try:
        with opened(folder) as session:
            try:
                one.go(session)
            except PipelineError as problem:
                code, error = problem.exit_code, str(problem)
            except OSError as problem:
                code, error = ExitCode.FAILED, f"{problem.filename or folder.path}: {problem.strerror}."
            result = RunResult(
                int(code), round(time.monotonic() - started, 1), one.progress, error, one.page, options.dry_run
            )
            with suppress(OSError):  # a full disk has been said already, and must not hide how the run ended
                write_object(folder.last_run_file, {"sync_id": number, "exit_code": result.exit_code})
    except PipelineError as problem:
        result = RunResult(int(problem.exit_code), round(time.monotonic() - started, 1), Progress(), str(problem))
    reporter.finished(result)
    return result


class _Run:
    def __init__(self, folder: Folder, options: Options, reporter: Reporter, number: int) -> None:
        self._folder = folder
        self._options = options
        self._reporter = reporter
        self._number = number
        self.progress = Progress()
        self.page: str | None = None

    def go(self, session: CommandContext) -> None:
        """Raises PipelineError, or one of its kinds, unless everything ended well."""
        source, destination = (self._connector(role) for role in ("source", "destination"))
        self._check((source, destination), session)
        streams = catalog.chosen(catalog.load(self._folder), self._options.streams)
        streams = catalog.described(self._folder, streams, lambda: source.discover(session), source.name)
        states = StateFile(self._folder.state_file, catalog.incremental(streams))
        start: list[State] = [] if self._options.full_refresh else states.start()
        configured = catalog.for_run(streams, self._number)
        read = source.command("read", config=source.side.config, catalog=configured, state=start)
        write = destination.command("write", config=destination.side.config, catalog=configured)
        self.page = address_of_page(self._folder, destination.side.config, self._number)
        if session.stopped.is_set():
            raise PipelineError("Stopped from outside before anything was read.")
        # A dry run wrote nothing, so the real one still needs its records, whatever the destination acknowledges.
        keep = _forget if destination.side.config.get("dry_run") is True else states.acknowledge
        with Chain((source, read), (destination, write), session, keep, self._sample(streams)) as chain:
            self.progress = chain.progress
            chain.wait(lambda: self._watch(chain))

    def _sample(self, streams: Sequence[catalog.Configured]) -> Sample | None:
        if self._options.limit is None:
            return None
        return Sample(self._options.limit, frozenset(one["stream"]["name"] for one in streams))

    def _connector(self, role: str) -> Connector:
        side = self._folder.side(role)
        if role == "destination" and self._options.dry_run:
            side = replace(side, config={**side.config, "dry_run": True})
        return Connector(role, side, self._folder, self._options.containers)

    def _check(self, connectors: tuple[Connector, ...], session: CommandContext) -> None:
        """Asks both at once, since each may take half a minute to give up."""
        with ThreadPoolExecutor(len(connectors)) as pool:
            answers = [(one, pool.submit(one.check, session)) for one in connectors]
        for connector, answer in answers:
            answer.result()
            self._reporter.checked(connector.name)

    def _watch(self, chain: Chain) -> None:
        with suppress(queue.Empty):
            while True:
                self._reporter.said(*chain.told.get_nowait())
        self._reporter.running(chain.progress)


def _forget(_: State) -> None:
    """Keeps no state."""


@contextmanager
def opened(folder: Folder) -> Iterator[CommandContext]:
    """Locks the folder for one command, and listens for the wish to stop it. Raises PipelineError if it is busy."""
    with _stop_on_signals() as stopped, folder.locked() as lock:
        yield CommandContext(lock, stopped)


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Gives an event that SIGINT, SIGTERM and SIGHUP set. Only the main thread can listen to signals."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before: Mapping[signal.Signals, Any] = {
        number: signal.signal(number, lambda *_: stopped.set()) for number in STOP_SIGNALS
    }
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
