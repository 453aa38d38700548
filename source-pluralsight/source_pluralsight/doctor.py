"""Looks at a real plan and says which guesses of `dialect.py` hold: `python -m source_pluralsight.doctor`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import get_introspection_query

from lms_shared.clientversion import HEADER_NAME
from lms_shared.doctor import (
    AccessRefused,
    Doctor,
    NoAnswer,
    Observation,
    Observations,
    Probe,
    ReadingSession,
    could_not_tell,
    does_not_hold,
    holds,
    run_doctor,
)
from lms_shared.doctor.session import Answer as Call
from source_pluralsight import dialect
from source_pluralsight.api.answer import NOT_JSON, Answer
from source_pluralsight.api.answer_rules import MANAGE_KEYS, judge
from source_pluralsight.api.errors import Trouble
from source_pluralsight.cursors.instants import EPOCH, Instant, instant_of, shifted
from source_pluralsight.dialect import DateForm
from source_pluralsight.partitions.windows import MILLISECOND
from source_pluralsight.settings import read_settings

Row = dict[str, Any]

SAMPLE = 1000
"""Rows of one page that are looked at."""
NO_ROWS = could_not_tell("The plan has too few rows to see it by.")


@dataclass(frozen=True)
class Account:
    """A plan, and what was read of it."""

    session: ReadingSession
    endpoint: str

    def ask(self, query: str) -> Answer:
        """The answer to a query."""
        call: Call = self.session.graphql(self.endpoint, query)
        return Answer(call.status, call.body if call.is_json else NOT_JSON, headers=call.headers)

    def connection(self, root: str, arguments: str, nodes: str = "") -> Mapping[str, Any] | None:
        """A connection with its number of rows, None where the API does not give it."""
        rows = f"nodes {{ {nodes} }}" if nodes else ""
        data = self.ask(f"query {{ {root}({arguments}) {{ totalCount {rows} pageInfo {{ hasNextPage }} }} }}").data
        value = None if data is None else data.get(root)
        return value if isinstance(value, Mapping) else None

    def count(self, root: str, arguments: str) -> int | None:
        """How many rows a list has under a filter."""
        connection = self.connection(root, f"first: 1, {arguments}", "__typename")
        total = None if connection is None else connection.get("totalCount")
        return total if isinstance(total, int) else None

    @cached_property
    def progress(self) -> Mapping[str, Any]:
        """The first page of course_progress."""
        found = self.connection("courseProgress", f"first: {SAMPLE}", "psUserId courseId updatedOn")
        return found or {}

    @property
    def rows(self) -> list[Row]:
        """Rows of that page."""
        return [row for row in self.progress.get("nodes") or () if isinstance(row, dict)]

    @property
    def changes(self) -> list[Instant]:
        """When rows of that page changed, in order."""
        return sorted(one for one in (instant_of(row.get("updatedOn")) for row in self.rows) if one is not None)


def connect(config: Mapping[str, Any]) -> Account:
    """Opens the plan of a config. Raises AccessRefused where the key or the address is wrong."""
    settings = read_settings(config)
    session = ReadingSession(headers={HEADER_NAME: settings.client_version})
    session.bear(settings.api_key)
    account = Account(session, settings.endpoint)
    answer = account.ask("query { planAdmins(first: 1) { totalCount } }")
    resolution = judge(answer)
    if resolution is not None and resolution.trouble is Trouble.KEY:
        raise AccessRefused(f"{resolution.message} ({MANAGE_KEYS}.)" if answer.status == 401 else resolution.message)
    if resolution is not None and resolution.trouble is Trouble.SERVICE:
        raise NoAnswer(resolution.message)
    return account


def introspection(account: Account) -> Observations:
    answer = account.ask(get_introspection_query(descriptions=False))
    schema = (answer.data or {}).get("__schema")
    if isinstance(schema, dict):
        return {dialect.INTROSPECTION: holds(f"The schema has {len(schema.get('types') or ())} types.")}
    return {dialect.INTROSPECTION: does_not_hold(f"Introspection is refused (HTTP {answer.status}).")}


def date_form(account: Account) -> Observations:
    for form, date in ((DateForm.INSTANT, "2020-01-01T00:00:00.000Z"), (DateForm.DAY, "2020-01-01")):
        if account.count("courseProgress", f'filter: {{startDate: "{date}"}}') is not None:
            said = f"Dates are taken as {'instants' if form is DateForm.INSTANT else 'days only'}."
            held = form is dialect.DATE_FORM.assumed
            return {dialect.DATE_FORM: holds(said) if held else does_not_hold(said)}
    return {dialect.DATE_FORM: could_not_tell("courseProgress takes a startDate in neither form.")}


def start_date(account: Account) -> Observations:
    changes = account.changes
    whole = account.progress.get("totalCount")
    if not changes or changes[0] == changes[-1]:
        return {dialect.START_DATE: NO_ROWS}
    last = changes[-1]
    found = account.connection("courseProgress", f'first: {SAMPLE}, filter: {{startDate: "{last}"}}', "updatedOn")
    if found is None:
        return {dialect.START_DATE: could_not_tell("A startDate in the form of updatedOn is refused.")}
    seen = [instant_of(row.get("updatedOn")) for row in found.get("nodes") or () if isinstance(row, dict)]
    if found.get("totalCount") == whole or any(one is not None and one < last for one in seen):
        return {dialect.START_DATE: does_not_hold("Rows that changed before startDate come as well.")}
    if last in seen or found.get("totalCount", 0) > len(seen):
        return {dialect.START_DATE: holds("Rows from startDate on come, and none before it.")}
    return {dialect.START_DATE: does_not_hold("Rows that changed exactly at startDate do not come.")}


def end_date(account: Account) -> Observations:
    changes = account.changes
    if not changes or changes[0] == changes[-1]:
        return {dialect.END_DATE: NO_ROWS}
    middle = changes[(len(changes) - 1) // 2]
    boundary = f"{middle[:20]}777Z" if middle < f"{middle[:20]}777Z" < changes[-1] else middle
    whole = account.count("courseProgress", f'filter: {{startDate: "{shifted(EPOCH, MILLISECOND)}"}}')
    before = account.count("courseProgress", f'filter: {{endDate: "{boundary}"}}')
    after = account.count("courseProgress", f'filter: {{startDate: "{shifted(boundary, MILLISECOND)}"}}')
    if before is None or after is None or whole is None:
        return {dialect.END_DATE: does_not_hold("endDate, or a date in this form, is refused.")}
    if before + after == whole and before > 0 and after > 0:
        return {dialect.END_DATE: holds("Two halves sum to the whole.")}
    return {dialect.END_DATE: does_not_hold("Two halves do not sum to the whole.")}


def lists(account: Account) -> Observations:
    complete = []
    nulls = 0
    for root in ("planAdmins", "teams", "users"):
        found = account.connection(root, f"first: {SAMPLE}", "__typename")
        if found is None or (found.get("pageInfo") or {}).get("hasNextPage") is not False:
            continue
        nodes = found.get("nodes") or []
        nulls += sum(node is None for node in nodes)
        complete.append((len(nodes), found.get("totalCount")))
    if not complete:
        return {dialect.TOTAL_COUNT: could_not_tell("No list fits on one page.")}
    short = [counts for counts in complete if counts[0] != counts[1]]
    told = (
        does_not_hold(f"{len(short)} lists have another number of rows than they say.")
        if short
        else holds(f"{len(complete)} lists have as many rows as they say.")
    )
    null_rows = (
        holds(f"{nulls} rows are null and counted.") if nulls and not short else could_not_tell("No row is null.")
    )
    return {dialect.TOTAL_COUNT: told, dialect.NULL_ROWS: null_rows}


def first_cap(account: Account) -> Observations:
    cap = dialect.FIRST_CAP.assumed
    answer = account.ask(f"query {{ courseProgress(first: {cap + 1}) {{ totalCount nodes {{ __typename }} }} }}")
    value = (answer.data or {}).get("courseProgress") or {}
    rows = len(value.get("nodes") or ())
    if rows > cap:
        return {dialect.FIRST_CAP: does_not_hold(f"A page had {rows:,} rows.")}
    if rows == cap:
        return {dialect.FIRST_CAP: holds(f"A longer page was cut to {cap:,} rows.")}
    if value.get("totalCount", 0) > rows > 0:
        return {dialect.FIRST_CAP: does_not_hold(f"A page is cut to {rows:,} rows.", page_size=min(rows, SAMPLE))}
    if answer.errors and "first" in answer.error_text:
        return {dialect.FIRST_CAP: holds("A longer page is refused by name.")}
    return {dialect.FIRST_CAP: could_not_tell("The list is shorter than the cap.")}


def progress_rows(account: Account) -> Observations:
    rows = account.rows
    if not rows:
        return {dialect.PROGRESS_KEY: NO_ROWS, dialect.UPDATED_ON: NO_ROWS}
    keys = Counter((row.get("psUserId"), row.get("courseId")) for row in rows)
    nulls = sum(count for key, count in keys.items() if None in key)
    doubles = sum(count - 1 for key, count in keys.items() if None not in key)
    whole = not nulls and not doubles
    key = (
        holds(f"{len(rows):,} rows have keys of their own.")
        if whole
        else does_not_hold(f"Of {len(rows):,} rows {nulls} lack a part of the key and {doubles} share one.")
    )
    undated = sum(row.get("updatedOn") is None for row in rows)
    dated = (
        does_not_hold(f"{undated} of {len(rows):,} rows have none.")
        if undated
        else holds(f"All of {len(rows):,} rows have one.")
    )
    return {dialect.PROGRESS_KEY: key, dialect.UPDATED_ON: dated}


def course_states(account: Account) -> Observations:
    found = account.connection("courseCatalog", f"first: {SAMPLE}", "courseStatus { name }") or {}
    states = {((row or {}).get("courseStatus") or {}).get("name") for row in found.get("nodes") or ()} - {None}
    known = {state.casefold() for state in dialect.COURSE_STATES.assumed}
    others = sorted(state for state in map(str, states) if state.casefold() not in known)
    if others:
        return {dialect.COURSE_STATES: does_not_hold(f"Courses are in other states as well: {', '.join(others)}.")}
    if len(states) < len(known):
        return {dialect.COURSE_STATES: could_not_tell(f"Only {len(states)} states occur, all of them known.")}
    return {dialect.COURSE_STATES: holds("Courses are in these states and in no others.")}


def off_plan_filter(account: Account) -> Observations:
    counts = {
        root: [account.count(root, f"filter: {{showOffPlanContent: {value}}}") for value in ("false", "true")]
        for root in ("courseCatalog", "skillAssessmentCatalog")
    }
    refused = [root for root, (without, everything) in counts.items() if without is None or everything is None]
    if refused:
        return {dialect.OFF_PLAN_DEFAULT: does_not_hold(f"The filter is refused for {', '.join(refused)}.")}
    if any((everything or 0) < (without or 0) for without, everything in counts.values()):
        return {dialect.OFF_PLAN_DEFAULT: does_not_hold("With the filter off there are fewer rows.")}
    if all(without == everything for without, everything in counts.values()):
        return {dialect.OFF_PLAN_DEFAULT: could_not_tell("The filter makes no difference on this plan.")}
    return {dialect.OFF_PLAN_DEFAULT: holds("The filter leaves rows out.")}


def content_types(account: Account) -> Observations:
    as_enum = account.count("contentCatalog", "filter: {contentTypes: [PATH]}")
    if as_enum is not None:
        return {dialect.CONTENT_TYPES: holds("PATH is taken as a value of an enum.")}
    as_string: Observation = could_not_tell("The filter is refused in both forms.")
    if account.count("contentCatalog", 'filter: {contentTypes: ["PATH"]}') is not None:
        as_string = does_not_hold("PATH is taken as a string only.")
    return {dialect.CONTENT_TYPES: as_string}


DOCTOR = Doctor(
    "source-pluralsight",
    connect,
    probes=(
        Probe((dialect.INTROSPECTION,), introspection),
        Probe((dialect.DATE_FORM,), date_form),
        Probe((dialect.PROGRESS_KEY, dialect.UPDATED_ON), progress_rows),
        Probe((dialect.START_DATE,), start_date),
        Probe((dialect.END_DATE,), end_date),
        Probe((dialect.TOTAL_COUNT, dialect.NULL_ROWS), lists),
        Probe((dialect.COURSE_STATES,), course_states),
        Probe((dialect.OFF_PLAN_DEFAULT,), off_plan_filter),
        Probe((dialect.CONTENT_TYPES,), content_types),
        Probe((dialect.FIRST_CAP,), first_cap),
    ),
    guesses=dialect.GUESSES,
)

if __name__ == "__main__":
    sys.exit(run_doctor(DOCTOR))
