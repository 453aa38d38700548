"""`lms-sync doctor`: lets each connector's doctor look at its account, and shows the reports as tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from lms_shared.doctor.guess import Finding
from lms_shared.pipeline.connector import CommandContext, Connector, Containers
from lms_shared.pipeline.folder import Folder, write_object
from lms_shared.pipeline.problems import ExitCode, PipelineConfigError, PipelineError

ROLES = ("source", "destination")
LONGEST_ERROR = 500


@dataclass(frozen=True)
class Examination:
    """The reports by role, and why a side has none."""

    reports: Mapping[str, Mapping[str, Any]]
    problems: tuple[PipelineError, ...]


def examine(folder: Folder, containers: Containers | None, session: CommandContext) -> Examination:
    """Examines both sides, and writes the reports to `doctor.json`.

    A side that cannot be examined costs itself alone.
    """
    reports, problems = {}, []
    for role in ROLES:
        try:
            reports[role] = _report(Connector(role, folder.side(role), folder, containers), session)
        except PipelineError as problem:
            problems.append(problem)
    if reports:
        write_object(folder.doctor_file, reports)
    return Examination(reports, tuple(problems))


def _report(connector: Connector, session: CommandContext) -> Mapping[str, Any]:
    output = f"doctor-{connector.role}.json"
    config = connector.working_file(f"{connector.role}-config.json", connector.side.config)
    place = connector.working_file(output, {})
    command = [*connector.module("doctor"), "--config", config, "--output", place]
    code, _, stderr = connector.finished(command, session)
    if code != 0:
        why = stderr.decode(errors="replace").strip()[-LONGEST_ERROR:] or "ended without saying why."
        text = f"{connector.name}: {why}"
        raise PipelineConfigError(text) if code == ExitCode.CONFIG else PipelineError(text)
    report: dict[str, Any] = json.loads((connector.folder.working_files / output).read_text(encoding="utf-8"))
    return report


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
