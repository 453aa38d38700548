"""What a benchmark measured, and how it hands that to the page."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

ROWS_FILE = "LMS_BENCHMARK_ROWS"
"""The environment variable with the path of the file that takes the rows."""


@dataclass(frozen=True)
class Measured:
    """One number: `now` and `baseline` in `unit`, both of the same run; less is better; `limit` where one is set."""

    work: str
    now: float
    unit: str
    baseline_name: str
    baseline: float
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """The number as a share of the baseline; None where the baseline is zero."""
        return self.now / self.baseline if self.baseline else None

    @property
    def missed(self) -> bool:
        """Whether the number is above its limit."""
        return self.limit is not None and self.now > self.limit


@dataclass(frozen=True)
class Point:
    """A point of a line in a plot."""

    plot: str
    """The title, which says what `y` is."""
    line: str
    x: float
    """How many records there were."""
    y: float


Told = Measured | Point


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A benchmark's command line, which knows `--large`: sizes that take hours."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--large", action="store_true", help="large sizes, which take hours")
    return parser


def tell(*rows: Told) -> None:
    """Hands rows to the page; does nothing when a benchmark runs by itself."""
    path = os.environ.get(ROWS_FILE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(one)) + "\n" for one in rows)


def told(lines: Iterable[str]) -> list[Told]:
    """The rows of a file that `tell` wrote."""
    return [Point(**row) if "plot" in row else Measured(**row) for row in map(json.loads, lines)]
