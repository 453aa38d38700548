"""Runs benchmarks, each in its own process, prints their table, and writes it with its plots to a folder.

Usage: `python -m lms_shared.dev.benchmarks [--large] FOLDER BENCHMARK...`

A benchmark is a path, or in quotes a path and its options; `--large` is handed on to each.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lms_shared.dev.benchmarks.page import curves, plot, table
from lms_shared.dev.benchmarks.rows import ROWS_FILE, Measured, Point, Told, arguments, told

ABOUT = (
    "Written by `make bench`; `make bench LARGE=1` measures large sizes too, which takes hours. The baseline is\n"
    "measured in the same run; less is better, and the ratio is that of now to the baseline. Times depend on the\n"
    "machine; calls do not.\n"
)
REMARKS = "## Where the time goes"
"""From this heading on the page is written by hand, and stays."""


def main() -> None:
    """Runs and writes; exit code 1 when a benchmark failed (the page has what the others measured)."""
    parser = arguments(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("benchmarks", nargs="+")
    given = parser.parse_args()
    scripts = [f"{one} --large" if given.large else one for one in given.benchmarks]
    failed = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.jsonl"
        path.touch()
        for script in scripts:
            print(f"== {script}", flush=True)
            command = [sys.executable, *shlex.split(script)]
            if subprocess.run(command, check=False, env={**os.environ, ROWS_FILE: str(path)}).returncode:  # noqa: S603
                failed.append(script)
        rows = told(path.read_text(encoding="utf-8").splitlines())
    write(given.folder, rows, scripts)
    if failed:
        sys.exit(f"These benchmarks failed: {', '.join(failed)}")


def write(folder: Path, rows: Sequence[Told], scripts: list[str]) -> None:
    """Prints the table, and writes `benchmarks.md`, bars for each unit, and the plots."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("benchmark-*.svg"):
        old.unlink()
    measured = [one for one in rows if isinstance(one, Measured)]
    points = [one for one in rows if isinstance(one, Point)]
    machine = f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    parts = [
        "# Benchmarks\n",
        ABOUT,
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {machine} of memory"
        f" (load {os.getloadavg()[0]:.1f} at the end).\n",
        "Run were:\n",
        "\n".join(f"* `{one}`" for one in scripts) + "\n",
        table(measured),
    ]
    for unit in dict.fromkeys(one.unit for one in measured):
        drawn = plot(f"{unit} (blue: now, gray: baseline)", [one for one in measured if one.unit == unit])
        parts.append(_picture(pictures, unit, drawn))
    for title in dict.fromkeys(one.plot for one in points):
        parts.append(_picture(pictures, title, curves(title, [one for one in points if one.plot == title])))
    page = folder / "benchmarks.md"
    page.write_text("\n".join([*parts, *_remarks(page)]), encoding="utf-8")
    print(table(measured))


def _picture(pictures: Path, title: str, drawn: str) -> str:
    """Writes a picture; the line of the page that shows it."""
    name = f"benchmark-{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}.svg"
    (pictures / name).write_text(drawn, encoding="utf-8")
    return f"![{title}](pictures/{name})\n"


def _remarks(page: Path) -> list[str]:
    _, heading, text = (page.read_text(encoding="utf-8") if page.exists() else "").partition(REMARKS)
    return [heading + text] if heading else []


if __name__ == "__main__":
    main()
