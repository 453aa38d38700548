"""What a doctor looks at in version 2: a token, and a few pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

from lms_shared.doctor import Answer, Observation, Observations, ReadingSession, could_not_tell, does_not_hold, holds
from lms_shared.doctor.skilljar_v2 import VersionTwoAccount
from lms_shared.skilljar_v2.documents import flat
from lms_shared.skilljar_v2.token import scopes_of
from source_skilljar import dialect
from source_skilljar.cursors.timestamps import parse_timestamp

NO_CLIENT = could_not_tell("The config has no client of version 2.")
REFUSED = could_not_tell("The client of version 2 is refused, or may not list enrollments.")
NOTHING = could_not_tell("The organization has no enrollment to see it by.")
LONG_AGO = "2000-01-01T00:00:00Z"
FEW = 2
"""Domains whose published courses are listed."""
V2_GUESSES = (
    dialect.V2_SCOPES_IN_TOKEN,
    dialect.V2_STUDENTS_ARE_USERS,
    dialect.V2_SAME_PUBLICATIONS,
    dialect.V2_STUDENTS_INCLUDED,
    dialect.V2_ENROLLED_WINDOWS,
    dialect.V2_COMPLETED_WINDOWS,
)


class BothVersions(Protocol):
    """An organization as the probe reads it."""

    @property
    def session(self) -> ReadingSession: ...

    @property
    def version_two(self) -> VersionTwoAccount | None: ...

    @property
    def domains(self) -> list[str]: ...

    def get(self, path: str, **params: Any) -> Answer: ...

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]: ...


def version_two(account: BothVersions) -> Observations:
    """A token, a page of enrollments, a page of completed ones, and the same objects in version 1."""
    two = account.version_two
    if two is None:
        return dict.fromkeys(V2_GUESSES, NO_CLIENT)
    if not two.sign_in():
        return dict.fromkeys(V2_GUESSES, REFUSED)
    scopes = scopes_of(two.auth.token)
    told = holds(f"It lists {len(scopes)} scopes.") if scopes else does_not_hold("It lists no scopes.")
    readings = dict.fromkeys(V2_GUESSES, REFUSED) | {dialect.V2_SCOPES_IN_TOKEN: told}
    page = two.page("enrollments/", {"include": "student"})
    if page is None:
        return readings
    rows = [flat(row) for row in page.rows]
    if not rows:
        return dict.fromkeys(V2_GUESSES, NOTHING) | {dialect.V2_SCOPES_IN_TOKEN: told}
    done = two.page("enrollments/", {"filter[completed_gte]": LONG_AGO})
    return {
        dialect.V2_SCOPES_IN_TOKEN: told,
        dialect.V2_STUDENTS_ARE_USERS: _known_in_version_one(account, rows[0].get("student_id")),
        dialect.V2_SAME_PUBLICATIONS: _same_publications(account, rows),
        dialect.V2_STUDENTS_INCLUDED: _all(
            rows, lambda row: bool(page.included.get(("students", str(row.get("student_id"))), {}).get("email"))
        ),
        dialect.V2_ENROLLED_WINDOWS: _all(rows, lambda row: parse_timestamp(row.get("enrolled_at")) is not None),
        dialect.V2_COMPLETED_WINDOWS: NOTHING
        if done is None or not done.rows
        else _all([flat(row) for row in done.rows], lambda row: row.get("completed_at") is not None),
    }


def _all(rows: list[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> Observation:
    fitting = sum(map(fits, rows))
    told = f"{fitting} of {len(rows)} rows show it."
    return holds(told) if fitting == len(rows) else does_not_hold(told)


def _known_in_version_one(account: BothVersions, student: Any) -> Observation:
    status = account.get(f"users/{quote(str(student), safe='')}").status
    told = f"Version 1 answers HTTP {status} for the user of a student's id."
    return holds(told) if status == 200 else does_not_hold(told)


def _same_publications(account: BothVersions, rows: list[dict[str, Any]]) -> Observation:
    named = {str(row.get("published_course_id")) for row in rows if row.get("domain_name") in account.domains[:FEW]}
    lists = (account.rows(f"domains/{domain}/published-courses") for domain in account.domains[:FEW])
    known = {str(row.get("id")) for listed in lists for row in listed}
    if not named:
        return NOTHING
    told = f"{len(named & known)} of {len(named)} are listed by version 1."
    # Deleted ones are listed by version 2 alone, and a long list has further pages.
    return holds(told) if named & known else does_not_hold(told)
