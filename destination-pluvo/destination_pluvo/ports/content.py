"""What trainings and offers have in common as content: the deep link in their text, the ref, and the custom fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.extra_fields import ExtraFields
from destination_pluvo.references import GivenReferences
from destination_pluvo.texts.link_block import link_of, with_link, without_link
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.adapter import EntityPort, Values
from lms_shared.upsert.lookup import Key, Lookup, text_key
from lms_shared.upsert.remote import Remote


class ContentPort(EntityPort):
    """Rows that hold a deep link, found again by their ref."""

    text: ClassVar[str]
    """The field of a row that holds description and link."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, rows: Lookup[Row], extra: ExtraFields) -> None:
        super().__init__(declaration)
        self.api = api
        self.rows = rows
        self.refs = GivenReferences()
        self._extra = extra

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._extra.shape(values)

    def find(self, key: Key, *, fresh: bool = False) -> list[Remote]:
        self.refs.note([key])
        own = Key("ref", key.value) if key.field == "external_reference" else key
        rows = self.rows.refresh(own) if fresh else self.rows.find(own)
        return [self.remote(row) for row in rows]

    def expect(self, keys: Iterable[Key]) -> None:
        self.refs.note(keys)

    def load(self, remote: Remote, wanted: frozenset[str]) -> Remote:
        return remote.changed(self._extra.load(remote.id, wanted))

    def new(self, values: Values) -> Row:
        """The input of a creation."""
        return {
            "title": values["title"],
            "ref": values["external_reference"],
            self.text: with_link(values.get("description"), values.get("content_url")),
            "isActive": values.get("active") is not False,
        }

    def changed(self, row: Row, changes: Values) -> Row:
        """The input of a change, but for what archives and publishes."""
        changed: Row = {}
        if "external_reference" in changes:
            changed["ref"] = changes["external_reference"]
        if "title" in changes:
            changed["title"] = changes["title"]
        if "description" in changes or "content_url" in changes:
            words = changes.get("description", row.get(self.text))
            changed[self.text] = with_link(words, changes.get("content_url", link_of(row.get(self.text))))
        return changed

    def written(self, row: Row, values: Values) -> Remote:
        """The object after a write, once its custom fields are written too."""
        self._extra.write(str(row["id"]), values)
        if "external_reference" in values:
            self.refs.note([Key("external_reference", values["external_reference"])])
        return self.remote(row)

    def remote(self, row: Row) -> Remote:
        reference = self.refs.given(row.get("ref"))
        address = link_of(row.get(self.text))
        fields = {
            "id": str(row["id"]),
            "external_reference": reference,
            "title": row.get("title"),
            "description": without_link(row.get(self.text)),
            "content_url": address,
            "active": self.active(row),
        }
        # One with the link is a sync's, even where its ref looks made up.
        stamped = reference is not None or address is not None
        return Remote(str(row["id"]), fields, stamped=stamped, own=reference is not None, parts={"row": row})

    @abstractmethod
    def active(self, row: Row) -> bool | None:
        """None where it is neither archived nor published, so that either wish of a record is carried out."""


def keys_of(row: Row) -> Iterator[Key]:
    """What a training or offer is looked up by."""
    yield Key("id", str(row["id"]))
    if row.get("ref"):
        yield Key("ref", str(row["ref"]))
    if row.get("title"):
        yield text_key("title", row["title"])
