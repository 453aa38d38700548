"""Tells a run to a person in front of a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lms_shared.pipeline.problems import ExitCode
from lms_shared.pipeline.progress import Progress, RunResult

WORDS = {
    ExitCode.DONE: "[bold green]Done[/]",
    ExitCode.FAILED: "[bold red]Failed[/]",
    ExitCode.CONFIG: "[bold red]Something has to be changed first[/]",
    ExitCode.TOO_MANY_REJECTS: "[bold yellow]Done, but too many records were rejected[/]",
}


ALWAYS_SHOWN = ("created", "updated", "unchanged", "rejected")
SHOWN_IF_ANY = ("deactivated", "retried")


class Terminal:
    """A live table while the pipeline runs, and one table at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._live: Live | None = None
        self._said: set[str] = set()

    def checked(self, connector: str) -> None:
        self._console.print(f"[green]✓[/] {connector} reaches its LMS.")

    def said(self, connector: str, level: str, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self._console.print(f"[yellow]{level.lower()}[/] {connector}: {escape(text)}")

    def running(self, progress: Progress) -> None:
        if self._live is None:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        self._live.update(self._shown(progress))

    def finished(self, result: RunResult) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if result.summaries:
            self._console.print(counts_table(result.progress.records, result.summaries))
        if result.error:
            self._console.print(f"[bold red]{escape(result.error)}[/]")
        told = result.progress.as_json()
        verb = "would be written" if result.dry_run else "written"
        self._console.print(
            f"{WORDS[ExitCode(result.exit_code)]} in {_time(result.seconds)}: {told['records']:,} records read, "
            f"{told['written']:,} objects {verb}, {told['rejected']:,} rejected."
        )
        if result.report and result.summaries:
            self._console.print(f"What became of each record: {result.report}", soft_wrap=True)

    def _shown(self, progress: Progress) -> Group:
        told = progress.as_json()
        calls = ", ".join(f"{name} {count:,}" for name, count in told["calls"].items())
        waited, waits = told.get("waiting_for", {}), told.get("waiting_seconds", {})
        rows = [
            ("records read", f"{told['records']:,}"),
            ("objects written", f"{told['written']:,}"),
            ("rejected", f"{told['rejected']:,}"),
            *([("calls", calls)] if calls else []),
            *((f"{name} waits for", f"{what}{_more(waits.get(name))}") for name, what in waited.items()),
            *([("ready in about", _time(told["eta_seconds"]))] if "eta_seconds" in told else []),
        ]
        table = Table.grid(padding=(0, 2))
        for name, value in rows:
            table.add_row(Text(name, style="dim"), value)
        return Group(Spinner("dots", f" {_time(time.monotonic() - self._started)}"), table)


def counts_table(records: Mapping[str, int], summaries: Sequence[Mapping[str, Any]], title: str | None = None) -> Table:
    """One row for each stream and object: what was read, and what became of it."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for name in ("stream", "object"):
        table.add_column(name, no_wrap=True)
    columns = (*ALWAYS_SHOWN, *(name for name in SHOWN_IF_ANY if any(one.get(name) for one in summaries)))
    for name in ("read", *columns):
        table.add_column(name, justify="right", no_wrap=True)
    before = None
    for one in summaries:
        first = one["stream"] != before
        before = one["stream"]
        read = f"{records.get(one['stream'], 0):,}" if first else ""
        name = one["stream"] if first else ""
        table.add_row(name, one["object"], read, *(f"{one.get(count, 0):,}" for count in columns))
    return table


def _more(seconds: float | None) -> str:
    return f", {_time(seconds)} more" if seconds else ""


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
