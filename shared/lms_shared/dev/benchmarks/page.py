"""Renders what was measured: rows as a table in Markdown and as bars in SVG, points as lines in SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from lms_shared.dev.benchmarks.rows import Measured, Point

WIDTH, BAR, ROOM, TITLE = 360, 14, 34, 420
LEFT, TOP, HEIGHT, KEY = 80, 40, 260, 300
"""Of a plot of lines: the place of its axes, their height, and the width of the names of the lines."""
COLORS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#be185d", "#4b5563")


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


def curves(title: str, points: Sequence[Point]) -> str:
    """An SVG of lines over the number of records, each a power of ten apart; so are the values, where they are far
    apart."""
    xs, ys = {one.x for one in points}, {one.y for one in points}
    across = _axis(min(xs), max(xs), LEFT, WIDTH, far=True)
    least = min((one for one in ys if one > 0), default=1.0)
    far = max(ys) > 10 * least
    up = _axis(least if far else 0.0, max(ys) or 1.0, TOP + HEIGHT, -HEIGHT, far=far)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + KEY}" height="{TOP + HEIGHT + 40}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>',
        f'<path d="M{LEFT} {TOP} V{TOP + HEIGHT} H{LEFT + WIDTH}" fill="none" stroke="#9ca3af"/>',
    ]
    for x in sorted(xs):
        at = f'x="{across(x):.1f}" y="{TOP + HEIGHT + 18}"'
        parts.append(f'<text {at} text-anchor="middle">{_number(x)}</text>')
    for y in (least if far else 0.0, max(ys)):
        parts.append(f'<text x="{LEFT - 6}" y="{up(y) + 4:.1f}" text-anchor="end">{_number(y)}</text>')
    for number, name in enumerate(dict.fromkeys(one.line for one in points)):
        color = COLORS[number % len(COLORS)]
        line = sorted((one.x, one.y) for one in points if one.line == name)
        places = " ".join(f"{across(x):.1f},{up(max(y, least) if far else y):.1f}" for x, y in line)
        parts.append(f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="2"/>')
        key = f'x="{LEFT + WIDTH + 16}" y="{TOP + 16 * (number + 1)}"'
        parts.append(f'<text {key} fill="{color}">{escape(f"{name}: {_number(line[-1][1])}")}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axis(first: float, last: float, start: int, length: int, *, far: bool) -> Callable[[float], float]:
    """The place of a value between the first and the last one of an axis."""
    measure: Callable[[float], float] = math.log10 if far else float
    reach = measure(last) - measure(first) or 1.0
    return lambda value: start + length * (measure(value) - measure(first)) / reach


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
