"""Writes what the documentation says of the streams, from their declarations and schemas: `make docs`.

The sample catalog of the standard tests is written as well, so that a new stream needs nothing but its declaration
and its schema.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lms_shared.dev.docs.fields import dictionary
from source_skilljar.cursors.fingerprints import miss_probability
from source_skilljar.declarations import Parents, StreamDeclaration, declared_streams
from source_skilljar.stream import schema_of
from source_skilljar.v2.streams import V2_STREAMS

ROOT = Path(__file__).parent
README = ROOT / "README.md"
DICTIONARY = ROOT.parent / "docs" / "reference" / "source-skilljar-fields.md"
SAMPLE_CATALOG = ROOT / "integration_tests" / "configured_catalog.json"

_ROWS = (30_000, 100_000, 150_000, 200_000, 300_000, 500_000)


def written_readme(text: str) -> str:
    """The README with its tables as they are to be."""
    text = _between(text, "streams", stream_table())
    text = _between(text, "v2_streams", v2_stream_table())
    return _between(text, "misses", miss_table())


def stream_table() -> str:
    """One row for each stream."""
    head = [
        "| Stream | Path | Parent | Primary key | Cursor | Incremental sync reads |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *(_row(declared) for declared in declared_streams().values())])


def _row(declared: StreamDeclaration) -> str:
    path, query = declared.list_address
    address = f"/{path}" + (f"?{unquote(query)}" if query else "")
    cursor = declared.cursor
    field = f"`{cursor.field}`" if cursor and cursor.field else ""
    parents = _ticks([parent.stream for parent in declared.parents])
    return f"| `{declared.name}` | `{address}` | {parents} | {_ticks(declared.key)} | {field} | {_reads(declared)} |"


def _reads(declared: StreamDeclaration) -> str:
    if declared.cursor is None:
        return "full refresh only"
    if declared.cursor.parents is Parents.ROTATING:
        return "lists in turns"
    if declared.cursor.parents is Parents.CHANGED:
        return "lists of changed parents"
    return "all lists; new and changed rows"


def v2_stream_table() -> str:
    """One row for each stream of version 2."""
    head = ["| Stream | Path | Scope of the client | Primary key | Cursor |", "| --- | --- | --- | --- | --- |"]
    rows = (
        f"| `{one.name}` | `/v2/{one.path}` | `{one.scope}` | {_ticks(one.key)} | `{one.time}` |"
        for one in V2_STREAMS.values()
    )
    return "\n".join([*head, *rows])


def miss_table() -> str:
    """How likely a change is overlooked that only the summary in the state can show."""
    shares = [miss_probability(rows) for rows in _ROWS]
    head = " | ".join(f"{rows:,}" for rows in _ROWS)
    return "\n".join(
        [
            f"| Rows of the stream | {head} |",
            "| --- |" + " --- |" * len(_ROWS),
            f"| overlooked | {' | '.join(f'{share:.1%}' for share in shares)} |",
        ]
    )


def fields() -> str:
    """Every field of every stream."""
    return dictionary("source-skilljar", {name: schema_of(name) for name in (*declared_streams(), *V2_STREAMS)}, {})


def sample_catalog() -> str:
    """A configured catalog of all streams, a line for each."""
    lines = ",\n".join(f"    {json.dumps(_configured(declared))}" for declared in declared_streams().values())
    return f'{{\n  "streams": [\n{lines}\n  ]\n}}\n'


def _configured(declared: StreamDeclaration) -> dict[str, Any]:
    cursor = declared.cursor
    modes = ["full_refresh", "incremental"] if cursor else ["full_refresh"]
    field = {"cursor_field": [cursor.field]} if cursor and cursor.field else {}
    return {
        "stream": {"name": declared.name, "json_schema": {}, "supported_sync_modes": modes},
        "sync_mode": modes[-1],
        "destination_sync_mode": "append_dedup",
        **field,
        "primary_key": [[part] for part in declared.key],
    }


def _ticks(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _between(text: str, name: str, table: str) -> str:
    """The text with the table between its two marks. Raises ValueError where they are missing."""
    pattern = rf"(<!-- {name}:[^\n]*-->\n).*?(<!-- /{name} -->)"
    written, found = re.subn(pattern, lambda marks: f"{marks[1]}{table}\n{marks[2]}", text, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"The marks of the table {name} are missing.")
    return written


if __name__ == "__main__":
    README.write_text(written_readme(README.read_text("utf-8")), "utf-8")
    DICTIONARY.write_text(fields(), "utf-8")
    SAMPLE_CATALOG.write_text(sample_catalog(), "utf-8")
