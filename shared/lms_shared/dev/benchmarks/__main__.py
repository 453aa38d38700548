"""Runs benchmarks, each in its own process, prints their table, and writes it with its plots to a folder.

Usage: `python -m lms_shared.dev.benchmarks FOLDER BENCHMARK...`

A benchmark is a path, or in quotes a path and its options.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from lms_shared.dev.benchmarks.page import plot, table
from lms_shared.dev.benchmarks.rows import ROWS_FILE, Measured, told

ABOUT = (
    "Written by `make bench`. The baseline is measured in the same run; less is better, and the ratio is that of now\n"
    "to the baseline. Times depend on the machine; calls do not.\n"
)


def main() -> None:
    """Runs and writes; exit code 1 when a benchmark failed (the page has what the others measured)."""
    folder, scripts = Path(sys.argv[1]), sys.argv[2:]
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
    write(folder, rows, scripts)
    if failed:
        sys.exit(f"These benchmarks failed: {', '.join(failed)}")


def write(folder: Path, rows: list[Measured], scripts: list[str]) -> None:
    """Prints the table, and writes `benchmarks.md` and a plot for each unit."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    machine = f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    parts = [
        "# Benchmarks\n",
        ABOUT,
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {machine} of memory"
        f" (load {os.getloadavg()[0]:.1f} at the end).\n",
        "Run were:\n",
    ]
    parts.append("\n".join(f"* `{one}`" for one in scripts) + "\n")
    parts.append(table(rows))
    for unit in dict.fromkeys(one.unit for one in rows):
        name = f"benchmark-{unit.replace(' ', '-')}.svg"
        title = f"{unit} (blue: now, gray: baseline)"
        (pictures / name).write_text(plot(title, [one for one in rows if one.unit == unit]), encoding="utf-8")
        parts.append(f"![{unit}](pictures/{name})\n")
    (folder / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")
    print(table(rows))


if __name__ == "__main__":
    main()
