"""Asks the warehouse four questions, those of `queries/`, and draws a chart of the first answer."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import matplotlib.pyplot as plt

QUERIES = Path(__file__).parent / "queries"


def main(database: Path = Path(".warehouse/warehouse.duckdb")) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        for query in sorted(QUERIES.glob("*.sql")):
            text = query.read_text()
            print(f"\n{text.splitlines()[0].removeprefix('-- ')}  ({query.name})")
            connection.sql(text).show()
        rows = connection.sql((QUERIES / "1-completions-by-month.sql").read_text()).fetchall()
    chart = database.with_name("completions-by-month.svg")
    _draw(rows, chart)
    print(f"The chart is in {chart}.")


def _draw(rows: list[tuple[str, str, int]], path: Path) -> None:
    """Stacked bars: a month each, a color for each source."""
    months = sorted({month for month, _, _ in rows})
    bottom = [0] * len(months)
    figure, axes = plt.subplots(figsize=(10, 4.5), layout="constrained")
    for source, color in (("Pluralsight", "#1f6f8b"), ("Skilljar", "#e0a030")):
        counts = {month: count for month, name, count in rows if name == source}
        heights = [counts.get(month, 0) for month in months]
        axes.bar(months, heights, bottom=bottom, label=source, color=color)
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    axes.set_title("Courses completed by month")
    axes.set_ylabel("completions")
    axes.tick_params(axis="x", rotation=60)
    axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
