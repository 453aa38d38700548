"""Completions: portfolio items that are found again by a mark, and certificates where a template is configured.

Progress, scores and completions of trainings cannot be written: Pluvo computes them itself. The item is made last, so
that whatever else belongs to a completion is there once the item is.
"""

from __future__ import annotations

from destination_pluvo.api import Row
from destination_pluvo.learning.assignments import Assigner
from destination_pluvo.learning.certifying import Certifying
from destination_pluvo.learning.portfolio import Portfolio, carries, mark_by_id, mark_by_reference, note, read_note
from lms_shared.adapter.adapter import LinkSink, References, Values
from lms_shared.adapter.remote import RemoteObject
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal


class CompletionsSink(LinkSink):
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

    def find(self, references: References, *, fresh: bool = False) -> RemoteObject | None:
        marks = self._marks(references["content"])
        items = self._portfolio.of(references["user"].id, fresh=fresh)
        marked = [row for row in items if carries(row.get("description"), marks)]
        if not marked:
            return None
        found = _completion(marked[0])
        return found if self._is_titled(marked[0], references) else found.changed({}, incomplete=True)

    def before_create(self, references: References) -> None:
        if not self._assigner.is_withdrawn(references):
            self._assigner.possible(references)

    def create(self, values: Values, references: References) -> RemoteObject:
        if not self._assigner.is_withdrawn(references) and self._assigner.find(references) is None:
            self._assigner.assign(references)
        self._certify(values, references)
        item = {"title": references["content"].fields["title"], **self._item(values, references)}
        made = self._portfolio.create(references["user"].id, item)
        self._certified(references)
        return _completion(made)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        title = {} if self._is_titled(row, references) else {"title": references["content"].fields["title"]}
        if not changes:
            return _completion(self._portfolio.update(row, title))
        values = {**remote.fields, **changes}
        if remote.fields.get("result") == "Fail":
            self._certify(values, references)
        written = self._portfolio.update(row, {**title, **self._item(values, references)})
        self._certified(references)
        return _completion(written)

    def delete(self, remote: RemoteObject) -> None:
        self._portfolio.delete(remote.parts["row"])

    def _is_titled(self, row: Row, references: References) -> bool:
        """Whether an item has the title of its content, which may have been renamed."""
        return equal(Kind.TEXT, row.get("title"), references["content"].fields["title"])

    def _item(self, values: Values, references: References) -> Row:
        return {
            "startDate": values["completed_at"],
            "description": note(values, self._marks(references["content"])[0]),
        }

    def _marks(self, content: RemoteObject) -> list[str]:
        """The mark to write, and all by which a completion of the content may have been marked before."""
        references = (content.fields.get("external_reference"), content.parts["row"].get("ref"))
        by_reference = [mark_by_reference(self._namespace, one) if one else None for one in references]
        by_id = mark_by_id(self._namespace, content.id)
        return [one for one in (by_reference[0], by_id, by_reference[1]) if one]

    def _certify(self, values: Values, references: References) -> None:
        if self._certifying is not None and values.get("result") != "Fail":
            self._certifying.issue(references, values["completed_at"])

    def _certified(self, references: References) -> None:
        if self._certifying is not None:
            self._certifying.settled(references)


def _completion(row: Row) -> RemoteObject:
    fields = {"completed_at": row.get("startDate"), **read_note(row.get("description"))}
    return RemoteObject(str(row["id"]), fields, parts={"row": row})
