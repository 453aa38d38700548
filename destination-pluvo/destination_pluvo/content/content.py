"""What trainings and offers have in common as content: the deep link in their text, the ref, and the custom fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.content.link_block import link_of, reference_in_link, with_link, without_link
from destination_pluvo.extra_categories.extra_fields import ExtraFields
from destination_pluvo.references import GivenReferences
from lms_shared.adapter.adapter import EntitySink, Values
from lms_shared.adapter.keys import Key, text_key
from lms_shared.adapter.remote import RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import KEY_SEPARATOR, ObjectDeclaration
from lms_shared.model.fields import Kind, normalise


class ContentSink(EntitySink):
    """Rows that hold a deep link, found again by their ref."""

    text: ClassVar[str]
    """The field of a row that holds description and link."""

    def __init__(
        self, declaration: ObjectDeclaration, api: PluvoApi, rows: RemoteIndex[Row], extra: ExtraFields
    ) -> None:
        super().__init__(declaration)
        self.api = api
        self.rows = rows
        self.refs = GivenReferences()
        self._extra = extra

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        return self._extra.shape(values)

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        self.refs.note([key])
        if key.field == "external_reference":
            return [self.remote(row, asked=key.value) for row in self.referred(key.value, fresh=fresh)]
        linked = key.field == "title" and KEY_SEPARATOR in key.value
        return [self.remote(row, linked=linked) for row in self.rows_with(key, fresh=fresh)]

    def rows_with(self, key: Key, *, fresh: bool) -> list[Row]:
        return self.rows.refresh(key) if fresh else self.rows.find(key)

    def referred(self, reference: str, *, fresh: bool) -> list[Row]:
        """The rows that carry a reference, in their ref or where else it is kept."""
        return self.rows_with(Key("ref", reference), fresh=fresh)

    def expect(self, keys: Iterable[Key]) -> None:
        self.refs.note(keys)

    def load(self, remote: RemoteObject, wanted: frozenset[str]) -> RemoteObject:
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
            old = row.get(self.text)
            words, address = changes.get("description", old), changes.get("content_url", link_of(old))
            changed[self.text] = with_link(words, address, reference_in_link(old))
        return changed

    def written(self, row: Row, values: Values, reference: str | None) -> RemoteObject:
        """The object after a write, once its custom fields are written too."""
        self._extra.write(str(row["id"]), values)
        if reference is not None:
            self.refs.note([Key("external_reference", reference)])
        remote = self.remote(row, asked=reference)
        self.answered(values, remote.fields)
        return remote

    def stamps(self, row: Row) -> list[str]:
        """The references by which a row is known to be somebody's."""
        reference = self.refs.given(row.get("ref"))
        return [] if reference is None else [reference]

    def remote(self, row: Row, *, asked: str | None = None, linked: bool = False) -> RemoteObject:
        """The object of a row that was asked for by a reference, or is `linked` to the content of a record."""
        stamps = self.stamps(row)
        stamp = asked if asked in stamps else stamps[0] if len(stamps) == 1 else None
        reference = stamp or reference_in_link(row.get(self.text))
        address = link_of(row.get(self.text))
        fields = {
            "id": str(row["id"]),
            "external_reference": reference,
            "title": row.get("title"),
            "description": without_link(row.get(self.text)),
            "content_url": address,
            "active": self.active(row),
        }
        # One with a link is a sync's, even where its ref looks made up: of the record that has the same link, or of
        # another one.
        stamped = bool(stamps) or (address is not None and not linked)
        # Two contents of one title whose references look made up would take each other over, sync by sync.
        stamped = stamped or (address is None and bool(row.get("ref")) and self.refs.look_made_up)
        return RemoteObject(str(row["id"]), fields, stamped=stamped, own=reference is not None, parts={"row": row})

    @abstractmethod
    def active(self, row: Row) -> bool | None:
        """None where it is neither archived nor published, so that either wish of a record is carried out."""


def keys_of(row: Row, text: str) -> Iterator[Key]:
    """What a training or offer is looked up by; `text` is the field with the link."""
    yield Key("id", str(row["id"]))
    if row.get("ref"):
        yield Key("ref", str(row["ref"]))
    yield from title_keys(row, text)


def title_keys(row: Row, text: str) -> Iterator[Key]:
    """The title, and the title with the address that the row links to."""
    title, address = normalise(Kind.TEXT, row.get("title")), normalise(Kind.URL, link_of(row.get(text)))
    if title:
        yield text_key("title", title)
        if address:
            yield text_key("title", f"{title}{KEY_SEPARATOR}{address}")
