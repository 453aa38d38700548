"""Content as trainings, which the interface calls learning journeys (learning journeys page)."""

from __future__ import annotations

import html
from itertools import groupby

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.content import ContentPort, keys_of
from lms_shared.upsert.adapter import References, Values
from lms_shared.upsert.lookup import Key, Lookup, text_key
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
        listed = (row for q in _searches(key.value) for row in self._api.nodes("TrainingsByText", q=q, archived=False))
        equal = dict.fromkeys(row["id"] for row in listed if text_key("title", row.get("title") or "") == key)
        rows = (self._api.look_up("Training", id=one) for one in equal)
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


_ENTITIES = frozenset('&<>"')
"""Characters that a title may hold as an HTML entity."""
_TELLING = 4
"""Characters from which on words are worth a search of their own."""


def _searches(title: str) -> list[str]:
    """What to search for to find a title whether or not it holds entities: words of it that are spelled the same in
    both, or else each of the two spellings."""
    runs = groupby(title.split(), lambda word: not _ENTITIES & set(word))
    plain = max((" ".join(words) for same, words in runs if same), key=len, default="")
    return [plain] if len(plain) >= _TELLING else list(dict.fromkeys((title, html.escape(title, quote=False))))
