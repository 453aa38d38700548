"""From the rows of a page to records: what does not belong in the stream is left out, counted and said."""

from __future__ import annotations

import math
import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from lms_shared.http.list_answer import Page, Row
from source_pluralsight.dialect import COURSE_STATES

Step = Callable[[list[Row]], list[Row]]


@dataclass
class Tally:
    """What was read of a stream, left out of it, or came incomplete. Safe for threads."""

    rows: int = 0
    pages: int = 0
    expected_pages: int | None = None
    """How many pages there are, as far as is known; None before anything is."""
    expected_rows: int = 0
    """How many rows the lists have that have begun."""
    waiting_lists: int = 0
    """How many lists are known of and have not begun."""
    has_failed: bool = False
    """Whether a part of the stream could not be read."""
    without_key: int = 0
    gone_parents: int = 0
    lost_fields: Counter[str] = field(default_factory=Counter)
    unknown_states: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def expect_lists(self, number: int) -> None:
        """There are so many lists of which nothing is known. Each counts as one page until it begins."""
        with self.lock:
            self.waiting_lists += number
            self.expected_pages = (self.expected_pages or 0) + number

    def expect(self, rows: int | None, first: Page, *, was_waiting: bool = False) -> None:
        """A list begins that says it has so many rows, of which this is the first page."""
        with self.lock:
            self.waiting_lists -= was_waiting
            self.expected_pages = (self.expected_pages or 0) + pages_of(rows, first) - was_waiting
            self.expected_rows += len(first.rows) if rows is None else rows

    def warnings(self, stream: str) -> Iterable[str]:
        """What the user should know at the end of the stream, one sentence each."""
        if self.without_key:
            yield (
                f"Stream {stream}: {self.without_key} rows came without a part of the primary key. They are left out, "
                "since no destination could tell them apart."
            )
        for name, count in sorted(self.lost_fields.items()):
            yield (
                f"Stream {stream}: Pluralsight failed to give the field {name} of {count} rows. It is null there, "
                "until a later sync brings it."
            )
        if self.gone_parents:
            yield (
                f"Stream {stream}: {self.gone_parents} records that its rows belong to were gone when their rows were "
                "asked for. They are skipped."
            )
        for state, count in sorted(self.unknown_states.items()):
            yield (
                f"Stream {stream}: {count} courses are in the state {state}, which course_states does not know. They "
                "are read."
            )


def pages_of(rows: int | None, first: Page) -> int:
    """How many pages a list of so many rows has, of which this is the first. One that does not say has one or more."""
    if first.following is None or not first.rows or rows is None:
        return 1
    return math.ceil(rows / len(first.rows))


def with_whole_key(key: tuple[str, ...], tally: Tally) -> Step:
    """Leaves out rows of which a part of the key is null: no destination could tell them apart."""

    def step(rows: list[Row]) -> list[Row]:
        whole = rows
        for part in key:
            whole = [row for row in whole if row.get(part) is not None]
        if len(whole) < len(rows):
            with tally.lock:
                tally.without_key += len(rows) - len(whole)
        return whole

    return step


def with_field(name: str, value: Any) -> Step:
    """Adds a field to each row."""
    return lambda rows: [{**row, name: value} for row in rows]


def in_states(wanted: Iterable[str], tally: Tally) -> Step:
    """Keeps courses in the wanted states, in any case. A state that nobody knows passes, and is counted."""
    kept = {state.casefold() for state in wanted}
    known = {state.casefold() for state in COURSE_STATES.assumed}

    def passes(row: Row) -> bool:
        status = row.get("courseStatus")
        name = status.get("name") if isinstance(status, Mapping) else status
        state = name.strip().casefold() if isinstance(name, str) else None
        if state in known:
            return state in kept
        with tally.lock:
            tally.unknown_states[repr(name) if name is not None else "null"] += 1
        return True

    return lambda rows: [row for row in rows if passes(row)]


class EachOnce:
    """Leaves out rows that were read before, once a list is read again from its start.

    A hash of eight bytes is kept for each row, so that a list of a million costs eight megabytes.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._before: set[int] = set()

    def again(self) -> None:
        """The list is read once more."""
        self._before = set(self._hashes)

    def __call__(self, rows: list[Row]) -> list[Row]:
        hashes = [hash(orjson.dumps(row)) for row in rows]
        self._hashes.extend(hashes)
        if not self._before:
            return rows
        return [row for row, found in zip(rows, hashes, strict=True) if found not in self._before]


class OffPlanCourses:
    """Compares the courses of course_progress with those of the catalog, once both are read. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._catalog: set[Any] = set()
        self._progress: Counter[Any] = Counter()

    def of_catalog(self, rows: list[Row]) -> list[Row]:
        """Takes note of courses; gives the rows as they are."""
        with self._lock:
            self._catalog.update(row.get("id") for row in rows)
        return rows

    def of_progress(self, rows: list[Row]) -> list[Row]:
        """Takes note of the courses of progress rows; gives the rows as they are."""
        found = Counter(row.get("courseId") for row in rows)
        with self._lock:
            self._progress.update(found)
        return rows

    def warning(self) -> str | None:
        """What to tell the user, None where each row has its course."""
        missing = {course: count for course, count in self._progress.items() if course not in self._catalog}
        if not missing or not self._catalog:
            return None
        return (
            f"{sum(missing.values()):,} of {self._progress.total():,} rows of course_progress are about "
            f"{len(missing):,} courses that course_catalog does not hold, since show_off_plan_content is off or "
            "course_states leaves them out. A destination cannot refer to them: switch show_off_plan_content on, or "
            "widen course_states."
        )
