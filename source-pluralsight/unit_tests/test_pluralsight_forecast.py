"""How long a read still takes is told from the numbers of rows that the API gives, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lms_shared.dev.sandbox.pluralsight.options import PluralsightOptions
from lms_shared.http.list_answer import Page
from source_pluralsight import reading
from source_pluralsight.forecast import rows_expected, seconds_left
from source_pluralsight.partitions.rows import Tally


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def page(rows: int) -> Page:
    return Page([{"id": number} for number in range(rows)], following="more")


def test_the_pages_that_are_left_take_as_long_as_those_that_were_read() -> None:
    clock, tallies = Clock(), {"users": Tally(), "teams": Tally()}
    left = seconds_left(tallies, clock)
    clock.now += 30.0
    assert left() is None, "no list is known"
    tallies["users"].expect(100, page(10))
    tallies["users"].pages = 3
    assert left() is None, "one list is not known"
    tallies["teams"].expect_lists(2)
    assert left() == 90.0
    assert rows_expected(tallies) is None, "two lists have not begun"
    for _ in range(2):
        tallies["teams"].expect(None, Page([{"id": 1}]), was_waiting=True)
    assert (left(), rows_expected(tallies)) == (90.0, 102)
    tallies["teams"].has_failed = True
    assert (left(), rows_expected(tallies)) == (70.0, 100)


def test_a_list_that_has_more_pages_than_it_promised_takes_no_time_back() -> None:
    clock, tally = Clock(), Tally(pages=5, expected_pages=3)
    left = seconds_left({"users": tally}, clock)
    clock.now += 10.0
    assert left() == 0.0


@pytest.mark.parametrize("windows", [True, False])
def test_each_stream_has_as_many_pages_as_were_expected(
    serve: Any, commands: Any, monkeypatch: pytest.MonkeyPatch, windows: bool
) -> None:
    found: dict[str, Tally] = {}

    def kept(tallies: dict[str, Tally]) -> Callable[[], float | None]:
        found.update(tallies)
        return seconds_left(tallies)

    monkeypatch.setattr(reading, "seconds_left", kept)
    site = serve(PluralsightOptions(), users=95, progress=400)
    lists = ["users", "teams", "channels", "channel_members", "course_catalog"]
    streams = [*lists, "course_progress"] if windows else lists
    commands.read(site.config(page_size=20, num_workers=1), streams)
    expected: Mapping[str, int | None] = {name: one.expected_pages for name, one in found.items()}
    read = {name: one.pages for name, one in found.items()}
    assert {name: read[name] for name in lists} == {name: expected[name] for name in lists}
    assert read["users"] > 1
    if not windows:
        assert rows_expected(found) == sum(one.rows for one in found.values())
    if windows:
        # Windows end with pages that are not full.
        assert 20 <= (expected["course_progress"] or 0) <= read["course_progress"] <= 40
