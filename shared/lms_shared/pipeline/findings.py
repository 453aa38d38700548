"""A doctor's report as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from lms_shared.doctor.guess import Finding

STYLES = {Finding.DOES_NOT_HOLD: "bold red", Finding.COULD_NOT_TELL: "yellow", Finding.HOLDS: "green"}
"""In the order of the table."""


def findings_table(report: Mapping[str, Any]) -> Table:
    """One row for each guess: what holds, what does not, what could not be told, and what was seen."""
    title = f"{report['connector']} {report['version']}: {report['calls']} calls in {report['seconds']} s"
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("finding", "guess", "seen", "what follows"):
        table.add_column(name)
    for finding, style in STYLES.items():
        for row in report["findings"]:
            if row["finding"] == finding.value:
                cells = (escape(str(row[name])) for name in ("statement", "seen", "effect"))
                table.add_row(f"[{style}]{finding.value}[/]", *cells)
    return table


def proposals(role: str, report: Mapping[str, Any]) -> Iterator[str]:
    """The settings that fit this account, a line each."""
    for key, value in report["proposed_config"].items():
        yield f"Set in {role}.json: {escape(f'{key} = {value}')}"
