"""Renders rows as a table in Markdown and as a bar plot in SVG."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from lms_shared.dev.benchmarks.rows import Measured

WIDTH, BAR, ROOM, TITLE = 360, 14, 34, 420


def table(rows: Sequence[Measured]) -> str:
    """A table in Markdown; a number above its limit is said to miss it."""
    lines = ["| Work | Now | Baseline | Limit | Ratio |", "| --- | ---: | --- | ---: | ---: |"]
    for one in rows:
        limit = "" if one.limit is None else f"{_number(one.limit)}{' (missed)' if one.missed else ''}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        baseline = f"{_number(one.baseline)} ({one.baseline_name})"
        cells = one.work, f"{_number(one.now)} {one.unit}", baseline, limit, ratio
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def plot(title: str, rows: Sequence[Measured]) -> str:
    """An SVG of the rows: each number as a bar on its baseline, which is as long in all of them or shorter."""
    height = ROOM * (len(rows) + 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{TITLE + WIDTH + 90}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for number, one in enumerate(rows, start=1):
        top = ROOM * number
        longest = max(one.now, one.baseline) or 1
        parts.append(f'<text x="8" y="{top + 12}">{escape(one.work)}</text>')
        for offset, value, color in ((0, one.now, "#2563eb"), (BAR, one.baseline, "#cbd5e1")):
            length = WIDTH * value / longest
            parts.append(
                f'<rect x="{TITLE}" y="{top + offset}" width="{length:.1f}" height="{BAR - 1}" fill="{color}"/>'
            )
            parts.append(f'<text x="{TITLE + length + 4:.1f}" y="{top + offset + 11}">{_number(value)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
