"""Courses on the domain: where hidden, enrollments and progress hang."""

from __future__ import annotations

from collections.abc import Iterable

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.adapter.keys import Key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.http.outcome import UnknownOutcome


class Publications:
    """The publications of one domain; there is one at most for each course."""

    def __init__(self, api: SkilljarApi, domain: str) -> None:
        self._api = api
        self._path = f"domains/{domain}/published-courses"
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "published courses",
            id_of=lambda row: str(row["id"]),
            keys_of=lambda row: (Key("course", _course_id(row)),),
            askable=frozenset({"course"}),
            fetch=self._fetch,
            listing=lambda: api.listing(self._path),
        )

    def _fetch(self, key: Key) -> list[Row]:
        return [row for row in self._api.rows(self._path, {"course__id": key.value}) if _course_id(row) == key.value]

    def expect(self, courses: Iterable[str]) -> None:
        """Announces courses whose publications are going to be looked up."""
        self._lookup.expect([Key("course", one) for one in courses])

    def of(self, course: str) -> Row | None:
        """The publication of a course, or None."""
        return next(iter(self._lookup.find(Key("course", course))), None)

    def publish(self, course: str, *, hidden: bool) -> Row:
        """Publishes a course. Skilljar refuses a second publication on the same domain."""
        try:
            row = self._api.post(self._path, {"course": {"id": course}, "hidden": hidden})
        except UnknownOutcome:
            self._lookup.refresh(Key("course", course))
            raise
        self._lookup.put({"course": {"id": course}, **row})
        return row

    def set_hidden(self, publication: Row, *, hidden: bool) -> Row:
        """Hides a publication or shows it again; its enrollments and records stay."""
        row = self._api.patch(f"{self._path}/{publication['id']}", {"hidden": hidden})
        changed = {**publication, **row, "hidden": hidden}
        self._lookup.put(changed, instead_of=publication)
        return changed


def _course_id(row: Row) -> str:
    course = row.get("course")
    return str(course.get("id")) if isinstance(course, dict) else ""
