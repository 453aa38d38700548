"""Tells the demo's runs: one line that moves on a terminal, and all warnings where details are wanted."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from lms_shared.pipeline.progress import Progress, RunResult


class DemoReporter:
    """Shows how far a run is. The tables come afterwards."""

    def __init__(self, console: Console, label: str, *, details: bool) -> None:
        self._console = console
        self._label = label
        self._details = details
        self._status = Status(f"{label}: checking both sides", console=console)

    def __enter__(self) -> DemoReporter:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def checked(self, connector: str) -> None:
        if self._details:
            self._console.print(f"check: {connector} reaches its LMS.")

    def said(self, connector: str, level: str, text: str) -> None:
        if self._details:
            self._console.print(f"{level.lower()} {connector}: {escape(text)}")

    def running(self, progress: Progress) -> None:
        told = progress.as_json()
        self._status.update(f"{self._label}: {told['records']} records read, {told['written']} objects written")

    def finished(self, result: RunResult) -> None:
        if self._details:
            told = result.progress.as_json()
            self._console.print(
                f"{self._label}: {told['records']} records read, {result.written} objects written, "
                f"{told['rejected']} rejected, {result.total('requests')} calls, {told['states']} states acknowledged, "
                f"{result.seconds} s."
            )
