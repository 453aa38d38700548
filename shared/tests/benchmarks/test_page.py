"""The page of benchmarks says what was measured."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from lms_shared.dev.benchmarks.__main__ import write
from lms_shared.dev.benchmarks.page import curves, plot, table
from lms_shared.dev.benchmarks.rows import ROWS_FILE, Measured, Point, tell, told

ROW = Measured("read <all> | twice", 50, "calls", "one by one", 200, 40)
POINTS = [
    Point("calls a record", line, x, y) for line, y in (("first & last", 2.0), ("again", 0.0)) for x in (100, 1000)
]


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
    tell(ROW, POINTS[0])
    assert told(path.read_text().splitlines()) == [ROW, POINTS[0]]


def test_the_page_shows_table_and_plots(tmp_path: Path) -> None:
    write(tmp_path, [ROW, Measured("wait", 1, "seconds", "one by one", 2)], ["bench.py --users 5"])
    page = (tmp_path / "benchmarks.md").read_text()
    assert table([ROW]).splitlines()[-1] in page
    assert "bench.py --users 5" in page
    for name in ("calls", "seconds"):
        assert f"(pictures/benchmark-{name}.svg)" in page
        assert (tmp_path / "pictures" / f"benchmark-{name}.svg").exists()


@pytest.mark.parametrize("points", [POINTS, POINTS[:1], [*POINTS, Point("calls a record", "again", 10_000, 500)]])
def test_lines_are_drawn_inside_their_axes(points: list[Point]) -> None:
    root = ElementTree.fromstring(curves("calls", points))
    lines = list(root.iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == len({one.line for one in points})
    for place in " ".join(one.get("points", "") for one in lines).split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= float(root.get("width", ""))
        assert 0 <= y <= float(root.get("height", ""))


def test_what_was_written_by_hand_stays_and_old_pictures_go(tmp_path: Path) -> None:
    write(tmp_path, [ROW, *POINTS], [])
    page = tmp_path / "benchmarks.md"
    page.write_text(page.read_text() + "\n## Where the time goes\n\nInto calls.\n")
    write(tmp_path, [ROW], [])
    assert page.read_text().endswith("\n## Where the time goes\n\nInto calls.\n")
    assert [one.name for one in (tmp_path / "pictures").iterdir()] == ["benchmark-calls.svg"]
