"""Trainings with the API's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from destination_pluvo.api import Row
from destination_pluvo.native.sink import NativeSink, given
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.remote import RemoteObject
from lms_shared.model.instant import parse_instant

_DATES = ("startDate", "endDate")
_CREATED = (
    "title",
    "subtitle",
    "introduction",
    "ref",
    "isActive",
    *_DATES,
    "showParticipants",
    "showSharedFiles",
    "enableChat",
)


class NativeTrainingsSink(NativeSink):
    """Trainings by ref or id."""

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """Dates are days: the object shows a date, the inputs take a time (learning journeys page)."""
        for name in _DATES:
            moment = parse_instant(values.get(name))
            if moment is not None:
                values[name] = f"{moment.date().isoformat()}T00:00:00Z"
        return values

    def fields(self, row: Row) -> Mapping[str, Any]:
        return {**row, "active": not row.get("archived")}

    def create(self, values: Values, references: References) -> RemoteObject:
        row = self.api.write("CreateTraining", "training", training=given(values, *_CREATED))
        remote = self.noted(row)
        # The creation knows no `archived`.
        return self.update(remote, {"archived": True}, references) if values.get("archived") else remote

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        changed = given(changes, *_CREATED, "archived")
        if "active" in changes:
            changed["archived"] = not changes["active"]
        row = self.api.write("UpdateTraining", "training", id=remote.id, training=changed)
        return self.noted(row, remote.parts["row"])
