"""Content as offers of the catalog, each with an event that learners are enrolled in (offer and event pages)."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from destination_pluvo.answers import Refused, write_with_ref
from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.content.content import ContentSink, keys_of
from destination_pluvo.content.embedded import with_marks
from destination_pluvo.dialect import EVENT_TYPE_NAME
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.remote import Key, RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal

EVENT_REF = "event_ref"
"""Key of an offer by the ref of one of its events."""


class OfferRows(RemoteIndex[Row]):
    """Offers by id, ref or title, as content and with the API's own fields."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._scanned = ListedOffers(api)
        super().__init__(
            "offers",
            id_of=lambda row: str(row["id"]),
            keys_of=_keys_of,
            askable=frozenset({"id", "ref", "title", EVENT_REF}),
            fetch=self._of,
        )

    def refresh(self, key: Key) -> list[Row]:
        self._scanned.forget()
        return super().refresh(key)

    def forget(self, key: Key) -> None:
        self._scanned.forget()
        super().forget(key)

    def _of(self, key: Key) -> list[Row]:
        if key.field in ("title", EVENT_REF):
            return self._scanned.with_key(key)
        row = self._api.look_up("Offer", **{key.field: key.value})
        return [row] if row else []


class OffersSink(ContentSink):
    """Offers with the link in their description, each with an event of the same ref.

    That an offer takes a ref is inferred, that an event does is documented: where the offer does not keep it, the event
    carries the reference.
    """

    text = "description"

    def referred(self, reference: str, *, fresh: bool) -> list[Row]:
        rows = super().referred(reference, fresh=fresh)
        if rows:
            self.api.learned.keeps_offer_refs = True
            return rows
        rows = self.rows_with(Key(EVENT_REF, reference), fresh=fresh)
        return [row for row in rows if reference in self.stamps(row)]

    def written_elsewhere(self, values: Values) -> None:
        """The offer may have got an event."""
        for name, field in (("id", "id"), ("external_reference", "ref"), ("external_reference", EVENT_REF)):
            if values.get(name) is not None:
                self.rows.forget(Key(field, str(values[name])))

    def create(self, values: Values, references: References) -> RemoteObject:
        reference = values["external_reference"]
        self._refuse_hidden(reference)
        row = make_offer(self.api, self.new(values))
        self.rows.put(row)
        if row.get("ref") == reference:
            self.api.learned.keeps_offer_refs = True
        else:
            row = self.update_row(row, {"ref": reference})
        row = self._with_event(row, reference)
        if values.get("active") is False:
            row = self.update_row(row, {self.text: with_marks(row.get(self.text), self.marks_after(row, closed=True))})
            row = self._set_archived(row, archived=True)
        return self.written(row, values, reference)

    def _refuse_hidden(self, reference: str) -> None:
        """Raises RecordRejected where an offer that is not listed any more may have an event with the reference."""
        if self.api.learned.keeps_offer_refs:
            return
        try:
            event = self.api.look_up("OfferEventByRef", ref=reference)
        except Refused:
            return  # That an event can be asked for by its ref is inferred.
        if event is not None:
            raise RecordRejected(
                "REMOTE.CONFLICT",
                "an event with this reference is there, and Pluvo does not show it with an offer of the reference",
                "Restore the archived offer that it belongs to in Pluvo, or delete the event.",
            )

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        changed = self.changed(row, changes)
        if changes.get("active") is True and not row.get("isActive"):
            changed["isActive"] = True
        if "title" in changes:
            self._rename_event(remote, str(changes["title"]))
        # The mark of a closing is there as long as the offer is archived.
        if changes.get("active") is True and row.get("archivedAt"):
            row = self._set_archived(row, archived=False)
        if changed:
            row = self.update_row(row, changed)
        if changes.get("active") is False and not row.get("archivedAt"):
            row = self._set_archived(row, archived=True)
        reference = changes.get("external_reference") or remote.fields["external_reference"]
        return self.written(self._with_event(row, reference), changes, reference)

    def _rename_event(self, remote: RemoteObject, title: str) -> None:
        """The event of an offer has its title, unless an admin gave it another."""
        row: Row = remote.parts["row"]
        event = next((one for one in _events(row) if str(one["id"]) == remote.parts.get("event")), None)
        if event is not None and event.get("title") and equal(Kind.TEXT, event["title"], row.get("title")):
            self.api.write("RenameOfferEvent", "offerEvent", id=event["id"], offerEvent={"title": title})
            event["title"] = title

    def update_row(self, row: Row, changed: Row) -> Row:
        return write_with_ref(lambda fields: self._write(row, fields), changed) or row

    def listed(self) -> Iterator[Row]:
        return (row for row in self.api.rows("Offers") if not row.get("archivedAt"))

    def _write(self, row: Row, changed: Row) -> Row:
        written = self.api.write("UpdateOffer", "offer", id=row["id"], offer=changed)
        self.rows.put(written, instead_of=row)
        return written

    def _set_archived(self, row: Row, *, archived: bool) -> Row:
        written = set_archived(self.api, row, archived=archived)
        self.rows.put(written, instead_of=row)
        return written

    def _with_event(self, row: Row, reference: str | None) -> Row:
        if reference is None or event_of(row, reference) is not None:
            return row
        event = {"title": row["title"], "ref": reference, "type": EVENT_TYPE_NAME, "publish": True}
        made = self.api.write("CreateOfferEvent", "offerEvent", offerId=row["id"], offerEvent=event)
        written = {
            **row,
            "offerEvents": [*_events(row), {"id": made["id"], "ref": made.get("ref"), "title": row["title"]}],
        }
        self.rows.put(written, instead_of=row)
        return written

    def stamps(self, row: Row) -> list[str]:
        own, refs = row.get("ref"), [str(one["ref"]) for one in _events(row) if one.get("ref")]
        # Refs that the server makes up are never equal.
        if own in refs:
            return [str(own)]
        return super().stamps(row) or [ref for ref in refs if self.refs.given(ref)]

    def remote(self, row: Row, *, asked: str | None = None, linked: bool = False) -> RemoteObject:
        remote = super().remote(row, asked=asked, linked=linked)
        reference = remote.fields["external_reference"]
        event = event_of(row, reference if reference in (asked, row.get("ref")) else None)
        lacks_event = reference is not None and event is None
        return remote.changed({}, incomplete=lacks_event, parts={"row": row, "event": event})

    def active(self, row: Row) -> bool | None:
        if row.get("archivedAt"):
            return False
        return True if row.get("isActive") is not False else None


class ListedOffers:
    """What can only be found by scanning: there is no search, but a list of the active ones in one piece. Safe for
    threads."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._rows: dict[Key, list[Row]] | None = None

    def with_key(self, key: Key) -> list[Row]:
        """The offers with a key; those that are archived have no title."""
        with self._lock:
            if self._rows is None:
                self._rows = {}
                for row in self._api.rows("Offers"):
                    for one in _keys_of(row):
                        self._rows.setdefault(one, []).append(row)
            return [row for row in self._rows.get(key, ()) if key.field == EVENT_REF or not row.get("archivedAt")]

    def forget(self) -> None:
        """What was listed is in doubt."""
        with self._lock:
            self._rows = None


def _keys_of(row: Row) -> Iterator[Key]:
    yield from keys_of(row, OffersSink.text)
    yield from (Key(EVENT_REF, str(one["ref"])) for one in _events(row) if one.get("ref"))


def _events(row: Row) -> list[Row]:
    return [one for one in row.get("offerEvents") or () if isinstance(one, dict)]


def event_of(row: Row, reference: str | None) -> str | None:
    """The id of the event that learners of the content are enrolled in: the one with the content's ref.

    An offer without a ref of a source has been made in the interface; there its only event is meant.
    """
    events = _events(row)
    if reference is None:
        return str(events[0]["id"]) if len(events) == 1 else None
    return next((str(one["id"]) for one in events if one.get("ref") == reference), None)


def make_offer(api: PluvoApi, offer: Row) -> Row:
    """Makes an offer. Whether the creation takes a ref is not documented: it may be without the one that is wanted."""
    made = write_with_ref(lambda fields: api.write("CreateOffer", "offer", offer=fields), offer)
    assert made is not None  # an offer has a title
    return made


def set_archived(api: PluvoApi, row: Row, *, archived: bool) -> Row:
    """Archives an offer or restores it; the row afterwards."""
    api.change_members("ArchiveOffers", str(row["id"]), "response", archive=archived, ids=[row["id"]])
    return {**row, "archivedAt": "(just now)" if archived else None}
