"""Assignments and completions: enrollments of a learner in a published course, and the course progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from destination_skilljar.content.publications import Publications
from destination_skilljar.learning.learner_courses import LearnerCourse, LearnerCourses
from lms_shared.adapter.adapter import LinkSink, References, Values
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.adapter.withdrawals import Withdrawals
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.scalars import format_instant

PERCENTAGE_MAX = 100
_STATUS = {"Pass": "PASSED", "Fail": "FAILED"}
_RESULT = {status: result for result, status in _STATUS.items()}


class LearningSink(LinkSink):
    """What both have in common: the pair of learner and publication."""

    def __init__(
        self,
        declaration: ObjectDeclaration,
        publications: Publications,
        courses: LearnerCourses,
        withdrawals: Withdrawals,
    ) -> None:
        super().__init__(declaration)
        self.withdrawals = withdrawals
        self._publications = publications
        self._courses = courses

    def _row(self, references: References, *, fresh: bool) -> LearnerCourse | None:
        publication = self._publications.of(references["content"].id)
        if publication is None:
            return None
        return self._courses.find(references["user"].id, str(publication["id"]), fresh=fresh)

    def before_create(self, references: References) -> None:
        self._published(references)

    def _published(self, references: References) -> Mapping[str, Any]:
        """The publication of the content. Raises RecordRejected if there is none."""
        publication = self._publications.of(references["content"].id)
        if publication is None:
            raise RecordRejected(
                "REFERENCE.NOT_PUBLISHED",
                "the course is not published on the domain, so nobody can be enrolled in it",
                "Publish the course on the domain, or sync it as content.",
            )
        return publication

    def _enroll(self, references: References, enrolled_at: str | None) -> LearnerCourse:
        publication = self._published(references)
        moment = enrolled_at or format_instant(datetime.now(UTC).replace(microsecond=0))
        return self._courses.enroll(references["user"].id, str(publication["id"]), moment)


class AssignmentsSink(LearningSink):
    """Enrollments; one that is there is reused, whatever its date."""

    def said(self, references: References, *, active: bool) -> None:
        self.withdrawals.note(references["user"].id, references["content"].id, active=active)

    def expect(self, pairs: Iterable[References]) -> None:
        pairs = list(pairs)
        publications = {one["content"].id: self._publications.of(one["content"].id) for one in pairs}
        self._courses.expect_enrollments(
            [
                (one["user"].id, str(publication["id"]))
                for one in pairs
                if (publication := publications[one["content"].id]) is not None
            ]
        )

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        publication = self._publications.of(references["content"].id)
        if publication is None:
            return None
        row = self._courses.enrollments(references["user"].id, str(publication["id"]), fresh=fresh)
        return None if row is None else _assignment(row)

    def create(self, values: Values, references: References) -> RemoteObject:
        return _assignment(self._enroll(references, values.get("assigned_at")))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: LearnerCourse = remote.parts["row"]
        if "active" in changes:
            row = self._courses.set_active(row, active=changes["active"])
        return _assignment(row)


class CompletionsSink(LearningSink):
    """Course progress; the better of two completions is kept, see the unified model."""

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """Of a score Skilljar keeps one number, a percentage as one of 100."""
        score = values.get("score")
        if isinstance(score, Mapping):
            kind = "percentage" if "percentage" in score else "raw_value"
            values["score"] = {kind: score[kind]}
        return values

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        row = self._row(references, fresh=fresh)
        return completion_of(row) if row is not None and row.progress.get("completed_at") else None

    def create(self, values: Values, references: References) -> RemoteObject:
        row = self._row(references, fresh=False)
        if row is not None:
            return self._write(row, values)
        # Progress hangs on an enrollment, also where no record wants one.
        written = self._write(self._enroll(references, values.get("completed_at")), values)
        if self.withdrawals.holds(references["user"].id, references["content"].id):
            self._courses.set_active(written.parts["row"], active=False)
        return written

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        return self._write(remote.parts["row"], changes)

    def _write(self, row: LearnerCourse, values: Values) -> RemoteObject:
        return completion_of(self._courses.write_progress(row, progress_of(values, row.progress)))


def _assignment(row: LearnerCourse) -> RemoteObject:
    fields = {"assigned_at": row.enrolled_at, "active": row.active}
    return RemoteObject(str(row.enrollment), fields, parts={"row": row})


def completion_of(row: LearnerCourse) -> RemoteObject:
    """The completion of a learner in a course."""
    progress = row.progress
    score, most = progress.get("score"), progress.get("max_score")
    kind = "percentage" if most == PERCENTAGE_MAX else "raw_value"
    fields = {
        "completed_at": progress.get("completed_at"),
        "result": _RESULT.get(str(progress.get("success_status"))),
        "score": None if score is None else {kind: score},
    }
    return RemoteObject(f"{row.learner}/{row.publication}", fields, parts={"row": row})


def progress_of(values: Values, held: Mapping[str, Any]) -> dict[str, Any]:
    """The body of course_progress for unified fields; a null empties what a completion before it left there."""
    progress: dict[str, Any] = {}
    if "completed_at" in values:
        progress["completed_at"] = values["completed_at"]
    if "result" in values:
        progress["success_status"] = _STATUS.get(values["result"])
    if "score" in values:
        progress |= _score(values["score"], held)
    return progress


def _score(score: Mapping[str, int] | None, held: Mapping[str, Any]) -> dict[str, Any]:
    """Score and maximum belong together: a raw score does not keep the maximum of what was there."""
    ((kind, number),) = score.items() if score else ((None, None),)
    most = PERCENTAGE_MAX if kind == "percentage" else None
    return {"score": number, **({} if most == held.get("max_score") else {"max_score": most})}
