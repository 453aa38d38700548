"""What the demo prints: both runs of a pipeline side by side, what was rejected, and what the LMS holds at the end."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from rich.box import SIMPLE_HEAD
from rich.table import Table

from lms_shared.dev.demo.pipelines import Rejects
from lms_shared.dev.sandbox.lms import PretendLms
from lms_shared.pipeline.progress import RunResult

RUN_COLUMNS = (
    {"created": ("created",), "changed": ("updated", "deactivated"), "unchanged": ("unchanged",)},
    {"written": ("created", "updated", "deactivated"), "unchanged": ("unchanged",)},
)
"""What is shown of the first and of the second run, and the counts of a summary that make it up."""
ALWAYS = {"rejected": ("rejected",)}
DETAILS = {"calls": ("requests",)}
ROWS_SHOWN = 3


@runtime_checkable
class HasCanonicalState(Protocol):
    """A pretend LMS that can show its content without ids, so that two of them can be compared."""

    def canonical(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Reject:
    """Why records were rejected; records with the same reason are one."""

    stream: str
    code: str
    reason: str
    remedy: str


def runs_table(name: str, results: Sequence[RunResult], *, details: bool) -> Table:
    """One row for each stream and object, with the counts of both runs."""
    columns = [{**one, **ALWAYS, **(DETAILS if details else {})} for one in RUN_COLUMNS]
    table = Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1))
    table.add_column("\nstream", no_wrap=True)
    table.add_column("\nbecomes", no_wrap=True)
    for number, counts in enumerate(columns, start=1):
        for position, count in enumerate(("read", *counts)):
            table.add_column(f"{f'run {number}' if position == 0 else ''}\n{count}", justify="right", no_wrap=True)
    before = None
    for rows in zip(*(one.summaries for one in results), strict=True):
        stream = rows[0]["stream"]
        cells: list[str] = []
        for result, row, counts in zip(results, rows, columns, strict=True):
            cells.append(str(result.progress.records.get(stream, 0)) if stream != before else "")
            cells += [str(sum(row.get(one, 0) for one in names) or "·") for names in counts.values()]
        table.add_row(stream if stream != before else "", rows[0]["object"], *cells)
        before = stream
    return table


def rejects_in(folder: Path) -> Counter[Reject]:
    """The rejects files of a folder, by reason."""
    lines = (json.loads(line) for path in sorted(folder.glob("rejects-*.jsonl")) for line in path.open("rb"))
    return Counter(Reject(one["stream"], one["code"], one["reason"], one["remedy"]) for one in lines)


def rejects_lines(runs: Sequence[Counter[Reject]], expected: Rejects) -> Iterable[str]:
    """What was rejected, with the number in each run."""
    for reject in sorted(set().union(*runs), key=lambda one: (one.stream, one.code, one.reason)):
        numbers = " and ".join(str(run[reject]) for run in runs)
        why = expected.get((reject.stream, reject.code))
        told = f"expected: {why}" if why else "[bold red]not expected[/]"
        yield f"Rejected of {reject.stream}: {numbers} in run 1 and 2, {reject.code} ({told})"
        yield f"  Reason: {reject.reason}. {reject.remedy}"


def unexpected(runs: Sequence[Counter[Reject]], expected: Rejects) -> int:
    """How many rejects the demo has no reason for."""
    return sum(count for run in runs for one, count in run.items() if (one.stream, one.code) not in expected)


def end_state_table(lms: PretendLms) -> Table:
    """How many rows of what the LMS holds, and the first of them."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    table.add_column(no_wrap=True, min_width=16)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for shown in lms.summary():
        for number, row in enumerate(shown.rows[:ROWS_SHOWN]):
            first = f"{shown.total or len(shown.rows)} {shown.title}" if number == 0 else ""
            cells = (" ".join(str(cell).split()) for cell in row if cell is not None)
            table.add_row(first, " · ".join(cell for cell in cells if cell))
        if not shown.rows:
            table.add_row(f"0 {shown.title}", "")
    return table


def fingerprint(lms: PretendLms) -> str:
    """A short hash of what the LMS holds, without ids: equal end states have equal ones."""
    state: Mapping[str, Any] = lms.canonical() if isinstance(lms, HasCanonicalState) else lms.state()
    return hashlib.sha256(json.dumps(state, sort_keys=True, default=str).encode()).hexdigest()[:16]
