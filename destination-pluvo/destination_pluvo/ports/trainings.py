"""Content as trainings, which the interface calls learning journeys (learning journeys page)."""

from __future__ import annotations

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.content import ContentPort, keys_of
from lms_shared.model.fields import Kind, normalise
from lms_shared.upsert.adapter import References, Values
from lms_shared.upsert.lookup import Key, Lookup
from lms_shared.upsert.remote import Remote


class TrainingRows(Lookup[Row]):
    """Trainings by id, ref or title, as content and with the API's own fields."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        super().__init__(
            "trainings",
            id_of=lambda row: str(row["id"]),
            keys_of=keys_of,
            askable=frozenset({"id", "ref", "title"}),
            fetch=self._of,
        )

    def _of(self, key: Key) -> list[Row]:
        if key.field != "title":
            row = self._api.look_up("Training", **{key.field: key.value})
            return [row] if row else []
        # `q` is a search, not a comparison, and its rows have no introduction.
        listed = self._api.nodes("TrainingsByText", q=key.value, archived=False)
        equal = [row for row in listed if normalise(Kind.TEXT, row.get("title")) == key.value]
        rows = (self._api.look_up("Training", id=row["id"]) for row in equal)
        return [row for row in rows if row]


class TrainingsPort(ContentPort):
    """Trainings with the link in their introduction."""

    text = "introduction"

    def create(self, values: Values, references: References) -> Remote:
        row = self.api.write("CreateTraining", "training", training=self.new(values))
        self.rows.put(row)
        if values.get("active") is False:
            # The creation knows no `archived`.
            row = self._update(row, {"archived": True})
        return self.written(row, values)

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        row: Row = remote.parts["row"]
        changed = self.changed(row, changes)
        if "active" in changes:
            changed |= {"archived": False, "isActive": True} if changes["active"] else {"archived": True}
        return self.written(self._update(row, changed) if changed else row, changes)

    def _update(self, row: Row, changed: Row) -> Row:
        written = self.api.write("UpdateTraining", "training", id=row["id"], training=changed)
        self.rows.put(written, instead_of=row)
        return written

    def active(self, row: Row) -> bool | None:
        if row.get("archived"):
            return False
        return True if row.get("isActive") else None
