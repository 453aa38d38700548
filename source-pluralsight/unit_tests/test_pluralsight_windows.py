"""Course progress in windows: only where a look proves that they cut, no row missed, and a kill costs little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from queue import Queue
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from airbyte_cdk.models import Type

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluralsight.options import (
    EndDate,
    FilterDates,
    PluralsightOptions,
    Refusal,
    RowOrder,
)
from lms_shared.http.list_answer import Page
from source_pluralsight.cursors.instants import EPOCH
from source_pluralsight.cursors.progress import ProgressCursor
from source_pluralsight.cursors.progress_state import Window
from source_pluralsight.partitions.progress import ProgressPartition
from source_pluralsight.partitions.rows import Tally
from source_pluralsight.partitions.stream_reader import RowsPage

STREAM = ["course_progress"]
SIZES = {"users": 50, "courses": 20, "progress": 900}
PAGE = 20


def keys(output: Any) -> set[tuple[str, str]]:
    return {key(message.record.data) for message in output.records}


def key(row: dict[str, Any]) -> tuple[str, str]:
    return row["psUserId"], row["courseId"]


def truth(site: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {key(row): row for row in site.sandbox.state()["course_progress"]}


def states(output: Any) -> list[dict[str, Any]]:
    return [message.state.stream.stream_state.__dict__ for message in output.state_messages]


def newest(site: Any) -> str:
    return max(row["updatedOn"] for row in truth(site).values() if row["updatedOn"])


@pytest.mark.sweep(kept=6)
@pytest.mark.parametrize("order", list(RowOrder))
@pytest.mark.parametrize("end_date", [EndDate.INCLUSIVE, EndDate.EXCLUSIVE])
@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("dates", list(FilterDates))
@pytest.mark.parametrize("zone", [0, 9])
def test_windows_give_every_row_and_a_checkpoint_each(
    serve: Any, commands: Any, order: RowOrder, end_date: EndDate, inclusive: bool, dates: FilterDates, zone: int
) -> None:
    options = PluralsightOptions(
        progress_order=order,
        end_date=end_date,
        start_date_inclusive=inclusive,
        filter_dates=dates,
        day_zone_hours=zone,
    )
    site = serve(options, **SIZES)
    output = commands.read(site.config(page_size=PAGE), STREAM)
    assert not output.errors
    assert keys(output) == truth(site).keys()
    assert states(output)[-1] == {"updatedOn": newest(site)}
    if inclusive or dates is not FilterDates.DAYS:
        assert len(states(output)) > 8


@pytest.mark.sweep(kept=6)
@pytest.mark.parametrize("end_date", [EndDate.IGNORED, EndDate.REFUSED, EndDate.BY_COMPLETION])
@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS])
@pytest.mark.parametrize("order", list(RowOrder))
def test_without_proof_the_stream_is_read_in_one_pass(
    serve: Any, commands: Any, end_date: EndDate, introspection: Refusal | None, order: RowOrder
) -> None:
    options = PluralsightOptions(end_date=end_date, introspection_refusal=introspection, progress_order=order)
    site = serve(options, **SIZES)
    output = commands.read(site.config(page_size=PAGE), STREAM)
    assert not output.errors
    assert keys(output) == truth(site).keys()
    assert len(output.records) == SIZES["progress"]
    assert states(output) == [{"updatedOn": newest(site)}]
    assert site.requests_for("courseProgress") <= SIZES["progress"] // PAGE + 4


def test_a_schema_without_end_date_is_read_in_one_pass_with_one_request_a_page(serve: Any, commands: Any) -> None:
    site = serve(PluralsightOptions(dropped_fields=frozenset({"CourseProgressFilter.endDate"})), **SIZES)
    output = commands.read(site.config(page_size=PAGE), STREAM)
    assert keys(output) == truth(site).keys()
    assert site.requests_for("courseProgress") == SIZES["progress"] // PAGE


def test_one_page_is_one_request(serve: Any, commands: Any) -> None:
    site = serve(**SIZES)
    commands.read(site.config(), STREAM)
    assert site.requests_for("courseProgress") == 1


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("workers", [1, 4])
def test_windows_cost_few_requests_more_than_one_pass(serve: Any, commands: Any, workers: int) -> None:
    site = serve(users=100, courses=60, progress=6000)
    commands.read(site.config(page_size=50, num_workers=workers), STREAM)
    pages = 6000 // 50
    assert site.requests_for("courseProgress") <= pages * 1.25 + 5


@pytest.mark.parametrize("order", list(RowOrder))
def test_rows_without_a_date_come_with_a_read_of_everything(serve: Any, commands: Any, order: RowOrder) -> None:
    site = serve(PluralsightOptions(undated_rows=7, progress_order=order), **SIZES)
    output = commands.read(site.config(page_size=PAGE), STREAM)
    assert keys(output) == truth(site).keys()
    assert states(output)[-1] == {"updatedOn": newest(site)}
    assert len(states(output)) > 8


def test_most_rows_on_one_day_are_one_window(serve: Any, commands: Any) -> None:
    site = serve(**SIZES)
    site.sandbox.data.touch_progress(600, datetime(2026, 8, 20, 2, tzinfo=UTC))
    output = commands.read(site.config(page_size=PAGE), STREAM)
    assert not output.errors
    assert keys(output) == truth(site).keys()


@pytest.mark.parametrize("workers", [1, 4])
def test_rows_that_change_while_windows_are_read_are_seen_or_left_to_the_next_sync(
    serve: Any, commands: Any, workers: int
) -> None:
    site = serve(PluralsightOptions(row_moves_between_pages=True, clock=datetime(2026, 8, 28, 3, tzinfo=UTC)), **SIZES)
    output = commands.read(site.config(page_size=PAGE, num_workers=workers), STREAM)
    assert not output.errors
    latest = {key(message.record.data): message.record.data["updatedOn"] for message in output.records}
    # A row moves with each page, in both readings of a window, and may take the place of one that was not read yet.
    left = [row["updatedOn"] for one, row in truth(site).items() if latest.get(one) != row["updatedOn"]]
    assert len(left) < 10
    assert all(updated > states(output)[-1]["updatedOn"] for updated in left)
    assert sum(row["updatedOn"] > "2026-08-28T12" for row in truth(site).values()) > 5


def test_an_incremental_read_is_in_windows_too_and_starts_where_the_state_is(serve: Any, commands: Any) -> None:
    site = serve(**SIZES)
    state = "2025-09-01T00:00:00.000Z"
    output = commands.read(site.config(page_size=PAGE, lookback_window_days=0), STREAM, {"updatedOn": state})
    wanted = {one for one, row in truth(site).items() if row["updatedOn"] >= state}
    assert keys(output) == wanted
    assert len(output.records) == len(wanted)
    assert all(one["updatedOn"] >= state for one in states(output))
    assert len(states(output)) > 5


@pytest.mark.sweep(kept=2)
@pytest.mark.parametrize("look_back", [0, 1])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_read_that_is_cut_off_goes_on_with_the_windows_that_were_open(
    serve: Any, commands: Any, workers: int, look_back: int
) -> None:
    site = serve(users=100, courses=40, progress=3000)
    config = site.config(page_size=30, num_workers=workers, lookback_window_days=look_back)
    site.server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, skip=90)])
    first = commands.read(config, STREAM)
    assert {error.trace.error.failure_type.value for error in first.errors} == {"transient_error"}
    done: set[tuple[str, str]] = set()
    so_far: set[tuple[str, str]] = set()
    for message in first.get_message_iterator():
        if message.type == Type.RECORD:
            so_far.add(key(message.record.data))
        elif message.type == Type.STATE:
            done = set(so_far)
    site.server.faults = FaultPlan()
    site.server.requests.reset()
    second = commands.read(config, STREAM, states(first)[-1])
    assert not second.errors
    assert done | keys(second) == truth(site).keys()
    assert states(second)[-1] == {"updatedOn": newest(site)}
    assert len(keys(second)) < 3000 - len(done) + 3000 // (4 * workers) * (workers + 1)
    assert len(keys(second)) < 2500
    third = commands.read(config, STREAM, states(second)[-1])
    assert len(third.records) < 30


def test_states_of_windows_are_of_the_published_form(serve: Any, commands: Any) -> None:
    site = serve(**SIZES)
    output = commands.read(site.config(page_size=PAGE), STREAM)
    for state in states(output):
        assert set(state) <= {"updatedOn", "windows"}
        windows = state.get("windows", [])
        assert all(len(window) == 2 and window[0] <= window[1] for window in windows)
        assert all(window[0] > state["updatedOn"] for window in windows)
    assert any("windows" in state for state in states(output))


# The clock.

FUTURE = "2099-01-01T00:00:00.000Z"


@pytest.mark.parametrize("page_size", [1000, PAGE])
@pytest.mark.parametrize("clock", [None, datetime(2026, 9, 1, tzinfo=UTC)])
def test_no_state_is_ahead_of_the_clock_of_the_api_whatever_a_row_says(
    serve: Any, commands: Any, page_size: int, clock: datetime | None
) -> None:
    site = serve(PluralsightOptions(future_rows=3, clock=clock), **SIZES)
    config = site.config(page_size=page_size)
    output = commands.read(config, STREAM)
    assert keys(output) == truth(site).keys()
    limit = (clock or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.999Z")
    for state in states(output):
        assert state["updatedOn"] <= limit
        assert all(end <= limit for _, end in state.get("windows", ()))
    (changed,) = site.sandbox.data.touch_progress(1, (clock or datetime.now(UTC)) + timedelta(days=1))
    later = commands.read(config, STREAM, states(output)[-1])
    assert key(site.sandbox.data.progress.row(changed)) in keys(later)


@pytest.mark.parametrize(
    "state",
    [
        {"updatedOn": FUTURE},
        {"updatedOn": FUTURE, "windows": [["2026-01-01T00:00:00.000Z", FUTURE]]},
        {"updatedOn": "12000"},
        {"cursor": 5},
        {"updatedOn": None},
    ],
)
@pytest.mark.parametrize("start_date", [None, "2026-01-01T00:00:00Z"])
def test_a_state_that_cannot_be_believed_is_said_and_healed(
    serve: Any, commands: Any, state: dict[str, Any], start_date: str | None
) -> None:
    site = serve(**SIZES)
    config = site.config(**({"start_date": start_date} if start_date else {}))
    output = commands.read(config, STREAM, state)
    assert not output.errors
    assert keys(output) == {one for one, row in truth(site).items() if row["updatedOn"] >= (start_date or "")}
    assert states(output)[-1] == {"updatedOn": newest(site)}
    said = [log.log.message for log in output.logs if "The state of course_progress" in log.log.message]
    assert len(said) == 1


@pytest.mark.sweep(kept=12)
@pytest.mark.parametrize("digits", range(10))
@pytest.mark.parametrize("zone", ["Z", "+00:00", "+02:00", ""])
def test_fractions_of_any_length_are_read(serve: Any, commands: Any, digits: int, zone: str) -> None:
    site = serve(users=20, courses=20, progress=100)
    fraction = f".{'123456789'[:digits]}" if digits else ""
    hour = "04" if zone == "+02:00" else "02"
    state = f"2026-08-20T{hour}:00:00{fraction}{zone}"
    output = commands.read(site.config(lookback_window_days=0), STREAM, {"updatedOn": state})
    wanted = {one for one, row in truth(site).items() if row["updatedOn"] > "2026-08-20T02:00:00.999Z"}
    assert wanted <= keys(output)
    assert len(keys(output)) < len(wanted) + 5


class ReaderOfAChangingWindow:
    """Gives one page, and says that rows left the window in its last reading too."""

    plan = SimpleNamespace(name="course_progress")

    def pages(
        self, part: Mapping[str, Any], first: RowsPage | None, unsettled: Callable[[], None]
    ) -> Iterator[RowsPage]:
        yield RowsPage(Page([{"updatedOn": "2026-01-31T00:00:00.000Z"}]))
        unsettled()


@pytest.mark.parametrize("start", ["1970-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"])
def test_no_state_passes_a_window_of_which_rows_may_have_slipped_past(start: str) -> None:
    clock = "2026-02-28T00:00:00.000Z"
    written: Queue[Any] = Queue()
    cursor = ProgressCursor("course_progress", None, EPOCH, clock, written, Mock(), Tally(), Mock())
    cursor.opened()
    window = Window(start, "2026-02-01T00:00:00.000Z")
    part = ProgressPartition(ReaderOfAChangingWindow(), cursor, (), Tally(), {}, clock, window)
    assert len(list(part.read())) == 1
    cursor.close_partition(part)
    cursor.all_generated()
    assert cursor.is_complete
    assert cursor.state["updatedOn"] in (EPOCH, "2025-12-31T23:59:59.999Z")
    assert cursor.state["updatedOn"] <= start
