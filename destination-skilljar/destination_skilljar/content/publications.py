"""Courses on the domain: where hidden, enrollments and progress hang."""

from __future__ import annotations

from collections.abc import Iterable

from destination_skilljar import dialect
from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.content.closing import Access
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.http.outcome import UnknownOutcome


class Publications:
    """The publications of one domain; there is one at most for each course."""

    def __init__(self, api: SkilljarApi, domain: str) -> None:
        self._api = api
        self.domain = domain
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
        return [
            row
            for row in self._api.rows(self._path, {dialect.COURSE_FILTER.assumed: key.value})
            if _course_id(row) == key.value
        ]

    def expect(self, courses: Iterable[str]) -> None:
        """Announces courses whose publications are going to be looked up."""
        self._lookup.expect([Key("course", one) for one in courses])

    def of(self, course: str) -> Row | None:
        """The publication of a course, or None."""
        return next(iter(self._lookup.find(Key("course", course))), None)

    def doubt(self, course: str) -> None:
        """The course may have been published as another object."""
        self._lookup.doubt(Key("course", course))

    def publish(self, course: str, access: Access) -> Row:
        """Publishes a course. Skilljar refuses a second publication on the same domain."""
        try:
            row = self._api.post(self._path, {"course": {"id": course}, **_to_publish(access)})
        except UnknownOutcome:
            self._lookup.refresh(Key("course", course))
            raise
        self._lookup.put({"course": {"id": course}, **row})
        return row

    def set_access(self, publication: Row, access: Access) -> Row:
        """Closes a publication or opens it again; its enrollments and records stay."""
        row = self._api.patch(f"{self._path}/{publication['id']}", access.as_body())
        changed = {**publication, **row, **access.as_body()}
        self._lookup.put(changed, instead_of=publication)
        return changed

    def groups_let_in(self, publication: Row) -> list[str]:
        """The groups that an override lets into a hidden publication."""
        return groups_let_in(self._api, f"{self._path}/{publication['id']}")


def groups_let_in(api: SkilljarApi, publication: str) -> list[str]:
    """The groups that an override lets into the hidden publication at a path."""
    overrides = api.rows(f"{publication}/visibility-overrides", below_object=True)
    groups = (one.get("student_group") or {} for one in overrides if one.get("is_visible"))
    return [str(one.get("name") or one.get("id")) for one in groups]


def _to_publish(access: Access) -> dict[str, bool]:
    """An open publication leaves the strict setting to the default of the domain."""
    return access.as_body() if access.closed else {"hidden": access.hidden}


def _course_id(row: Row) -> str:
    course = row.get("course")
    return str(course.get("id")) if isinstance(course, dict) else ""
