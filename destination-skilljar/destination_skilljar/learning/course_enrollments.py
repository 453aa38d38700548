"""The enrollments of published courses, listed course by course where that takes fewer calls than asking each learner.

The list of a course tells who is enrolled and nothing of progress, so it serves assignments and not completions.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping

from destination_skilljar.api import Row, SkilljarApi
from destination_skilljar.learning.learner_course import LearnerCourse
from lms_shared.adapter.list_or_ask import MAX_LISTED_ROWS, Listing

logger = logging.getLogger("airbyte")


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
        listed = {learner: _learner_course(learner, publication, rows) for learner, rows in enrollments.items()}
        with self._lock:
            self._listed[publication] = listed
            self._rows += len(listed)


def _learner_course(learner: str, publication: str, enrollments: list[Row]) -> LearnerCourse:
    """What a learner's enrollments in a course come to; the latest one counts, and rows may have come twice."""
    latest = max(enrollments, key=lambda row: str(row.get("enrolled_at") or ""))
    active = frozenset(str(row["id"]) for row in enrollments if row.get("active"))
    return LearnerCourse(learner, publication, latest.get("enrolled_at"), str(latest["id"]), active)
