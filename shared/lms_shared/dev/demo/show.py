"""What the demo prints: both runs side by side, and what the LMS holds at the end."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from rich.table import Table

from lms_shared.dev.demo.chain import SyncResult
from lms_shared.dev.sandbox.lms import PretendLms

COUNTS = ("created", "updated", "unchanged", "deactivated", "rejected", "requests")
ROWS_SHOWN = 3


@runtime_checkable
class HasCanonicalState(Protocol):
    """A pretend LMS that can show its content without ids, so that two of them can be compared."""

    def canonical(self) -> dict[str, Any]: ...


def runs_table(results: Sequence[SyncResult]) -> Table:
    """One row for each stream, object and run."""
    table = Table()
    for name in ("stream", "object", "run"):
        table.add_column(name)
    for count in COUNTS:
        table.add_column(count, justify="right")
    for rows in zip(*(one.summaries for one in results), strict=True):
        for number, row in enumerate(rows, start=1):
            names = (row["stream"], row["object"]) if number == 1 else ("", "")
            table.add_row(*names, str(number), *(str(row[count]) for count in COUNTS), end_section=number == len(rows))
    return table


def rejects_table(folder: Path) -> Table | None:
    """The rejects files of a folder by reason, or None where there is no reject."""
    lines = [json.loads(line) for path in sorted(folder.glob("rejects-*.jsonl")) for line in path.open("rb")]
    if not lines:
        return None
    table = Table(title="Rejected in the last run, and kept", title_justify="left")
    for name in ("stream", "code", "records", "reason", "remedy"):
        table.add_column(name)
    reasons = Counter((one["stream"], one["code"], one["reason"], one["remedy"]) for one in lines)
    for (stream, code, reason, remedy), count in reasons.most_common():
        table.add_row(stream, code, str(count), reason, remedy)
    return table


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
