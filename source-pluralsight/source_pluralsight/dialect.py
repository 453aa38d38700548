"""Everything that the connector takes to be so about the API although no page of the vendor says it, in one list.

Each guess names the section of the Pluralsight reference where the question is open. `doctor` looks at a real account
for each of them. What a run finds out about the API by itself is kept in `Learned`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from lms_shared.doctor.guess import Guess


class DateForm(Enum):
    """How the dates of a filter are written (reference 6, items 5 and 6)."""

    INSTANT = "instant"
    DAY = "day"


INTROSPECTION = Guess(
    name="introspection",
    statement="A key may introspect the schema.",
    reference="1.4, row Introspection",
    effect="Where it may not, only the streams of streams.yaml are offered, with the fields of their schema files.",
    assumed=True,
)
DATE_FORM = Guess(
    name="date_form",
    statement="Dates in filters are taken as instants.",
    reference="6, items 5 and 6",
    effect="Instants are sent first; where one is refused, days are sent for the rest of the run.",
    assumed=DateForm.INSTANT,
)
START_DATE = Guess(
    name="start_date_filter",
    statement="startDate is a lower bound of updatedOn that takes the boundary in.",
    reference="6, what follows, items 1 and 3",
    effect="The state is sent as it is, less the look-back; a boundary that is left out costs nothing.",
    assumed=True,
)
END_DATE = Guess(
    name="end_date_filter",
    statement="endDate is an upper bound of updatedOn.",
    reference="6, last but one item",
    effect="course_progress is read in windows in parallel; where a look at the start shows otherwise, in one pass.",
    assumed=True,
)
DAY_MARGIN = Guess(
    name="day_margin",
    statement="A day of a filter is at most one day away from the same day in UTC.",
    reference="6, item 7",
    effect="The day before the wanted instant is sent, and rows that are too old are left out by the connector.",
    assumed=timedelta(days=1),
    untested="the zone of a day shows only near midnight, in data of a known moment",
)
TOTAL_COUNT = Guess(
    name="total_count",
    statement="totalCount is the number of rows of the whole list, null rows included.",
    reference="2, row totalCount",
    effect="Fewer rows than that are a failure.",
    assumed=True,
)
FIRST_CAP = Guess(
    name="first_cap",
    statement="A page holds up to 10,000 rows.",
    reference="1.4, row Hard cap",
    effect="page_size goes up to it.",
    assumed=10_000,
)
PAYLOAD_LIMIT = Guess(
    name="payload_limit",
    statement="A page of page_size rows is below the payload limit.",
    reference="1.4, row Payload limit",
    effect="A page that is too large is halved, down to one row, for the rest of the run.",
    assumed=True,
    untested="only a huge read shows it",
)
PROGRESS_KEY = Guess(
    name="course_progress_key",
    statement="psUserId and courseId are never null in course_progress and name one row together.",
    reference="4.1, primary key",
    effect="They are the primary key; a row without one of them is not emitted, and counted.",
    assumed=("psUserId", "courseId"),
)
UPDATED_ON = Guess(
    name="updated_on",
    statement="Each row of course_progress has an updatedOn.",
    reference="11, question 5",
    effect="Rows without one come only with a read of everything.",
    assumed=True,
)
COURSE_STATES = Guess(
    name="course_states",
    statement="The states of a course are spelled Published, Retired and Removed, in any case.",
    reference="5, row Course state",
    effect="course_states filters by these names; a course in another state passes, with a warning.",
    assumed=("Published", "Retired", "Removed"),
)
OFF_PLAN_DEFAULT = Guess(
    name="off_plan_filter",
    statement="filter.showOffPlanContent leaves out what the plan may not use, of courses and of Skill IQs.",
    reference="4.2 and 4.7",
    effect="show_off_plan_content is sent there; where the schema has it at the query itself, it is sent there.",
    assumed=True,
)
CONTENT_TYPES = Guess(
    name="content_types",
    statement="filter.contentTypes takes values of an enum.",
    reference="4.3, filter",
    effect="Without introspection, enum values are tried first and strings next.",
    assumed="enum",
)
NESTED_ROWS = Guess(
    name="nested_rows",
    statement="No user is on more than 1,000 teams.",
    reference="2, nested connections",
    effect="Lists in pages inside a row, such as the teams of a user, are asked for with that many rows.",
    assumed=1000,
    untested="a list inside a row has no count of its own",
)
NULL_ROWS = Guess(
    name="null_rows",
    statement="A list may hold null in place of a row, and totalCount counts it.",
    reference="10, last row",
    effect="Such a row is skipped and not missed.",
    assumed=True,
)
HEAL_DAYS = Guess(
    name="heal_days",
    statement="A field that the API fails to give for one row comes back within 7 days, or never.",
    reference="1.3, row Error that costs only a part",
    effect="The state does not pass such a row while it is younger.",
    assumed=timedelta(days=7),
    untested="only time shows it",
)
CLOCK_SLACK = Guess(
    name="clock_slack",
    statement="Two clocks differ by less than five minutes.",
    reference="1.3, no row: HTTP's Date has whole seconds and may be missing",
    effect="A state that is further ahead of the API's clock than that is taken for poisoned.",
    assumed=timedelta(minutes=5),
    untested="the API's own clock cannot be compared with itself",
)

GUESSES: tuple[Guess[Any], ...] = (
    INTROSPECTION,
    DATE_FORM,
    START_DATE,
    END_DATE,
    DAY_MARGIN,
    TOTAL_COUNT,
    FIRST_CAP,
    PAYLOAD_LIMIT,
    PROGRESS_KEY,
    UPDATED_ON,
    COURSE_STATES,
    OFF_PLAN_DEFAULT,
    CONTENT_TYPES,
    NESTED_ROWS,
    NULL_ROWS,
    HEAL_DAYS,
    CLOCK_SLACK,
)


@dataclass
class Learned:
    """What this run has found out about the API. Safe for threads."""

    date_form: DateForm = DATE_FORM.assumed
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _page_sizes: dict[str, int] = field(default_factory=dict)

    def page_size(self, stream: str, wanted: int) -> int:
        """Rows to ask for in a page of a stream."""
        with self._lock:
            return self._page_sizes.get(stream, wanted)

    def halve(self, stream: str, size: int) -> int | None:
        """The size to ask for after a page of this size was too large; None if there is no smaller one."""
        if size <= 1:
            return None
        with self._lock:
            # Another thread may have halved it meanwhile.
            self._page_sizes[stream] = min(size // 2, self._page_sizes.get(stream, size))
            return self._page_sizes[stream]
