"""Completions: portfolio items that are found again by a mark, and certificates where a template is configured.

Progress, scores and completions of trainings cannot be written: Pluvo computes them itself. The item is made last, so
that whatever else belongs to a completion is there once the item is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.assignments import Assigner
from destination_pluvo.ports.portfolio import Portfolio
from destination_pluvo.texts.completion_note import carries, has_mark, mark_by_id, mark_by_reference, note, read_note
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import parse_instant
from lms_shared.upsert.adapter import LinkPort, References, Values
from lms_shared.upsert.remote import Remote


@dataclass(frozen=True)
class Certifying:
    """Issues certificates of one template, never twice for the same title and day (certificate page)."""

    api: PluvoApi
    portfolio: Portfolio
    template: str
    of_trainings: bool
    """Whether content is a training, which the certificate is tied to."""

    def issue(self, references: References, completed_at: str) -> None:
        """Issues a certificate unless the learner has it. Raises UnknownOutcome where it may have been issued."""
        user, content = references["user"].id, references["content"]
        title = str(content.fields["title"])
        if has_certificate(self.portfolio, user, title, completed_at):
            return
        self.api.change_members(
            "GenerateCertificate",
            user,
            "bulkGenerate",
            id=self.template,
            title=title,
            userIds=[user],
            trainingId=content.id if self.of_trainings else None,
            issueDate=completed_at,
        )
        self.portfolio.of(user, fresh=True)


def has_certificate(portfolio: Portfolio, user: str, title: str, issued_at: str) -> bool:
    """Whether a learner has a certificate of a title and day: issuing one makes a portfolio item without a mark."""
    return any(
        row.get("title") == title and same_day(row.get("startDate"), issued_at) and not has_mark(row.get("description"))
        for row in portfolio.of(user)
    )


def same_day(one: Any, other: Any) -> bool:
    """Whether two moments are of the same day in UTC."""
    first, second = parse_instant(one), parse_instant(other)
    return first is not None and second is not None and first.date() == second.date()


class CompletionsPort(LinkPort):
    """One item for each learner and content; the better of two completions is kept, see the unified model."""

    def __init__(
        self,
        declaration: ObjectDeclaration,
        portfolio: Portfolio,
        assigner: Assigner,
        certifying: Certifying | None,
        namespace: str,
    ) -> None:
        super().__init__(declaration)
        self._portfolio = portfolio
        self._assigner = assigner
        self._certifying = certifying
        self._namespace = namespace

    def find(self, references: References, *, fresh: bool = False) -> Remote | None:
        marks = self._marks(references["content"])
        items = self._portfolio.of(references["user"].id, fresh=fresh)
        marked = [row for row in items if carries(row.get("description"), marks)]
        return _completion(marked[0]) if marked else None

    def create(self, values: Values, references: References) -> Remote:
        if self._assigner.find(references) is None:
            self._assigner.assign(references)
        self._certify(values, references)
        item = {"title": references["content"].fields["title"], **self._item(values, references)}
        return _completion(self._portfolio.create(references["user"].id, item))

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        values = {**remote.fields, **changes}
        if remote.fields.get("result") == "Fail":
            self._certify(values, references)
        return _completion(self._portfolio.update(remote.parts["row"], self._item(values, references)))

    def delete(self, remote: Remote) -> None:
        self._portfolio.delete(remote.parts["row"])

    def _item(self, values: Values, references: References) -> Row:
        return {
            "startDate": values["completed_at"],
            "description": note(values, self._marks(references["content"])[0]),
        }

    def _marks(self, content: Remote) -> list[str]:
        """The mark to write, and all by which a completion of the content may have been marked before."""
        references = (content.fields.get("external_reference"), content.parts["row"].get("ref"))
        by_reference = [mark_by_reference(self._namespace, one) if one else None for one in references]
        by_id = mark_by_id(self._namespace, content.id)
        return [one for one in (by_reference[0], by_id, by_reference[1]) if one]

    def _certify(self, values: Values, references: References) -> None:
        if self._certifying is not None and values.get("result") != "Fail":
            self._certifying.issue(references, values["completed_at"])


def _completion(row: Row) -> Remote:
    fields = {"completed_at": row.get("startDate"), **read_note(row.get("description"))}
    return Remote(str(row["id"]), fields, parts={"row": row})
