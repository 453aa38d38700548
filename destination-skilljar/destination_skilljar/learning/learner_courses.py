"""What learners have in the courses of the domain: enrollments and progress, by version 1.

One call tells all courses of a learner. Enrollments are listed course by course where that takes fewer calls; the list
of a course says nothing of progress, so it serves assignments and not completions.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.adapter.list_or_ask import MAX_LISTED_ROWS, Listing
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex

logger = logging.getLogger("airbyte")


@dataclass(frozen=True)
class LearnerCourse:
    """A learner in a published course."""

    learner: str
    publication: str
    enrolled_at: str | None
    enrollment: str | None
    """The latest enrollment."""
    active_enrollments: frozenset[str]
    progress: Mapping[str, Any] = field(default_factory=dict)
    due_at: str | None = None
    """Version 2 alone knows it."""

    @property
    def active(self) -> bool:
        return bool(self.active_enrollments)


class CourseEnrollments:
    """What is known of whole courses. Safe for threads; courses are listed by one of them."""

    def __init__(self, api: SkilljarApi, domain: str) -> None:
        self._api = api
        self._path = f"domains/{domain}/published-courses/{{}}/enrollments"
        self._lock = threading.Lock()
        self._pages: dict[str, int] = {}
        """Pages of the lists that were looked at, by publication."""
        self._listed: dict[str, dict[str, LearnerCourse]] = {}
        """By publication and learner."""
        self._rows = 0
        self._asked: set[int] = set()
        """Hashes of the learners that were asked for one by one."""

    def expect(self, publications: Collection[str], learners: Collection[str]) -> None:
        """Announces that these learners are going to be looked up in these courses, and lists courses where it pays.

        That is the rent-or-buy rule: courses are listed once all the learners asked for so far, who take a call each,
        are at least as many as the pages of the courses' lists.
        """
        waiting = [one for one in dict.fromkeys(publications) if one not in self._listed]
        with self._lock:
            self._asked.update(map(hash, learners))
            asked = len(self._asked)
        if not waiting or self._least_pages(waiting) > asked:
            return
        opened = {one: self._open(one) for one in waiting if one not in self._pages}
        pages, rows = self._least_pages(waiting), self._rows + sum(one.count for one in opened.values())
        if pages > asked or rows > MAX_LISTED_ROWS:
            return
        logger.info(
            "%d learners in %d courses: listing the courses' enrollments, %d page(s).", asked, len(waiting), pages
        )
        for publication in waiting:
            self._list(publication, opened.get(publication) or self._open(publication))

    def covers(self, publication: str) -> bool:
        """Whether all enrollments in a course are known."""
        return publication in self._listed

    def find(self, learner: str, publication: str) -> LearnerCourse | None:
        """The learner's enrollments in a course that is covered, or None if there is none."""
        with self._lock:
            return self._listed[publication].get(learner)

    def put(self, row: LearnerCourse) -> None:
        """Takes note of what was just written."""
        with self._lock:
            if row.publication in self._listed:
                self._listed[row.publication][row.learner] = row

    def _least_pages(self, publications: Collection[str]) -> int:
        """What the lists take at least: one page each, as long as nobody has looked."""
        return sum(self._pages.get(one, 1) for one in publications)

    def _open(self, publication: str) -> Listing[Row]:
        listing = self._api.listing(self._path.format(publication), below_object=True)
        self._pages[publication] = listing.pages
        return listing

    def _list(self, publication: str, listing: Listing[Row]) -> None:
        enrollments: dict[str, list[Row]] = {}
        for row in listing.rows:
            user = row.get("user")
            if isinstance(user, Mapping) and user.get("id") is not None:
                enrollments.setdefault(str(user["id"]), []).append(row)
        listed = {learner: _of_enrollments(learner, publication, rows) for learner, rows in enrollments.items()}
        with self._lock:
            self._listed[publication] = listed
            self._rows += len(listed)


def _of_enrollments(learner: str, publication: str, enrollments: list[Row]) -> LearnerCourse:
    """What a learner's enrollments in a course come to; the latest one counts, and rows may have come twice."""
    latest = max(enrollments, key=lambda row: str(row.get("enrolled_at") or ""))
    active = frozenset(str(row["id"]) for row in enrollments if row.get("active"))
    return LearnerCourse(learner, publication, latest.get("enrolled_at"), str(latest["id"]), active)


LEARNERS_IN_MEMORY = 5_000
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
            in_memory=LEARNERS_IN_MEMORY,
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
