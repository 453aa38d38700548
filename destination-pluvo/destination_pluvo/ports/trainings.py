"""Content as trainings, which the interface calls learning journeys (learning journeys page)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.extra_fields import ExtraFields
from destination_pluvo.references import GivenReferences
from destination_pluvo.texts.link_block import link_of, with_link, without_link
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind, normalise
from lms_shared.upsert.adapter import EntityPort, References, Values
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


class TrainingsPort(EntityPort):
    """Trainings that hold a deep link, found again by their ref."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, rows: Lookup[Row], extra: ExtraFields) -> None:
        super().__init__(declaration)
        self._api = api
        self._lookup = rows
        self._extra = extra
        self._refs = GivenReferences()

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._extra.shape(values)

    def find(self, key: Key, *, fresh: bool = False) -> list[Remote]:
        self._refs.note([key])
        own = own_key(key)
        rows = self._lookup.refresh(own) if fresh else self._lookup.find(own)
        return [self._remote(row) for row in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        self._refs.note(keys)

    def load(self, remote: Remote, wanted: frozenset[str]) -> Remote:
        return remote.changed(self._extra.load(remote.id, wanted))

    def create(self, values: Values, references: References) -> Remote:
        active = values.get("active") is not False
        training = {
            "title": values["title"],
            "ref": values["external_reference"],
            "introduction": with_link(values.get("description"), values.get("content_url")),
            "isActive": active,
        }
        row = self._api.write("CreateTraining", "training", training=training)
        self._lookup.put(row)
        if not active:
            # The creation knows no `archived`.
            row = self._update(row, {"archived": True})
        return self._written(row, values)

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        row: Row = remote.parts["row"]
        changed: Row = {}
        if "external_reference" in changes:
            changed["ref"] = changes["external_reference"]
        if "title" in changes:
            changed["title"] = changes["title"]
        if "description" in changes or "content_url" in changes:
            text = changes.get("description", row.get("introduction"))
            changed["introduction"] = with_link(text, changes.get("content_url", link_of(row.get("introduction"))))
        if "active" in changes:
            changed |= {"archived": False, "isActive": True} if changes["active"] else {"archived": True}
        return self._written(self._update(row, changed) if changed else row, changes)

    def _update(self, row: Row, changed: Row) -> Row:
        written = self._api.write("UpdateTraining", "training", id=row["id"], training=changed)
        self._lookup.put(written, instead_of=row)
        return written

    def _written(self, row: Row, values: Values) -> Remote:
        self._extra.write(str(row["id"]), values)
        if "external_reference" in values:
            self._refs.note([Key("external_reference", values["external_reference"])])
        return self._remote(row)

    def _remote(self, row: Row) -> Remote:
        reference = self._refs.given(row.get("ref"))
        address = link_of(row.get("introduction"))
        fields = {
            "id": str(row["id"]),
            "external_reference": reference,
            "title": row.get("title"),
            "description": without_link(row.get("introduction")),
            "content_url": address,
            "active": _active(row),
        }
        # One with the link is a sync's, even where its ref looks made up.
        stamped = reference is not None or address is not None
        return Remote(str(row["id"]), fields, stamped=stamped, own=reference is not None, parts={"row": row})


def _active(row: Row) -> bool | None:
    """None where it is neither archived nor published, so that either wish of a record is carried out."""
    if row.get("archived"):
        return False
    return True if row.get("isActive") else None


def own_key(key: Key) -> Key:
    """The key of a row for one of content."""
    return Key("ref", key.value) if key.field == "external_reference" else key


def keys_of(row: Row) -> Iterator[Key]:
    """The keys of a training or offer."""
    yield Key("id", str(row["id"]))
    if row.get("ref"):
        yield Key("ref", str(row["ref"]))
    title = normalise(Kind.TEXT, row.get("title"))
    if title:
        yield Key("title", title)
