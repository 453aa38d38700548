"""Writes what the documentation says of the streams, from their table and schemas: `make docs`."""

from __future__ import annotations

import re
from pathlib import Path

from lms_shared.dev.docs.fields import dictionary
from source_pluralsight.planning.table import KnownStream, known_streams

ROOT = Path(__file__).parent
README = ROOT / "README.md"
DICTIONARY = ROOT.parent / "docs" / "reference" / "source-pluralsight-fields.md"
TAKE_ALL = "The API's documentation names next to no field: all that your key's schema shows are read beside these."


def written_readme(text: str) -> str:
    """The README with its table as it is to be. Raises ValueError where its marks are missing."""
    head = ["| Stream | Query | Sync modes | Primary key | Cursor |", "| --- | --- | --- | --- | --- |"]
    table = "\n".join([*head, *map(_row, known_streams())])
    marks = r"(<!-- streams:[^\n]*-->\n).*?(\n<!-- /streams -->)"
    written, found = re.subn(marks, lambda marked: f"{marked[1]}{table}{marked[2]}", text, flags=re.DOTALL)
    if found != 1:
        raise ValueError("The marks of the table of streams are missing.")
    return written


def _row(stream: KnownStream) -> str:
    mode = "full refresh, incremental" if stream.cursor_field else "full refresh"
    key = ", ".join(f"`{name}`" for name in stream.primary_key) or "none"
    cursor = f"`{stream.cursor_field}`" if stream.cursor_field else ""
    return f"| `{stream.name}`{' †' if stream.take_all else ''} | `{stream.query}` | {mode} | {key} | {cursor} |"


def fields() -> str:
    """Every field of every stream that is known without asking the API."""
    streams = known_streams()
    schemas = {one.name: one.schema for one in streams}
    return dictionary("source-pluralsight", schemas, {one.name: TAKE_ALL for one in streams if one.take_all})


if __name__ == "__main__":
    README.write_text(written_readme(README.read_text("utf-8")), "utf-8")
    DICTIONARY.write_text(fields(), "utf-8")
