"""Content as offers of the catalogue, each with an event that learners are enrolled in (offer and event pages)."""

from __future__ import annotations

import threading
from collections.abc import Callable

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.ports.content import ContentPort, keys_of
from destination_pluvo.ports.extra_fields import ExtraFields
from destination_pluvo.ports.offer_writes import create_offer, set_archived
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.adapter import References, Values
from lms_shared.upsert.lookup import Key, Lookup, text_key
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
            return self._titles.equal_to(key)
        row = self._api.look_up("Offer", **{key.field: key.value})
        return [row] if row else []


class OffersPort(ContentPort):
    """Offers with the link in their description, each with an event of the same ref."""

    text = "description"

    def __init__(
        self,
        declaration: ObjectDeclaration,
        api: PluvoApi,
        rows: Lookup[Row],
        extra: ExtraFields,
        event_made: Callable[[str], None],
    ) -> None:
        """`event_made` is told the ref of an event that an offer was given."""
        super().__init__(declaration, api, rows, extra)
        self._event_made = event_made

    def create(self, values: Values, references: References) -> Remote:
        row = create_offer(self.api, self.new(values))
        self.rows.put(row)
        row = self._with_event(row, values["external_reference"])
        if values.get("active") is False:
            row = self._set_archived(row, archived=True)
        return self.written(row, values)

    def update(self, remote: Remote, changes: Values, references: References) -> Remote:
        row: Row = remote.parts["row"]
        changed = self.changed(row, changes)
        if changes.get("active") is True and not row.get("isActive"):
            changed["isActive"] = True
        if changed:
            row = self._update(row, changed)
        if "active" in changes and bool(row.get("archivedAt")) == changes["active"]:
            row = self._set_archived(row, archived=not changes["active"])
        reference = changes.get("external_reference") or self.refs.given(row.get("ref"))
        return self.written(self._with_event(row, reference), changes)

    def _update(self, row: Row, changed: Row) -> Row:
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
        event = {"title": row["title"], "ref": reference, "type": EVENT_TYPE, "publish": True}
        made = self.api.write("CreateOfferEvent", "offerEvent", offerId=row["id"], offerEvent=event)
        self._event_made(reference)
        events = [*(row.get("offerEvents") or ()), {"id": made["id"], "ref": made.get("ref")}]
        written = {**row, "offerEvents": events}
        self.rows.put(written, instead_of=row)
        return written

    def remote(self, row: Row) -> Remote:
        reference = self.refs.given(row.get("ref"))
        event = event_of(row, reference)
        lacks_event = reference is not None and event is None
        return super().remote(row).changed({}, incomplete=lacks_event, parts={"row": row, "event": event})

    def active(self, row: Row) -> bool | None:
        if row.get("archivedAt"):
            return False
        return True if row.get("isActive") is not False else None


class Titles:
    """The offers by title: there is no search, but a list of the active ones in one piece. Safe for threads."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._rows: dict[Key, list[Row]] | None = None

    def equal_to(self, title: Key) -> list[Row]:
        with self._lock:
            if self._rows is None:
                self._rows = {}
                for row in self._api.rows("Offers"):
                    self._rows.setdefault(text_key("title", row.get("title") or ""), []).append(row)
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
