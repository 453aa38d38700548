"""The table of reject codes holds every code that the code base raises, and no other; the docs show it as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lms_shared.upsert.account.reject_codes import REJECT_CODES, STATUS, find_code, markdown_table

ROOT = Path(__file__).parents[3]
TABLE = Path("shared/lms_shared/upsert/reject_codes.py")
CODE = re.compile(r"(INPUT|REFERENCE|REMOTE|POLICY)\.[A-Z][A-Z_]*")
STATUS_CODE = re.compile(r"(INPUT|REFERENCE|REMOTE|POLICY)\.")


def code_base() -> list[Path]:
    """The packages of the repository, without their tests."""
    packages = (*ROOT.glob("destination-*/destination_*"), ROOT / "shared" / "lms_shared")
    return [path for package in packages for path in package.rglob("*.py") if path.relative_to(ROOT) != TABLE]


def raised() -> Iterator[tuple[str, Path]]:
    """The codes in string literals; one that ends in the status of an answer is an f-string."""
    for path in code_base():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                first = node.values[0] if node.values else None
                if isinstance(first, ast.Constant) and STATUS_CODE.fullmatch(str(first.value)):
                    yield f"{first.value}{STATUS}", path
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value, path


def test_every_code_that_is_raised_is_in_the_table() -> None:
    table = {one.code for one in REJECT_CODES}
    missing = {code: path.relative_to(ROOT).as_posix() for code, path in raised() if code not in table}
    assert not missing


def test_every_code_of_the_table_is_raised_somewhere() -> None:
    assert {one.code for one in REJECT_CODES} <= {code for code, _ in raised()}


def test_each_code_is_there_once_with_meaning_and_remedy() -> None:
    assert len({one.code for one in REJECT_CODES}) == len(REJECT_CODES)
    assert all(one.meaning.endswith(".") and one.remedy.endswith(".") for one in REJECT_CODES)


@pytest.mark.parametrize(
    ("code", "row"),
    [("REMOTE.422", f"REMOTE.{STATUS}"), ("INPUT.TYPE", "INPUT.TYPE"), ("INPUT.422", None), ("X.Y", None)],
)
def test_a_code_is_found_by_its_name_or_as_one_of_a_status(code: str, row: str | None) -> None:
    found = find_code(code)
    assert (found.code if found else None) == row


def test_the_docs_show_the_table_as_it_is() -> None:
    assert markdown_table() in (ROOT / "shared" / "REPORTS.md").read_text("utf-8")
