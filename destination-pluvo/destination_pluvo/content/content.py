"""What trainings and offers have in common as content: the deep link in their text, the ref, the custom fields, and the
marks of mode mirror."""

from __future__ import annotations

import logging
import threading
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.content.embedded import (
    SetMark,
    link_of,
    marks_in,
    reference_in_link,
    with_link,
    with_marks,
    without_link,
    without_marks,
)
from destination_pluvo.content.listed_links import lists_of, without_lists
from destination_pluvo.extra_categories.extra_fields import ExtraFields
from destination_pluvo.generated_refs import GivenReferences
from lms_shared.adapter.adapter import EntitySink, Values
from lms_shared.adapter.remote import Key, RemoteObject, text_key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.errors import config_error
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.keys import KEY_SEPARATOR
from lms_shared.model.normal_forms import normalise

logger = logging.getLogger("airbyte")

_ACTIVE = frozenset({"active"})


class ContentSink(EntitySink):
    """Rows that hold a deep link, found again by their ref."""

    text: ClassVar[str]
    """The field of a row that holds description and link."""

    def __init__(
        self,
        declaration: ObjectDeclaration,
        api: PluvoApi,
        rows: RemoteIndex[Row],
        extra: ExtraFields,
        namespace: str,
    ) -> None:
        super().__init__(declaration)
        self.api = api
        self.rows = rows
        self.refs = GivenReferences()
        self._extra = extra
        self._namespace = namespace
        self._told_of_admin, self._told_of_marks = threading.Lock(), threading.Lock()
        """Each taken by the first that tells, and never given back."""

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
        """The input of a change, but for what archives and publishes. Offers get the mark of a closing first and are
        archived then."""
        changed: Row = {}
        if "external_reference" in changes:
            changed["ref"] = changes["external_reference"]
        if "title" in changes:
            changed["title"] = changes["title"]
        old, marks = row.get(self.text), marks_in(row.get(self.text))
        if "active" in changes:
            marks = self.marks_after(row, closed=not changes["active"])
        text = old
        if "description" in changes or "content_url" in changes:
            words, address = changes.get("description", old), changes.get("content_url", link_of(old))
            text = with_link(without_marks(words), address, reference_in_link(old))
            if "description" in changes:
                text = "\n".join(filter(None, (text, lists_of(old))))
        if text != old or marks != marks_in(old):
            changed[self.text] = with_marks(text, marks)
        return changed

    def marks_after(self, row: Row, *, closed: bool) -> list[SetMark]:
        """The marks of a row once this connection has closed it or opened it again."""
        marks = marks_in(row.get(self.text))
        own = [replace(one, closed=closed) for one in marks if self._is_own(one, row) and one.stream]
        if closed and not own:
            own.append(SetMark(self._namespace, "", str(row["id"]), str(row.get("ref") or ""), closed=True))
        return [*(one for one in marks if not self._is_own(one, row)), *own]

    def meant(self, values: Values, remote: RemoteObject | None) -> Values:
        """What is archived and has no mark of that was closed by an admin, and stays so."""
        if remote is None or values.get("active") is not True or not self._is_closed_by_admin(remote):
            return values
        if self._told_of_admin.acquire(blocking=False):
            logger.warning(
                "Content that somebody else has archived stays archived, although its record is active. Restore it in "
                "Pluvo if that is not wanted, also where a version before 0.2.0 has archived it. The first is %r.",
                remote.fields.get("title"),
            )
        return {name: value for name, value in values.items() if name != "active"}

    def _is_closed_by_admin(self, remote: RemoteObject) -> bool:
        return remote.fields.get("active") is False and not remote.withdrawn

    def written(self, row: Row, values: Values, reference: str | None) -> RemoteObject:
        """The object after a write, once its custom fields are written too."""
        self._extra.write(str(row["id"]), values)
        if reference is not None:
            self.refs.note([Key("external_reference", reference)])
        remote = self.remote(row, asked=reference)
        if values.get("active") is False and not remote.withdrawn and self._told_of_marks.acquire(blocking=False):
            logger.warning(
                "Pluvo does not keep the mark of what this connection has archived, an empty paragraph at the end of "
                "%s. Content that is archived stays so, although its record is active again.",
                self.text,
            )
        self.answered(values, remote.fields)
        return remote

    def mark(self, remote: RemoteObject, stream: str) -> RemoteObject:
        row, reference = remote.parts["row"], remote.fields.get("external_reference")
        mark = SetMark(self._namespace, stream, remote.id, str(reference or ""))
        kept = [
            one
            for one in marks_in(row.get(self.text))
            if one.object_id == remote.id and (one.namespace, one.stream) != (self._namespace, stream)
        ]
        written = self.update_row(row, {self.text: with_marks(row.get(self.text), [*kept, mark])})
        if mark not in marks_in(written.get(self.text)):
            raise config_error(
                f"Pluvo did not keep the mark by which mode mirror knows the content of stream '{stream}' again: an "
                f"empty paragraph at the end of {self.text}. Use another mode, with records that say what is inactive."
            )
        return remote.changed({}, sets=remote.sets | {stream}, parts={**remote.parts, "row": written})

    def owned(self) -> Iterator[RemoteObject]:
        """What carries a mark of this connection that names the object itself, so that an admin's copy is none."""
        for row in self.listed():
            remote = self.remote(row)
            if remote.sets and remote.own:
                yield remote

    def _is_own(self, mark: SetMark, row: Row) -> bool:
        return (mark.namespace, mark.object_id) == (self._namespace, str(row["id"]))

    def stamps(self, row: Row) -> list[str]:
        """The references by which a row is known to be somebody's."""
        reference = self.refs.given(row.get("ref"))
        return [] if reference is None else [reference]

    def remote(self, row: Row, *, asked: str | None = None, linked: bool = False) -> RemoteObject:
        """The object of a row that was asked for by a reference, or is `linked` to the content of a record."""
        marks = [one for one in marks_in(row.get(self.text)) if self._is_own(one, row)]
        self.refs.note(Key("external_reference", one.reference) for one in marks)
        stamps = self.stamps(row)
        stamp = asked if asked in stamps else stamps[0] if len(stamps) == 1 else None
        reference = stamp or reference_in_link(row.get(self.text))
        address = link_of(row.get(self.text))
        fields = {
            "id": str(row["id"]),
            "external_reference": reference,
            "title": row.get("title"),
            "description": without_link(without_lists(without_marks(row.get(self.text)))),
            "content_url": address,
            "active": self.active(row),
        }
        # One with a link is a sync's, even where its ref looks made up: of the record that has the same link, or of
        # another one.
        stamped = bool(stamps) or (address is not None and not linked)
        # Two contents of one title whose references look made up would take each other over, sync by sync.
        stamped = stamped or (address is None and bool(row.get("ref")) and self.refs.look_made_up)
        return RemoteObject(
            str(row["id"]),
            fields,
            stamped=stamped,
            own=reference is not None,
            sets=frozenset(one.stream for one in marks if one.stream),
            withdrawn=fields["active"] is False and any(one.closed for one in marks),
            unsettled=_ACTIVE if fields["active"] and any(one.closed for one in marks) else frozenset(),
            parts={"row": row},
        )

    @abstractmethod
    def update_row(self, row: Row, changed: Row) -> Row:
        """Writes fields of a row; the row afterwards."""

    @abstractmethod
    def listed(self) -> Iterator[Row]:
        """All rows that are not archived."""

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
