"""Content as trainings, which the interface calls learning journeys (learning journeys page)."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextvars import copy_context
from itertools import groupby

from destination_pluvo.answers import write_with_ref
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.content.content import ContentSink, keys_of
from destination_pluvo.content.embedded import (
    link_of,
    marks_in,
    reference_in_link,
    with_link,
    with_marks,
    without_link,
    without_marks,
)
from destination_pluvo.extra_categories.extra_fields import ExtraFields
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.pool import threads
from lms_shared.adapter.remote import Key, RemoteObject, text_key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.keys import KEY_SEPARATOR


class TrainingRows(RemoteIndex[Row]):
    """Trainings by id, ref or title, as content and with the API's own fields."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        super().__init__(
            "trainings",
            id_of=lambda row: str(row["id"]),
            keys_of=lambda row: keys_of(row, TrainingsSink.text),
            askable=frozenset({"id", "ref", "title"}),
            fetch=self._of,
        )

    def _of(self, key: Key) -> list[Row]:
        if key.field != "title":
            row = self._api.look_up("Training", **{key.field: key.value})
            return [row] if row else []
        title = _title_of(key)
        if key != title:
            return [row for row in self.find(title) if key in keys_of(row, TrainingsSink.text)]
        # `q` is a search, not a comparison, and its rows have no introduction.
        listed = (row for q in _searches(key.value) for row in self._api.nodes("TrainingsByText", q=q, archived=False))
        equal = dict.fromkeys(row["id"] for row in listed if text_key("title", row.get("title") or "") == key)
        rows = (self._api.look_up("Training", id=one) for one in equal)
        return [row for row in rows if row]

    def refresh(self, key: Key) -> list[Row]:
        title = _title_of(key)
        if key != title:
            self.forget(title)
        return super().refresh(key)


def _title_of(key: Key) -> Key:
    """The title in a key of title and link; any other key as it is."""
    return Key(key.field, key.value.partition(KEY_SEPARATOR)[0])


class TrainingsSink(ContentSink):
    """Trainings with the link in their introduction.

    Where Pluvo does not take the ref of a training that was made by hand, the link carries it.
    """

    text = "introduction"

    def __init__(
        self,
        declaration: ObjectDeclaration,
        api: PluvoApi,
        rows: RemoteIndex[Row],
        extra: ExtraFields,
        namespace: str,
    ) -> None:
        super().__init__(declaration, api, rows, extra, namespace)
        self._carried: dict[str, str] = {}
        """Ids of trainings by the reference in their link, as far as they have been found: none is found by it."""

    def create(self, values: Values, references: References) -> RemoteObject:
        new = self.new(values)
        row = write_with_ref(lambda fields: self.api.write("CreateTraining", "training", training=fields), new)
        assert row is not None  # a training has a title
        self.rows.put(row)
        if row.get("ref") != new["ref"]:
            row = self.update_row(row, {"ref": new["ref"]})
        if values.get("active") is False:
            # The creation knows no `archived`.
            text = with_marks(row.get(self.text), self.marks_after(row, closed=True))
            row = self.update_row(row, {"archived": True, self.text: text})
        return self.written(row, values, new["ref"])

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        changed = self.changed(row, changes)
        if "active" in changes:
            changed |= {"archived": False, "isActive": True} if changes["active"] else {"archived": True}
        reference = changes.get("external_reference")
        return self.written(self.update_row(row, changed) if changed else row, changes, reference)

    def update_row(self, row: Row, changed: Row) -> Row:
        written = write_with_ref(lambda fields: self._write(row, fields), changed) or row
        reference = changed.get("ref")
        if reference is None or written.get("ref") == reference:
            return written
        text, address = written.get(self.text), link_of(written.get(self.text))
        if address is None:
            return written
        stamped = with_link(without_link(without_marks(text)), address, reference)
        return self._write(written, {self.text: with_marks(stamped, marks_in(text))})

    def _write(self, row: Row, changed: Row) -> Row:
        written = self.api.write("UpdateTraining", "training", id=row["id"], training=changed)
        self.rows.put(written, instead_of=row)
        return written

    def listed(self) -> Iterator[Row]:
        """Rows of the list have no introduction, so each training is asked for, many at a time."""
        listed = [str(node["id"]) for node in self.api.nodes("Trainings", archived=False)]
        label = copy_context()
        with threads(self.api.callers, "trainings") as pool:
            for rows in pool.map(lambda one: label.copy().run(self.rows.find, Key("id", one)), listed):
                yield from rows

    def referred(self, reference: str, *, fresh: bool) -> list[Row]:
        rows = super().referred(reference, fresh=fresh)
        carrier = self._carried.get(reference)
        return rows if rows or carrier is None else self.rows_with(Key("id", carrier), fresh=fresh)

    def remote(self, row: Row, *, asked: str | None = None, linked: bool = False) -> RemoteObject:
        carried = reference_in_link(row.get(self.text))
        if carried is not None:
            self._carried[carried] = str(row["id"])
        return super().remote(row, asked=asked, linked=linked)

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
