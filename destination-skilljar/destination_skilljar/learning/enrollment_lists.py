"""Enrollments by version 2: what learners have in the courses of the domain, enrollment and progress together.

Three lists tell it, none of which says how long it is: that of a learner, that of a course, and that of the domain.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from destination_skilljar.learning.learner_courses import LearnerCourse
from destination_skilljar.version_two import ENROLLMENTS, VersionTwo
from lms_shared.adapter.list_or_ask import MAX_LISTED_ROWS
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.skilljar_v2.documents import Row

logger = logging.getLogger("airbyte")

LEAST_SHARE = 2
"""Learners of a course, each counted by its share, from which on its list is opened."""
SUCCESS = {"passed": "PASSED", "failed": "FAILED"}
"""Version 2's words for what version 1 calls success_status; anything else is neither."""


@dataclass(frozen=True)
class Pair:
    """A learner and a course, with its publication."""

    learner: str
    publication: str
    course: str


@dataclass
class _OpenList:
    """A list that is read as far as it pays, and read on when it pays more."""

    pages: Iterator[list[Row]]
    read: int = 0
    whole: bool = False
    rows: dict[tuple[str, str], LearnerCourse] = field(default_factory=dict)
    written: dict[tuple[str, str], LearnerCourse] = field(default_factory=dict)
    """What was written while it was not read to its end."""

    def read_to(self, pages: int) -> bool:
        """Reads on up to so many pages in all; whether that was all of it."""
        while not self.whole and self.read < pages and len(self.rows) <= MAX_LISTED_ROWS:
            page = next(self.pages, None)
            if page is None:
                self.whole = True
                self.rows |= self.written
                self.written.clear()
                break
            self.read += 1
            for row in page:
                add(self.rows, row)
        return self.whole

    def put(self, row: LearnerCourse) -> None:
        (self.rows if self.whole else self.written)[row.learner, row.publication] = row


class EnrollmentLists:
    """Reads what is needed the cheaper way, and takes note of what is written. Safe for threads; lists of courses and
    of the domain are read by one of them."""

    def __init__(self, v2: VersionTwo, domain: str) -> None:
        self._v2 = v2
        self._domain = domain
        self._lock = threading.RLock()
        self._courses: dict[str, _OpenList] = {}
        self._all: _OpenList | None = None
        self._shares: dict[str, float] = {}
        self._counted: set[int] = set()
        """Hashes of the pairs whose share was counted."""
        self._alone: set[int] = set()
        """Hashes of learners who would have to be asked one by one."""
        self._doubted: set[tuple[str, str]] = set()
        self._lookup: RemoteIndex[LearnerCourse] = RemoteIndex(
            "enrollments of learners",
            id_of=lambda row: row.publication,
            keys_of=lambda row: (Key("learner", row.learner),),
            askable=frozenset({"learner"}),
            fetch=self._fetch,
        )

    def expect(self, pairs: Collection[Pair]) -> None:
        """Announces pairs that are going to be looked up, and reads lists where that pays.

        That is the rent-or-buy rule: a learner takes one call for all courses, so each course has its share of it. The
        list of a course is read for as many pages as it has shares, that of the domain for half as many as there are
        learners to ask.
        """
        waiting = [one for one in dict.fromkeys(pairs) if not self._knows(one)]
        courses: dict[str, set[str]] = {}
        for one in waiting:
            courses.setdefault(one.learner, set()).add(one.publication)
        for one in waiting:
            pair = hash(one)
            if pair not in self._counted or self._is_doubted(one.learner, one.publication):
                self._counted.add(pair)
                self._shares[one.publication] = self._shares.get(one.publication, 0) + 1 / len(courses[one.learner])
        for publication, course in {one.publication: one.course for one in waiting}.items():
            self._read_course(publication, course)
        waiting = [one for one in waiting if not self._knows(one)]
        self._alone.update(hash(one.learner) for one in waiting)
        if waiting and not (self._all and self._all.whole) and len(self._alone) >= 2 * LEAST_SHARE:
            with self._lock:
                self._all = self._all or _OpenList(self._v2.pages(ENROLLMENTS, self._filter()))
            self._all.read_to(len(self._alone) // 2)

    def _read_course(self, publication: str, course: str) -> None:
        share = self._shares[publication]
        with self._lock:
            reading = self._courses.get(publication)
            anew = reading is not None and reading.whole
        if share < max(LEAST_SHARE, reading.read if reading is not None and anew else 0):
            return
        if reading is None or anew:
            reading = _OpenList(self._v2.pages(ENROLLMENTS, self._filter({"course.id": course})))
            with self._lock:
                self._courses.setdefault(publication, reading)
        if reading.read_to(int(share)):
            with self._lock:
                self._courses[publication] = reading
                self._doubted = {one for one in self._doubted if one[1] != publication}
            self._shares[publication] = 0

    def find(self, learner: str, publication: str, *, fresh: bool = False) -> LearnerCourse | None:
        """What the learner has in a course, or None if there is no enrollment."""
        key = Key("learner", learner)
        if not fresh and not self._lookup.knows(key):
            with self._lock:
                reading = self._covering(learner, publication)
                if reading is not None:
                    return reading.rows.get((learner, publication))
        rows = self._lookup.refresh(key) if fresh else self._lookup.find(key)
        with self._lock:
            self._doubted.discard((learner, publication))
            found = next((one for one in rows if one.publication == publication), None)
            for one in self._readings(publication):
                if found is not None:
                    one.put(found)
                elif one.whole:
                    one.rows.pop((learner, publication), None)
        return found

    def put(self, row: LearnerCourse) -> None:
        """Takes note of what was just written."""
        self._lookup.put(row)
        with self._lock:
            for one in self._readings(row.publication):
                one.put(row)

    def doubt(self, learner: str, publication: str) -> None:
        """What is remembered of a pair may be out of date: the next look-up asks again."""
        self._lookup.forget(Key("learner", learner))
        with self._lock:
            self._doubted.add((learner, publication))

    def _is_doubted(self, learner: str, publication: str) -> bool:
        with self._lock:
            return (learner, publication) in self._doubted

    def _knows(self, pair: Pair) -> bool:
        with self._lock:
            covered = self._covering(pair.learner, pair.publication) is not None
        return covered or self._lookup.knows(Key("learner", pair.learner))

    def _covering(self, learner: str, publication: str) -> _OpenList | None:
        if (learner, publication) in self._doubted:
            return None
        return next((one for one in self._readings(publication) if one.whole), None)

    def _readings(self, publication: str) -> list[_OpenList]:
        return [one for one in (self._courses.get(publication), self._all) if one is not None]

    def _filter(self, by: Mapping[str, str] | None = None) -> dict[str, str]:
        return {f"filter[{name}]": value for name, value in {"domains": self._domain, **(by or {})}.items()}

    def _fetch(self, key: Key) -> list[LearnerCourse]:
        found: dict[tuple[str, str], LearnerCourse] = {}
        for page in self._v2.pages(ENROLLMENTS, self._filter({"student.id": key.value})):
            for row in page:
                add(found, row)
        return [one for one in found.values() if one.learner == key.value]


def add(rows: dict[tuple[str, str], LearnerCourse], row: Row) -> None:
    """Adds an enrollment to what is known of its learner and course; the latest one counts, and rows may come twice."""
    learner, publication = row.get("student_id"), row.get("published_course_id")
    if learner is None or publication is None:
        return
    pair = str(learner), str(publication)
    new, held = learner_course(*pair, row), rows.get(pair)
    if held is not None:
        later, earlier = (new, held) if (new.enrolled_at or "") >= (held.enrolled_at or "") else (held, new)
        gone = frozenset() if row.get("active") else frozenset({str(row["id"])})
        new = replace(later, active_enrollments=(later.active_enrollments | earlier.active_enrollments) - gone)
    rows[pair] = new


def learner_course(learner: str, publication: str, row: Row) -> LearnerCourse:
    """One enrollment of version 2, in the words of version 1."""
    enrollment = str(row["id"])
    progress = {
        "completed_at": row.get("completed_at"),
        "success_status": SUCCESS.get(str(row.get("success_status"))),
        "score": row.get("score"),
        "max_score": row.get("max_score"),
    }
    active = frozenset({enrollment}) if row.get("active") else frozenset[str]()
    return LearnerCourse(
        learner, publication, row.get("enrolled_at"), enrollment, active, progress, due_at=row.get("due_at")
    )
