"""Assignments and completions where the config names a client of version 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_skilljar.content.publications import Publications
from destination_skilljar.learning.batch_writer import BatchWriter, Pending
from destination_skilljar.learning.enrollment_lists import EnrollmentLists, Pair
from destination_skilljar.learning.learner_courses import LearnerCourse, LearnerCourses
from destination_skilljar.learning.sink import (
    AssignmentsSink,
    CompletionsSink,
    LearningSink,
    completion_of,
    progress_of,
)
from destination_skilljar.users.sink import UsersSink
from lms_shared.adapter.adapter import AtOnce, LinkWrite, References, Values
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.adapter.withdrawals import Withdrawals
from lms_shared.model.declarations import ObjectDeclaration

BATCHES_FROM = 1
BATCH_SIZE = 10_000
"""Records that are collected with a client: of few records each course would have a batch of its own."""


@dataclass(frozen=True)
class BatchedAccess:
    """What reads and writes by version 2, and who knows the addresses of learners."""

    lists: EnrollmentLists
    writer: BatchWriter
    users: UsersSink


class _Batched(LearningSink):
    """What both have in common. `pending` says what a write comes to."""

    bulk_from: int | None = BATCHES_FROM

    def __init__(
        self,
        declaration: ObjectDeclaration,
        publications: Publications,
        version_one: LearnerCourses,
        withdrawals: Withdrawals,
        access: BatchedAccess,
    ) -> None:
        super().__init__(declaration, publications, version_one, withdrawals)
        self._lists, self._writer, self._users = access.lists, access.writer, access.users

    def _pending(self, write: LinkWrite) -> Pending:
        raise NotImplementedError

    def expect(self, pairs: Iterable[References]) -> None:
        pairs = list(pairs)
        self._publications.expect(dict.fromkeys(one["content"].id for one in pairs))
        found = [self._pair(one) for one in pairs]
        self._lists.expect([one for one in found if one is not None])

    def write_many(self, writes: Sequence[LinkWrite], at_once: AtOnce) -> Mapping[int, RecordRejected | None]:
        new = (one.references["user"] for one in writes if one.remote is None)
        self._users.expect_emails(one.id for one in new if not one.fields.get("email"))
        pending = list(at_once(self._pending, writes))
        self._writer.write_all(pending, at_once)
        self._writer.doubt(one for one in pending if one.lost is not None)
        return {number: one.refusal for number, one in enumerate(pending) if one.left is None}

    def _row(self, references: References, *, fresh: bool) -> LearnerCourse | None:
        pair = self._pair(references)
        return None if pair is None else self._lists.find(pair.learner, pair.publication, fresh=fresh)

    def _written(self, values: Values, references: References, row: LearnerCourse | None) -> LearnerCourse:
        remote = None if row is None else RemoteObject(str(row.enrollment), {}, parts={"row": row})
        return self._writer.write_one(self._pending(LinkWrite(references, values, remote)))

    def _start(self, write: LinkWrite, enrolled_at: str | None = None) -> Pending:
        pair = self._pair(write.references)
        assert pair is not None
        row = write.remote.parts["row"] if write.remote else self._lists.find(pair.learner, pair.publication)
        if row is not None:
            return Pending(pair, row)
        user = write.references["user"]
        email = user.fields.get("email") or self._users.email_of(user.id)
        return Pending(pair, None, email, enrolled_at)

    def _pair(self, references: References) -> Pair | None:
        course = references["content"].id
        publication = self._publications.of(course)
        return None if publication is None else Pair(references["user"].id, str(publication["id"]), course)


class BatchedAssignments(_Batched, AssignmentsSink):
    """Enrollments by the hundred; those with a date one by one, since version 1 alone takes it."""

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        row = self._row(references, fresh=fresh)
        return None if row is None else _assignment(row)

    def create(self, values: Values, references: References) -> RemoteObject:
        return _assignment(self._written(values, references, None))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        return _assignment(self._written(changes, references, remote.parts["row"]))

    def _pending(self, write: LinkWrite) -> Pending:
        pending = self._start(write, write.values.get("assigned_at"))
        names = {"due_date": "due_at", "active": "active"}
        pending.attributes = {there: write.values[name] for name, there in names.items() if name in write.values}
        return pending


class BatchedCompletions(_Batched, CompletionsSink):
    """Completions by the hundred, without a mail unless notifications are on."""

    def create(self, values: Values, references: References) -> RemoteObject:
        return completion_of(self._written(values, references, None))

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        return completion_of(self._written(changes, references, remote.parts["row"]))

    def _pending(self, write: LinkWrite) -> Pending:
        pending = self._start(write)
        held: Mapping[str, Any] = {} if pending.row is None else pending.row.progress
        pending.progress = progress_of(write.values, held)
        references = write.references
        held_back = self.withdrawals.holds(references["user"].id, references["content"].id)
        pending.withdrawn = pending.row is None and held_back
        return pending


def _assignment(row: LearnerCourse) -> RemoteObject:
    fields = {"assigned_at": row.enrolled_at, "active": row.active, "due_date": row.due_at}
    return RemoteObject(str(row.enrollment), fields, parts={"row": row})
