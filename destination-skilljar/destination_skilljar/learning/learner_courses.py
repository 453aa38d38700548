"""What a learner has on the domain: enrollments and progress, one call for all courses of the learner."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.learning.course_enrollments import CourseEnrollments
from destination_skilljar.learning.learner_course import LearnerCourse
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex

REMEMBERED_LEARNERS = 5_000
"""Learners whose courses are kept in memory."""


class LearnerCourses:
    """Reads a learner's courses once, and takes note of what is written to them.

    Skilljar API, traps: the read of one progress row may answer another publication of the same course, so only the
    list of a learner is read.
    """

    def __init__(self, api: SkilljarApi, domain: str) -> None:
        self._api = api
        self._enrollments = f"domains/{domain}/published-courses"
        self._courses = CourseEnrollments(api, domain)
        self._lookup: RemoteIndex[LearnerCourse] = RemoteIndex(
            "courses of learners",
            id_of=lambda row: row.publication,
            keys_of=lambda row: (Key("learner", row.learner),),
            askable=frozenset({"learner"}),
            fetch=self._fetch,
            remember=REMEMBERED_LEARNERS,
        )

    def expect_enrollments(self, pairs: Collection[tuple[str, str]]) -> None:
        """Announces pairs of learner and publication whose enrollments are going to be looked up."""
        unknown = {learner for learner, _ in pairs if not self._lookup.knows(Key("learner", learner))}
        if unknown:
            self._courses.expect([one for learner, one in pairs if learner in unknown], unknown)

    def enrollments(self, learner: str, publication: str, *, fresh: bool = False) -> LearnerCourse | None:
        """Like `find`, without a word on progress: whole courses may have been listed for it."""
        if not fresh and self._courses.covers(publication) and not self._lookup.knows(Key("learner", learner)):
            return self._courses.find(learner, publication)
        return self.find(learner, publication, fresh=fresh)

    def find(self, learner: str, publication: str, *, fresh: bool = False) -> LearnerCourse | None:
        """The learner's row for a published course, or None if there is no enrollment."""
        key = Key("learner", learner)
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        return next((row for row in rows if row.publication == publication), None)

    def enroll(self, learner: str, publication: str, enrolled_at: str) -> LearnerCourse:
        """Enrolls. Without a membership of the domain it is refused."""
        body = {"user": {"id": learner}, "enrolled_at": enrolled_at, "active": True}
        row = self._api.post(f"{self._enrollments}/{publication}/enrollments", body)
        enrollment = str(row["id"])
        enrolled = LearnerCourse(
            learner, publication, row.get("enrolled_at") or enrolled_at, enrollment, frozenset({enrollment})
        )
        self._note(enrolled)
        return enrolled

    def set_active(self, row: LearnerCourse, *, active: bool) -> LearnerCourse:
        """Withdraws all active enrollments of the row, or gives the latest one back."""
        ids = {row.enrollment} - {None} if active else row.active_enrollments
        for enrollment in sorted(str(one) for one in ids):
            self._api.patch(f"{self._enrollments}/{row.publication}/enrollments/{enrollment}", {"active": active})
        changed = replace(row, active_enrollments=frozenset(str(one) for one in ids) if active else frozenset())
        self._note(changed)
        return changed

    def write_progress(self, row: LearnerCourse, progress: Mapping[str, Any]) -> LearnerCourse:
        """Writes course progress; lessons need not be done for a course to be completed."""
        path = f"users/{row.learner}/published-courses/{row.publication}"
        self._api.patch(path, {"course_progress": dict(progress)})
        changed = replace(row, progress={**row.progress, **progress})
        self._note(changed)
        return changed

    def _note(self, row: LearnerCourse) -> None:
        self._lookup.put(row)
        self._courses.put(row)

    def _fetch(self, key: Key) -> list[LearnerCourse]:
        rows = self._api.rows(f"users/{key.value}/published-courses", below_object=True)
        return [_learner_course(key.value, row) for row in rows if row.get("published_course_id") is not None]


def _learner_course(learner: str, row: Row) -> LearnerCourse:
    latest = str(row["enrollment_id"]) if row.get("enrollment_id") is not None else None
    enrollments = [one for one in row.get("all_enrollments") or [] if isinstance(one, dict)]
    active = {str(one["enrollment_id"]) for one in enrollments if one.get("active") and one.get("enrollment_id")}
    if not enrollments and latest is not None:
        active = {latest}
    progress = row.get("course_progress")
    return LearnerCourse(
        learner,
        str(row["published_course_id"]),
        row.get("enrolled_at"),
        latest,
        frozenset(active),
        progress if isinstance(progress, dict) else {},
    )
