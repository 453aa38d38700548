"""Content as offers of the catalogue, each with an event that learners are enrolled in (offer and event pages)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.extra_fields import ExtraFields
from destination_pluvo.ports.offer_writes import create_offer, set_archived
from destination_pluvo.ports.trainings import keys_of, own_key
from destination_pluvo.references import GivenReferences
from destination_pluvo.texts.link_block import link_of, with_link, without_link
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import Kind, normalise
from lms_shared.upsert.adapter import EntityPort, References, Values
from lms_shared.upsert.lookup import Key, Lookup
from lms_shared.upsert.remote import Remote

EVENT_TYPE = "ELEARNING"
"""The type of the event that content of a provider gets (inferred to be the one that fits)."""


class OfferRows(Lookup[Row]):
    """Offers by id, ref or title, as content and with the API's own fields."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._titles = Titles(api)
        super().__init__(
            "offers",
            id_of=lambda row: str(row["id"]),
            keys_of=keys_of,
            askable=frozenset({"id", "ref", "title"}),
            fetch=self._of,
        )

    def refresh(self, key: Key) -> list[Row]:
        self._titles.forget()
        return super().refresh(key)

    def _of(self, key: Key) -> list[Row]:
        if key.field == "title":
            return self._titles.equal_to(key.value)
        row = self._api.look_up("Offer", **{key.field: key.value})
        return [row] if row else []


class OffersPort(EntityPort):
    """Offers that hold a deep link, found again by their ref."""

    def __init__(
        self,
        declaration: ObjectDeclaration,
        api: PluvoApi,
        rows: Lookup[Row],
        extra: ExtraFields,
        event_made: Callable[[str], None],
    ) -> None:
        """`event_made` is told the ref of an event that an offer was given."""
        super().__init__(declaration)
        self._api = api
        self._lookup = rows
        self._extra = extra
        self._event_made = event_made
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
        row = create_offer(
            self._api,
            {
                "title": values["title"],
                "ref": values["external_reference"],
                "description": with_link(values.get("description"), values.get("content_url")),
                "isActive": active,
            },
        )
        self._lookup.put(row)
        row = self._with_event(row, values["external_reference"])
        if not active:
            row = self._set_archived(row, archived=True)
        return self._written(row, values)

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        row: Row = remote.parts["row"]
        changed: Row = {}
        if "external_reference" in changes:
            changed["ref"] = changes["external_reference"]
        if "title" in changes:
            changed["title"] = changes["title"]
        if "description" in changes or "content_url" in changes:
            text = changes.get("description", row.get("description"))
            changed["description"] = with_link(text, changes.get("content_url", link_of(row.get("description"))))
        if changes.get("active") is True and not row.get("isActive"):
            changed["isActive"] = True
        if changed:
            row = self._update(row, changed)
        if "active" in changes and bool(row.get("archivedAt")) == changes["active"]:
            row = self._set_archived(row, archived=not changes["active"])
        reference = changes.get("external_reference") or self._refs.given(row.get("ref"))
        return self._written(self._with_event(row, reference), changes)

    def _update(self, row: Row, changed: Row) -> Row:
        written = self._api.write("UpdateOffer", "offer", id=row["id"], offer=changed)
        self._lookup.put(written, instead_of=row)
        return written

    def _set_archived(self, row: Row, *, archived: bool) -> Row:
        written = set_archived(self._api, row, archived=archived)
        self._lookup.put(written, instead_of=row)
        return written

    def _with_event(self, row: Row, reference: str | None) -> Row:
        if reference is None or event_of(row, reference) is not None:
            return row
        event = {"title": row["title"], "ref": reference, "type": EVENT_TYPE, "publish": True}
        made = self._api.write("CreateOfferEvent", "offerEvent", offerId=row["id"], offerEvent=event)
        self._event_made(reference)
        events = [*(row.get("offerEvents") or ()), {"id": made["id"], "ref": made.get("ref")}]
        written = {**row, "offerEvents": events}
        self._lookup.put(written, instead_of=row)
        return written

    def _written(self, row: Row, values: Values) -> Remote:
        self._extra.write(str(row["id"]), values)
        if "external_reference" in values:
            self._refs.note([Key("external_reference", values["external_reference"])])
        return self._remote(row)

    def _remote(self, row: Row) -> Remote:
        reference = self._refs.given(row.get("ref"))
        address = link_of(row.get("description"))
        fields = {
            "id": str(row["id"]),
            "external_reference": reference,
            "title": row.get("title"),
            "description": without_link(row.get("description")),
            "content_url": address,
            "active": _active(row),
        }
        return Remote(
            str(row["id"]),
            fields,
            stamped=reference is not None or address is not None,
            own=reference is not None,
            incomplete=reference is not None and event_of(row, reference) is None,
            parts={"row": row, "event": event_of(row, reference)},
        )


class Titles:
    """The offers by title: there is no search, but a list of the active ones in one piece. Safe for threads."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._rows: dict[str, list[Row]] | None = None

    def equal_to(self, title: str) -> list[Row]:
        with self._lock:
            if self._rows is None:
                self._rows = {}
                for row in self._api.rows("Offers"):
                    self._rows.setdefault(normalise(Kind.TEXT, row.get("title")) or "", []).append(row)
            return [row for row in self._rows.get(title, ()) if not row.get("archivedAt")]

    def forget(self) -> None:
        """What was listed is in doubt."""
        with self._lock:
            self._rows = None


def event_of(row: Row, reference: str | None) -> str | None:
    """The id of the event that learners of the content are enrolled in: the one with the content's ref.

    An offer without a ref of a source has been made in the interface; there its only event is meant.
    """
    events = [one for one in row.get("offerEvents") or () if isinstance(one, dict)]
    if reference is None:
        return str(events[0]["id"]) if len(events) == 1 else None
    return next((str(one["id"]) for one in events if one.get("ref") == reference), None)


def _active(row: Row) -> bool | None:
    """None where it is neither archived nor published, so that either wish of a record is carried out."""
    if row.get("archivedAt"):
        return False
    return True if row.get("isActive") is not False else None
