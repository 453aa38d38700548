"""Enrolls, changes and completes by version 2, a hundred rows a call; what it cannot do goes by version 1.

Version 2 enrolls by e-mail address and without a date, and completes without a score. Scores go first: a completion
that is there is then never touched by version 1, which has no switch against mails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import sleep
from typing import Any

from destination_skilljar.learning.batches import ALREADY_ENROLLED, Ended, carried_out, chunks, refused_row
from destination_skilljar.learning.enrollment_lists import SUCCESS, EnrollmentLists, Pair, learner_course
from destination_skilljar.learning.learner_courses import LearnerCourse, LearnerCourses
from destination_skilljar.version_two import ENROLLMENTS, VersionTwo
from lms_shared.adapter.adapter import AtOnce
from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.outcome import CallFailed, UnknownOutcome
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal
from lms_shared.model.scalars import format_instant
from lms_shared.skilljar_v2.documents import BatchRow, Row

ROUNDS = 5
"""How often what got no answer is looked up and tried again by the hundred, before each is by itself."""
FIRST_WAIT, LONGEST_WAIT = 0.4, 30.0
"""Seconds between two rounds, doubled each time."""
KIND = "enrollments"
COMPLETION = "enrollments/completion"
_SCORE = ("score", "max_score")
_STATUS = {held: said for said, held in SUCCESS.items()}


@dataclass
class Pending:
    """What is to be so of a learner in a course, and how far it is."""

    pair: Pair
    row: LearnerCourse | None
    email: str | None = None
    enrolled_at: str | None = None
    """The date of a new enrollment, which version 1 alone takes."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """due_at and active of the enrollment."""
    progress: Mapping[str, Any] = field(default_factory=dict)
    """In the words of version 1."""
    withdrawn: bool = False
    """Whether an enrollment that is made for a completion is taken away again."""
    refusal: RecordRejected | None = None
    lost: UnknownOutcome | None = None
    left: CallFailed | UnknownOutcome | None = None
    """Why it is for somebody else to go on."""

    @property
    def open(self) -> bool:
        return self.refusal is None and self.lost is None and self.left is None

    def end(self, ended: RecordRejected | UnknownOutcome | CallFailed) -> None:
        if isinstance(ended, RecordRejected):
            self.refusal = ended
        elif isinstance(ended, UnknownOutcome):
            self.lost = ended
        else:
            self.left = ended


class BatchWriter:
    """The writes of one domain. Safe for threads, as long as each writes other pairs."""

    def __init__(
        self, v2: VersionTwo, lists: EnrollmentLists, version_one: LearnerCourses, *, send_notifications: bool
    ) -> None:
        self._v2 = v2
        self._lists = lists
        self._version_one = version_one
        self._send_notifications = send_notifications

    def write_all(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        """Writes what is still to be written, round after round for as long as answers get lost."""
        for number in range(ROUNDS):
            self._write(pending, at_once)
            lost = [one for one in pending if one.lost is not None]
            if not lost or number == ROUNDS - 1:
                return
            sleep(min(LONGEST_WAIT, FIRST_WAIT * 2**number))
            self._look_again(lost)

    def write_one(self, one: Pending) -> LearnerCourse:
        """Writes one pair. Raises RecordRejected, UnknownOutcome or CallFailed."""
        self._write([one], map)
        for problem in (one.refusal, one.lost, one.left):
            if problem is not None:
                if problem is one.lost:
                    self._lists.doubt(one.pair.learner, one.pair.publication)
                raise problem
        assert one.row is not None
        return one.row

    def doubt(self, pending: Iterable[Pending]) -> None:
        for one in pending:
            self._lists.doubt(one.pair.learner, one.pair.publication)

    def _look_again(self, lost: Sequence[Pending]) -> None:
        self.doubt(lost)
        self._lists.expect([one.pair for one in lost])
        for one in lost:
            one.row = self._lists.find(one.pair.learner, one.pair.publication)
            one.lost = None

    def _write(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        self._enroll([one for one in pending if one.row is None], at_once)
        self._write_scores(pending, at_once)
        self._complete(pending, at_once)
        for one in pending:
            if one.withdrawn:
                one.attributes = {**one.attributes, "active": False}
        self._change(pending, at_once)

    def _enroll(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        courses: dict[str, list[Pending]] = {}
        alone: dict[str, list[Pending]] = {}
        for one in pending:
            by_version_one = one.enrolled_at is not None or one.email is None
            (alone if by_version_one else courses).setdefault(
                one.pair.learner if by_version_one else one.pair.publication, []
            ).append(one)
        _done(at_once(self._enroll_learner, alone.values()))
        _done(at_once(self._enroll_some, [some for course in courses.values() for some in chunks(course)]))

    def _enroll_learner(self, pending: Sequence[Pending]) -> None:
        for one in pending:
            try:
                moment = one.enrolled_at or format_instant(datetime.now(UTC).replace(microsecond=0))
                row = self._version_one.enroll(one.pair.learner, one.pair.publication, moment)
            except (RecordRejected, UnknownOutcome, CallFailed) as problem:
                one.end(problem)
            else:
                self._note(one, row)

    def _enroll_some(self, pending: Sequence[Pending]) -> None:
        def send(some: Sequence[Pending]) -> list[BatchRow]:
            rows = [{"type": KIND, "attributes": {"email": str(one.email).lower()}} for one in some]
            return self._v2.batch("POST", ENROLLMENTS, rows, published_course_id=some[0].pair.publication)

        for one, ended in zip(pending, carried_out(send, pending), strict=True):
            if not isinstance(ended, BatchRow):
                one.end(ended)
            elif ended.result is not None:
                self._note(one, learner_course(one.pair.learner, one.pair.publication, ended.result))
            else:
                self._enrolled_already(one, refused_row(ended))

    def _enrolled_already(self, one: Pending, refusal: RecordRejected) -> None:
        """Somebody else was faster: what there is by now is planned anew."""
        found = self._lists.find(one.pair.learner, one.pair.publication, fresh=True)
        if found is None:
            one.refusal = refusal
        else:
            one.left = UnknownOutcome(ALREADY_ENROLLED, code=ALREADY_ENROLLED, refusal=refusal)

    def _write_scores(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        learners: dict[str, list[Pending]] = {}
        for one in pending:
            if one.open and _differing(one, _SCORE):
                learners.setdefault(one.pair.learner, []).append(one)
        _done(at_once(self._write_scores_of, learners.values()))

    def _write_scores_of(self, pending: Sequence[Pending]) -> None:
        for one in pending:
            assert one.row is not None
            score = {name: one.progress[name] for name in _SCORE if name in one.progress}
            try:
                self._note(one, self._version_one.write_progress(one.row, score))
            except (RecordRejected, UnknownOutcome, CallFailed) as problem:
                one.end(problem)

    def _complete(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        todo = [one for one in pending if one.open and _differing(one, ("completed_at", "success_status"))]
        _done(at_once(self._complete_some, chunks(todo)))

    def _complete_some(self, pending: Sequence[Pending]) -> None:
        def send(some: Sequence[Pending]) -> list[BatchRow]:
            rows = [_row_of(one, _completion(one.progress)) for one in some]
            return self._v2.batch("PATCH", COMPLETION, rows, send_notifications=self._send_notifications)

        for one, ended in zip(pending, carried_out(send, pending), strict=True):
            assert one.row is not None
            if isinstance(ended, BatchRow):
                written = {name: value for name, value in one.progress.items() if name not in _SCORE}
                self._note(one, replace(one.row, progress={**one.row.progress, **written}))
            else:
                one.end(ended)

    def _change(self, pending: Sequence[Pending], at_once: AtOnce) -> None:
        rows = [(one, row) for one in pending if one.open for row in _changed_rows(one)]
        ends = at_once(self._change_some, chunks(rows))
        problems: dict[int, Ended] = {}
        for some, ended in zip(chunks(rows), ends, strict=True):
            for (one, _), end in zip(some, ended, strict=True):
                if not isinstance(end, BatchRow):
                    problems[id(one)] = end
        for one in {id(one): one for one, _ in rows}.values():
            problem = problems.get(id(one))
            if problem is None or isinstance(problem, BatchRow):
                assert one.row is not None
                self._note(one, _changed(one.row, one.attributes))
            else:
                one.end(problem)

    def _change_some(self, rows: Sequence[tuple[Pending, Row]]) -> list[Ended]:
        return carried_out(lambda some: self._v2.batch("PATCH", ENROLLMENTS, [row for _, row in some]), rows)

    def _note(self, one: Pending, row: LearnerCourse) -> None:
        one.row = row
        self._lists.put(row)


def _done(answers: Iterable[object]) -> None:
    """Waits for all of it."""
    for _ in answers:
        pass


def _differing(one: Pending, names: Collection[str]) -> bool:
    """Whether any of these is another than what Skilljar has."""
    assert one.row is not None
    held, wanted = one.row.progress, one.progress
    return any(not _equal(name, wanted[name], held.get(name)) for name in names if name in wanted)


def _equal(name: str, wanted: Any, held: Any) -> bool:
    return wanted == held or _same(Kind.INSTANT if name == "completed_at" else Kind.TEXT, wanted, held)


def _same(kind: Kind, wanted: Any, held: Any) -> bool:
    return wanted is not None and held is not None and equal(kind, wanted, held)


def _completion(progress: Mapping[str, Any]) -> Row:
    attributes: Row = {}
    if "completed_at" in progress:
        attributes["completed_at"] = progress["completed_at"]
    if "success_status" in progress:
        attributes["success_status"] = _STATUS.get(progress["success_status"])
    return attributes


def _row_of(one: Pending, attributes: Row) -> Row:
    assert one.row is not None
    return {"type": KIND, "id": one.row.enrollment, "attributes": attributes}


def _changed_rows(one: Pending) -> list[Row]:
    """The rows that bring enrollments to what is wanted: a withdrawal takes all active ones, all else the latest."""
    row, wanted = one.row, one.attributes
    assert row is not None
    assert row.enrollment is not None
    changes: dict[str, Row] = {}
    if "due_at" in wanted and wanted["due_at"] != row.due_at and not _same(Kind.INSTANT, wanted["due_at"], row.due_at):
        changes.setdefault(row.enrollment, {})["due_at"] = wanted["due_at"]
    if wanted.get("active") is True and not row.active:
        changes.setdefault(row.enrollment, {})["active"] = True
    if wanted.get("active") is False:
        for enrollment in sorted(row.active_enrollments):
            changes.setdefault(enrollment, {})["active"] = False
    return [{"type": KIND, "id": enrollment, "attributes": change} for enrollment, change in changes.items()]


def _changed(row: LearnerCourse, attributes: Mapping[str, Any]) -> LearnerCourse:
    active = row.active_enrollments
    if attributes.get("active") is False:
        active = frozenset()
    elif attributes.get("active") is True and not active and row.enrollment is not None:
        active = frozenset({row.enrollment})
    return replace(row, active_enrollments=active, due_at=attributes.get("due_at", row.due_at))
