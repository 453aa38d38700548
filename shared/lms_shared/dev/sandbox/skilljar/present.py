"""Turns rows into answers with exactly the fields that the description lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lms_shared.dev.sandbox.skilljar.description import AnswerField
from lms_shared.dev.sandbox.skilljar.store import Row, Store

ComputedField = Callable[[Store, Row], Any]


class View(StrEnum):
    """Which answer a row is shown in; some fields stand in some answers only."""

    LIST = "list"
    READ = "read"
    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Presenter:
    """Shows rows of `store`. `computed` holds the fields that follow from other rows, by schema and field."""

    store: Store
    computed: Mapping[tuple[str, str], ComputedField]

    def show(self, schema: str, row: Row, view: View, flags: Collection[str | None] = ()) -> dict[str, Any]:
        """The answer for one row."""
        return {
            field.name: self._value(schema, field, row, view, flags)
            for field in self.store.description.answers[schema]
            if field.views is None or view in field.views or field.flag in flags
        }

    def _value(self, schema: str, field: AnswerField, row: Row, view: View, flags: Collection[str | None]) -> Any:
        compute = self.computed.get((schema, field.name))
        if compute is not None:
            value = compute(self.store, row)
        elif field.name in row:
            value = row[field.name]
        else:
            value = self._linked(field, row)
        if field.reference is None or value is None:
            return value
        if field.is_list:
            return [self.show(field.reference, item, view, flags) for item in value]
        return self.show(field.reference, value, view, flags)

    def _linked(self, field: AnswerField, row: Row) -> Any:
        link = self.store.description.links.get(field.name)
        if link is None or field.is_list:
            return None
        if field.reference is None:
            return row.get(link.field)
        return self.store.linked(row, field.name)
