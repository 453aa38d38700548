"""The web page on which a person sees what a pretend LMS holds and what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lms_shared.dev.sandbox.lms import Table

ROWS_SHOWN = 200
# Identifiers, instants and most titles stay on one line.
UNBROKEN_LENGTH = 40

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #3b6fd4; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1.5rem; }
h1 { margin: 0 0 .25rem; text-transform: capitalize; } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
p.lead, .count { color: #777; } .count { font-weight: normal; margin-left: .4rem; }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
nav a { border: 1px solid var(--line); border-radius: 1rem; padding: .15rem .8rem; text-decoration: none; }
a { color: var(--accent); }
.scroll { overflow: auto; max-height: 30rem; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .7rem; border-bottom: 1px solid var(--line); vertical-align: top;
  max-width: 28rem; overflow-wrap: break-word; }
.short { white-space: nowrap; }
th { position: sticky; top: 0; background: Canvas; font-size: .85rem; }
tr:nth-child(even) td { background: var(--soft); }
td.number { text-align: right; font-variant-numeric: tabular-nums; } td.null { color: #999; }
"""


def render_page(name: str, tables: Sequence[Table], requests: Mapping[str, Any]) -> str:
    """One self-contained HTML page; long tables show their first rows and say how many there are."""
    counts = Table(
        "Requests",
        ("Route", "Count"),
        [
            *requests["by_route"].items(),
            *((f"fault: {kind}", hits) for kind, hits in requests["faults"].items()),
        ],
    )
    shown = [*tables, counts]
    links = "".join(
        f'<a href="#t{index}">{escape(table.title)}<span class="count">{_total(table)}</span></a>'
        for index, table in enumerate(shown)
    )
    sections = "".join(_section(index, table) for index, table in enumerate(shown))
    title = f"{escape(name)} sandbox"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{title}</h1>"
        f'<p class="lead">{requests["reads"]} reads and {requests["writes"]} writes so far. '
        'As JSON: <a href="/_sandbox/state">state</a>, <a href="/_sandbox/requests">requests</a>, '
        f'<a href="/_sandbox/faults">faults</a>.</p><nav>{links}</nav>{sections}</body></html>'
    )


def _total(table: Table) -> int:
    return len(table.rows) if table.total is None else table.total


def _section(index: int, table: Table) -> str:
    rows = table.rows[:ROWS_SHOWN]
    total = _total(table)
    note = f"{total}" if len(rows) == total else f"first {len(rows)} of {total}"
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    empty = "" if rows else f'<tr><td class="null" colspan="{len(table.columns)}">nothing yet</td></tr>'
    return (
        f'<section id="t{index}"><h2>{escape(table.title)}<span class="count">{note}</span></h2>'
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}{empty}</tbody>'
        "</table></div></section>"
    )


def _cell(value: object) -> str:
    match value:
        case None:
            return '<td class="null">&ndash;</td>'
        case bool():
            return f"<td>{'yes' if value else 'no'}</td>"
        case int() | float():
            return f'<td class="number">{value}</td>'
        case list() | tuple():
            return f"<td>{escape(', '.join(map(str, value)))}</td>"
        case _:
            text = str(value)
            kind = ' class="short"' if len(text) <= UNBROKEN_LENGTH else ""
            return f"<td{kind}>{escape(text)}</td>"
