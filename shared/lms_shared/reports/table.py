"""All records of a sync as a table, for a spreadsheet: `report-<stream>.csv` beside the page."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from lms_shared.upsert.account.rejects import strict_json
from lms_shared.upsert.account.store import FileKind, ReportedObject, ReportStore
from lms_shared.upsert.plan.plan import Action

COLUMNS = (
    "result",
    "object",
    "record",
    "id",
    "external_reference",
    "address",
    "reason",
    "code",
    "what_to_do",
    "changed_fields",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Begins of a cell that a spreadsheet would take for a formula (OWASP, CSV injection)."""
_BOM = b"\xef\xbb\xbf"
"""Without it Excel reads the file in the code page of the machine."""


class _Echo:
    """A file that gives back what is written to it, and so does the `writerow` that writes to it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), lineterminator="\r\n")


def table_rows(row: Mapping[str, Any], *, first: bool) -> bytes:
    """A row, and the names of the columns before the first one; without the end of the line."""
    text: str = _WRITER.writerow([_cell(value) if (value := row.get(name)) is not None else "" for name in COLUMNS])
    line = text.removesuffix("\n").encode("utf-8", "backslashreplace")
    return _BOM + ",".join(COLUMNS).encode() + b"\r\n" + line if first else line


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else strict_json(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text


class Table:
    """Writes what it is told of, row by row."""

    def __init__(self, store: ReportStore) -> None:
        self._store = store

    def note(self, told: ReportedObject) -> None:
        """A row for an object; a rejected record has its row when all of it is known."""
        if told.action is Action.REJECT:
            return
        self._add(
            told.stream,
            result=told.action.value,
            object=told.object_name,
            record=_named(told.key),
            address=told.identity.address,
            reason=told.reason,
            changed_fields=", ".join(str(one["field"]) for one in told.changes),
            **told.identity.shown,
        )

    def reject(self, line: Mapping[str, Any], key: Mapping[str, Any]) -> None:
        """A row for a rejected record."""
        self._add(
            str(line["stream"]),
            result=Action.REJECT.value,
            object=line["object"],
            record=_named(key),
            reason=line["reason"],
            code=line["code"],
            what_to_do=line["remedy"],
        )

    def _add(self, stream: str, **row: Any) -> None:
        self._store.append(FileKind.TABLE, stream, row)


def _named(key: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in key.items())
