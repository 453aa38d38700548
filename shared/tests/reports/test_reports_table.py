"""All records of a sync as a table that a spreadsheet opens, and never as a formula that it runs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.testing.memory_destination import sync_into
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.syncs import Stream
from lms_shared.reports.table import table_rows


def rows(path: Path) -> list[dict[str, str]]:
    """The rows as Excel reads them: UTF-8 by the mark at the start."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(lms: MemoryLms, folder: Path, *records: dict[str, Any]) -> list[dict[str, str]]:
    place = {"storage_type": "LOCAL", "path": str(folder)}
    sync_into(lms, [Stream("users", list(records))], object_storage_config=place)
    return rows(folder / "report-users.csv")


def test_each_record_has_a_row_with_what_became_of_it(tmp_path: Path) -> None:
    lms = MemoryLms()
    ada, grace = ({"email": f"{name}@example.com", "first_name": name.title()} for name in ("ada", "zoë"))
    first = write(lms, tmp_path, ada, {"email": "nobody"})
    assert [(one["result"], one["record"]) for one in first] == [
        ("rejected", "email: nobody"),
        ("created", "email: ada@example.com"),
    ]
    assert first[0]["code"] == "INPUT.FORMAT"
    assert first[0]["what_to_do"]
    second = write(lms, tmp_path, ada, {**grace, "email": "zoe@example.com"}, {**ada, "email": "ADA@example.com"})
    assert sorted(one["result"] for one in second) == ["created", "unchanged", "unchanged"]
    assert all(one["id"] for one in second)


def test_the_table_of_the_sync_before_is_put_away_with_its_report(tmp_path: Path) -> None:
    lms = MemoryLms()
    for _ in range(2):
        write(lms, tmp_path, {"email": "ada@example.com"})
    assert len(list(tmp_path.glob("earlier/*/report-users.csv"))) == 1


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_cell_begins_like_a_formula(begin: str) -> None:
    text = table_rows({"reason": f"{begin}cmd|' /C calc'!A0"}, first=True).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["reason"].startswith("'")


def test_half_a_character_and_a_list_are_written_all_the_same() -> None:
    text = table_rows({"record": "half \ud83d", "reason": ["a", 1]}, first=False).decode()
    assert "half \\ud83d" in text
    assert '[""a"",1]' in text
