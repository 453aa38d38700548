"""The page of benchmarks says what was measured."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from lms_shared.dev.benchmarks.__main__ import write
from lms_shared.dev.benchmarks.page import plot, table
from lms_shared.dev.benchmarks.rows import ROWS_FILE, Measured, tell, told

ROW = Measured("read <all> | twice", 50, "calls", "one by one", 200, 40)


def test_a_row_says_number_baseline_limit_and_ratio() -> None:
    assert table([ROW]).splitlines()[-1] == (
        "| read <all> \\| twice | 50 calls | 200 (one by one) | 40 (missed) | 0.25 |"
    )


def test_a_number_at_its_limit_does_not_miss_it() -> None:
    assert "missed" not in table([Measured("read", 40, "calls", "one by one", 200, 40)])


def test_a_baseline_of_nothing_has_no_ratio() -> None:
    assert table([Measured("read", 4, "calls", "none", 0)]).endswith("| 0 (none) |  |  |\n")


def test_a_plot_is_svg_with_a_bar_for_number_and_baseline() -> None:
    root = ElementTree.fromstring(plot("calls", [ROW]))
    bars = [float(one.get("width", "")) for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("x")]
    assert bars[0] / bars[1] == 0.25
    assert "read <all> | twice" in "".join(root.itertext())


def test_rows_come_back_as_they_were_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows"
    monkeypatch.setenv(ROWS_FILE, str(path))
    tell(ROW, ROW)
    assert told(path.read_text().splitlines()) == [ROW, ROW]


def test_the_page_shows_table_and_plots(tmp_path: Path) -> None:
    write(tmp_path, [ROW, Measured("wait", 1, "seconds", "one by one", 2)], ["bench.py --users 5"])
    page = (tmp_path / "benchmarks.md").read_text()
    assert table([ROW]).splitlines()[-1] in page
    assert "bench.py --users 5" in page
    for name in ("calls", "seconds"):
        assert f"(pictures/benchmark-{name}.svg)" in page
        assert (tmp_path / "pictures" / f"benchmark-{name}.svg").exists()
