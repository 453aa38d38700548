"""Asks for the pages of one stream, and adjusts what it asks to what the API takes: page size, date form, fields.

What was found out for one part of the stream holds for all of them, in whichever thread they are read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from lms_shared.errors import transient_error
from lms_shared.http.list_answer import (
    Connection,
    IncompleteList,
    NotAList,
    Page,
    Row,
    read_connection,
    read_list,
)
from source_pluralsight.api.answer import Answer
from source_pluralsight.api.answer_rules import FORBIDDEN, is_about_first
from source_pluralsight.api.client import PluralsightClient
from source_pluralsight.api.errors import PluralsightError, Trouble
from source_pluralsight.cursors.instants import Instant, instant_of, shifted
from source_pluralsight.dialect import DAY_MARGIN, NULL_ROWS, DateForm, Learned
from source_pluralsight.planning.narrowing import narrowed
from source_pluralsight.planning.plan import SCALAR_FIELD, StreamPlan
from source_pluralsight.query.page_query import BoundQuery, PageQuery, Shape
from source_pluralsight.settings import Settings

START, END, WHOLE_DAYS = "start", "end", "whole_days"
"""Keys of a part: the instants between which its rows changed, and whether these are days as the API counts them."""


@dataclass(frozen=True)
class Run:
    """What the streams of one command share."""

    client: PluralsightClient
    settings: Settings
    learned: Learned


@dataclass(frozen=True)
class LostField:
    """A field that the API failed to give for one row, and when the row changed, where that is known."""

    name: str
    updated_on: Instant | None


@dataclass(frozen=True)
class RowsPage:
    """A page, with what is missing in its rows."""

    page: Page
    lost: tuple[LostField, ...] = ()


class StreamReader:
    """Reads one stream. Safe for threads."""

    def __init__(self, run: Run, plan: StreamPlan) -> None:
        self.run = run
        self._plan = plan
        self._adjusting = threading.Lock()
        self._said_size: int | None = None

    @property
    def plan(self) -> StreamPlan:
        """The plan as far as the API takes it."""
        return self._plan

    def pages(
        self,
        part: Mapping[str, Any],
        again: Callable[[], object] = lambda: None,
        first: RowsPage | None = None,
        unsettled: Callable[[], object] = lambda: None,
    ) -> Iterator[RowsPage]:
        """All pages of a part of the stream; `first` is its first page if that was read already.

        `again` is told when the part is read once more from its start, and `unsettled` at its end where rows came or
        went then too, so that one may have been skipped.

        Raises transient_error for a list that is not complete, and PluralsightError for what failed for good.
        """
        lost: dict[int, tuple[LostField, ...]] = {}

        known = [] if first is None else [first]

        def page_after(cursor: str | None) -> Page:
            found = known.pop() if known else self.page(part, cursor)
            lost[id(found.page)] = found.lost
            return found.page

        def pages() -> Iterator[Page]:
            if (yield from read_list(lambda: page_after(None), page_after, again)):
                unsettled()

        try:
            for page in pages():
                yield RowsPage(page, lost.pop(id(page)))
        except IncompleteList as error:
            raise transient_error(
                f"Stream {self._plan.name}: {error}. Nothing is taken as complete; sync again."
            ) from error

    def page(self, part: Mapping[str, Any], cursor: str | None) -> RowsPage:
        """The page of a part after a cursor, the first page when that is None."""
        return self._ask(part, cursor)

    def first_row(self) -> None:
        """Asks for the first row of the stream. Raises PluralsightError where the stream cannot be read."""
        self._ask({}, None, most_rows=1)

    def look(self, part: Mapping[str, Any], rows: int) -> Page:
        """The first rows of a part, with the number that it has."""
        found = self._ask(part, None, most_rows=rows)
        if found.page.count is None:
            raise transient_error(f"Stream {self._plan.name}: Pluralsight does not say how many rows there are.")
        return found.page

    def _ask(
        self,
        part: Mapping[str, Any],
        cursor: str | None,
        most_rows: int | None = None,
    ) -> RowsPage:
        while True:
            plan, form = self._plan, self.run.learned.date_form
            size = self.run.learned.page_size(plan.name, self.run.settings.page_size)
            size = size if most_rows is None else min(size, most_rows)
            body = self._bound(plan.query, part, form).body(size, cursor)
            try:
                value = self.run.client.ask(body, partial(self._read, plan))
            except PluralsightError as error:
                self._adjust(error, part, plan, form, size)
            else:
                if most_rows is None:
                    self._say_size(size)
                return value

    def _bound(self, query: PageQuery, part: Mapping[str, Any], form: DateForm) -> BoundQuery:
        """The query for a part, its bounds in the form of dates that the API takes."""
        bounds = {key: part[key] for key in (START, END) if part.get(key) is not None}
        if form is DateForm.DAY:
            margin = timedelta() if part.get(WHOLE_DAYS) else DAY_MARGIN.assumed
            # A day is wider than the instant in it, in whichever zone.
            outward = {START: -margin, END: margin}
            bounds = {key: shifted(instant, outward[key])[:10] for key, instant in bounds.items()}
        return query.bind({**part, **bounds})

    def _adjust(
        self, error: PluralsightError, part: Mapping[str, Any], plan: StreamPlan, form: DateForm, size: int
    ) -> None:
        """Changes what is asked, so that it may be asked again. Raises the error where nothing can be changed."""
        learned, notices = self.run.learned, self.run.client.notices
        match error.resolution.trouble:
            case Trouble.TOO_LARGE:
                if learned.halve(plan.name, size) is None:
                    raise error
            case Trouble.DATE if form is DateForm.INSTANT and (part.get(START) or part.get(END)):
                learned.date_form = DateForm.DAY
                notices.warn("Pluralsight takes no instants in date filters; days are sent for the rest of this sync.")
            case Trouble.FORBIDDEN | Trouble.INVALID | Trouble.QUERY:
                with self._adjusting:
                    if self._plan is plan:
                        self._plan = self._narrowed(error, part, plan, form)
            case _:
                raise error

    def _narrowed(
        self, error: PluralsightError, part: Mapping[str, Any], plan: StreamPlan, form: DateForm
    ) -> StreamPlan:
        def refusal(smaller: StreamPlan) -> PluralsightError | None:
            try:
                body = self._bound(smaller.query, part, form).body(1)
                self.run.client.ask(body, partial(self._read, smaller))
            except PluralsightError as refused:
                if refused.resolution.trouble in (Trouble.KEY, Trouble.SERVICE):
                    raise
                return refused
            return None

        found = narrowed(plan, error, refusal)
        if found is None:
            raise error
        for path in found.dropped:
            self.run.client.notices.warn(
                f"The API refuses the field {plan.name}.{'.'.join(path)} to this key; it is left out."
            )
        return found.plan

    def _say_size(self, size: int) -> None:
        if size < self.run.settings.page_size and self._said_size != size:
            self._said_size = size
            self.run.client.notices.warn(
                f"Stream {self._plan.name}: Pluralsight sends no larger answers than {size} rows here (payload limit); "
                "pages have that many rows for the rest of this sync."
            )

    def _read(self, plan: StreamPlan, answer: Answer) -> RowsPage:
        """The page in an answer. Raises NotAList for one that is not it, or lacks more than fields of rows."""
        value = self._root_value(answer, plan)
        errors = () if is_about_first(answer) else answer.errors
        for error in errors:
            if not error.is_below_rows(plan.query.root) or FORBIDDEN in error.codes:
                raise NotAList("it holds errors beside the data")
            if error.row_and_field[1][:1] in [(key,) for key in plan.primary_key]:
                raise NotAList("it holds errors in place of a key")
        page, rows = _page_in(value, plan.query)
        lost = tuple(self._lost(error.row_and_field, rows, plan) for error in errors)
        return RowsPage(page, lost)

    def _lost(self, found: tuple[int, tuple[str, ...]], rows: list[Any], plan: StreamPlan) -> LostField:
        number, path = found
        row = rows[number] if number < len(rows) else None
        changed = row.get(plan.cursor_field) if isinstance(row, dict) and plan.cursor_field else None
        return LostField(".".join(path), instant_of(changed))

    def _root_value(self, answer: Answer, plan: StreamPlan) -> Any:
        data = answer.data
        if data is None or plan.query.root not in data:
            raise NotAList(f"it does not hold {plan.query.root}")
        return data[plan.query.root]


def _page_in(value: Any, query: PageQuery) -> tuple[Page, list[Any]]:
    """The page that the value of a root field is, and its rows as they came, to find them by number."""
    match query.shape:
        case Shape.OBJECT:
            # The look-up of a single object may find none.
            if value is not None and not isinstance(value, dict):
                raise NotAList("it is not an object")
            return Page([] if value is None else [value]), []
        case Shape.LIST:
            if not isinstance(value, list):
                raise NotAList("it is not an array of rows")
            rows = [row if isinstance(row, dict) else {SCALAR_FIELD: row} for row in _flattened(value)]
            return Page(rows), value
        case _:
            layout = Connection(
                rows=query.shape.value,
                count="totalCount",
                has_page_info=query.has_page_info,
                may_hold_nulls=NULL_ROWS.assumed,
            )
            page = read_connection(value, layout)
            members = value[layout.rows]
            rows = [edge and edge.get("node") for edge in members] if query.shape is Shape.EDGES else members
            return page, rows


def _flattened(rows: list[Any]) -> Iterator[Row | Any]:
    for row in rows:
        if isinstance(row, list):
            yield from _flattened(row)
        elif row is not None:
            yield row
