"""What the doctor looks at in version 2: a token, a page of the domain's enrollments, and the same in version 1."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Protocol
from urllib.parse import quote, unquote

from destination_skilljar import dialect
from destination_skilljar.version_two import ENROLLMENTS
from lms_shared.doctor import Answer, Observation, Observations, could_not_tell, does_not_hold, holds
from lms_shared.doctor.skilljar_v2 import VersionTwoAccount
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal
from lms_shared.skilljar_v2.documents import flat

Row = dict[str, Any]

V2_GUESSES = (dialect.SAME_IDS, dialect.LATEST_PROGRESS)
FEW = 5
"""Learners who are asked for one by one."""
NO_CLIENT = could_not_tell("The config has no client of version 2.")
REFUSED = could_not_tell("The client of version 2 is refused, or may not list enrollments.")
NOTHING = could_not_tell("The domain has no enrollment to see it by.")
NOBODY_TWICE = could_not_tell("No learner was found whose enrollments in a course differ in progress.")


class BothVersions(Protocol):
    """An organization as the probe reads it."""

    @property
    def version_two(self) -> VersionTwoAccount | None: ...

    @property
    def domain(self) -> str: ...

    @property
    def publications(self) -> str: ...

    @property
    def published(self) -> list[Row]: ...

    def get(self, path: str, **params: Any) -> Answer: ...

    def rows(self, path: str, **params: Any) -> list[Row]: ...


def version_two(account: BothVersions) -> Observations:
    """Whether what version 2 lists has the ids and the progress that version 1 shows."""
    two = account.version_two
    if two is None:
        return dict.fromkeys(V2_GUESSES, NO_CLIENT)
    domain = {"filter[domains]": unquote(account.domain)}
    page = two.page(ENROLLMENTS, domain) if two.sign_in() else None
    if page is None:
        return dict.fromkeys(V2_GUESSES, REFUSED)
    rows = [flat(row) for row in page.rows]
    return {
        dialect.SAME_IDS: _same_ids(account, two, domain, rows),
        dialect.LATEST_PROGRESS: _latest_progress(account, rows),
    }


def _same_ids(account: BothVersions, two: VersionTwoAccount, domain: dict[str, str], rows: list[Row]) -> Observation:
    """Publications and enrollments by their ids, and courses by the filter that the writer uses."""
    courses = {str(one["id"]): str(one["course"]["id"]) for one in account.published}
    named = {str(row["published_course_id"]) for row in rows}
    if not named:
        return NOTHING
    known = sorted(named & set(courses))
    # Deleted publications are listed by version 2 alone, and a long list has further pages.
    if not known:
        return does_not_hold(f"Version 1 lists none of the {len(named)} publications.")
    publication = known[0]
    filtered = two.page(ENROLLMENTS, {**domain, "filter[course.id]": courses[publication]})
    by_course = [] if filtered is None else [flat(row) for row in filtered.rows]
    if publication not in {str(row["published_course_id"]) for row in by_course}:
        return does_not_hold("Version 2 finds no enrollment by the id that version 1 has of the course.")
    row = next(one for one in rows if str(one["published_course_id"]) == publication)
    status = account.get(f"{account.publications}/{publication}/enrollments/{quote(str(row['id']), safe='')}").status
    told = f"{len(known)} of {len(named)} publications are listed by version 1, and an enrollment is HTTP {status}."
    return holds(told) if status == 200 else does_not_hold(told)


def _latest_progress(account: BothVersions, rows: list[Row]) -> Observation:
    """Learners with several enrollments in a course that differ in progress: which of them version 1 shows."""
    pairs: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("student_id") is not None:
            pairs[str(row["student_id"]), str(row["published_course_id"])].append(row)
    telling = [
        (*pair, max(held, key=lambda row: str(row.get("enrolled_at") or "")))
        for pair, held in pairs.items()
        if len({row.get("completed_at") for row in held}) > 1
    ][:FEW]
    compared = [
        _same_moment(progress.get("completed_at"), row.get("completed_at"))
        for learner, publication, row in telling
        if (progress := _shown(account, learner, publication)) is not None
    ]
    if not compared:
        return NOBODY_TWICE
    told = f"{sum(compared)} of {len(compared)} learners are shown with the progress of their latest enrollment."
    return holds(told) if all(compared) else does_not_hold(told)


def _shown(account: BothVersions, learner: str, publication: str) -> Row | None:
    """The progress that version 1 shows of a learner in a course, None where it does not list the course."""
    body = account.get(f"users/{quote(learner, safe='')}/published-courses").body
    listed = body["results"] if isinstance(body, dict) else body or []
    rows = (one for one in listed if str(one.get("published_course_id")) == publication)
    return next((one.get("course_progress") or {} for one in rows), None)


def _same_moment(one: Any, other: Any) -> bool:
    return one == other or (one is not None and other is not None and equal(Kind.INSTANT, one, other))
