"""Offers and their events with the API's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_pluvo.api import PluvoApi, Row, ids
from destination_pluvo.native.objects import NOT_SHOWN
from destination_pluvo.native.sink import NativeSink, given
from destination_pluvo.references import looks_made_up
from destination_pluvo.refusals import Refused
from destination_pluvo.sinks.offer_writes import make_offer, set_archived
from destination_pluvo.sinks.schema_gaps import write_with_ref
from lms_shared.adapter.adapter import References, Values
from lms_shared.adapter.keys import Key, text_key
from lms_shared.adapter.remote import RecordRejected, RemoteObject
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.model.fields import equal
from lms_shared.model.instant import format_instant, parse_instant

_OFFER = ("title", "description", "isActive", "ref")
_LINKS = ("trainers", "accessTrainings", "accessCourses", "accessExternalContents", "accessScorms", "accessVideos")


class NativeOffersSink(NativeSink):
    """Offers by ref or id; changed by id alone.

    That an offer takes a ref is inferred, in its creation and in a change.
    """

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, rows: RemoteIndex[Row]) -> None:
        super().__init__(declaration, api, rows)
        self._tried: set[str] = set()

    def fields(self, row: Row) -> Mapping[str, Any]:
        archived = bool(row.get("archivedAt"))
        return {**row, "archived": archived, "active": not archived}

    def create(self, values: Values, references: References) -> RemoteObject:
        offer, wanted = given(values, *_OFFER), values.get("ref")
        row = self._left_unmarked(values) or make_offer(self.api, offer)
        if wanted is not None and row.get("ref") != wanted:
            row = write_with_ref(lambda ref: self._changed(row, ref), {"ref": wanted}) or row
        remote = self.noted(row)
        if wanted is not None and row.get("ref") != wanted:
            raise RecordRejected(
                "REMOTE.NOT_KEPT",
                "Pluvo keeps no ref of offers, so that the offer would not be found again",
                "Send the id of the offer instead of the ref, or write it as content, which is found by its event.",
                (remote,),
            )
        return self.update(remote, {"archived": True}, references) if values.get("archived") else remote

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        old: Row = remote.parts["row"]
        row, changed = old, given(changes, *_OFFER)
        if changed:
            row = self._changed(row, changed)
        archived = not changes["active"] if "active" in changes else changes.get("archived")
        if archived is not None:
            row = set_archived(self.api, row, archived=archived)
        return self.noted(row, old)

    def _changed(self, row: Row, changes: Row) -> Row:
        return self.api.write("UpdateOffer", "offer", id=row["id"], offer=changes)

    def _left_unmarked(self, values: Values) -> Row | None:
        """What an earlier try has made of a record without getting its ref there."""
        ref, key = values.get("ref"), text_key("title", values["title"])
        if ref is None or looks_made_up(ref):
            return None
        rows = self._lookup.refresh(key) if ref in self._tried else self._lookup.find(key)
        self._tried.add(ref)
        given_fields = [one for one in self.declaration.fields if one.name in values and one.name in _OFFER[:-1]]
        left = [
            row
            for row in rows
            if looks_made_up(str(row.get("ref") or ""))
            and not row.get("offerEvents")
            and all(equal(one.kind, values[one.name], row.get(one.name)) for one in given_fields)
        ]
        return left[0] if left else None


class OfferEventsSink(NativeSink):
    """Offer events by ref or id."""

    def __init__(self, declaration: ObjectDeclaration, api: PluvoApi, *, notify: bool) -> None:
        super().__init__(declaration, api)
        self._notify = notify

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "dates" in values:
            values["dates"] = _sessions(values["dates"])
        if "price" in values:
            price = _price(values["price"])
            if price is None:
                raise RecordRejected("INPUT.VALUE", "price is no decimal number", "Send price as a number like 9.50.")
            values["price"] = price
        return values

    def made_elsewhere(self, ref: str) -> None:
        """An event with this ref was made as part of another object."""
        self._lookup.forget(Key("ref", ref))

    def fetch(self, key: Key) -> list[Row]:
        row = self._by_ref(key.value) if key.field == "ref" else self.api.look_up("OfferEvent", id=key.value)
        return [row] if row else []

    def _by_ref(self, ref: str) -> Row | None:
        try:
            return self.api.look_up("OfferEventByRef", ref=ref)
        except Refused:
            # That an event can be asked for by its ref is inferred; the list of offers shows the events' refs.
            listed = (event for offer in self.api.rows("Offers") for event in offer.get("offerEvents") or ())
            found = [event for event in listed if event.get("ref") == ref]
            return self.api.look_up("OfferEvent", id=found[0]["id"]) if found else None

    def fields(self, row: Row) -> Mapping[str, Any]:
        linked = {name: ids(row.get(name)) for name in _LINKS}
        held = {**row, **linked, "dates": _sessions(row.get("dates") or []), "active": not row.get("cancelled")}
        return {**held, "price": _price(row.get("price")), "offerId": NOT_SHOWN, "offerRef": NOT_SHOWN}

    def create(self, values: Values, references: References) -> RemoteObject:
        made = self.api.write(
            "CreateOfferEvent",
            "offerEvent",
            offerId=values.get("offerId"),
            offerRef=None if "offerId" in values else values.get("offerRef"),
            offerEvent=self._input(values, []),
        )
        return self.noted(self.api.look_up("OfferEvent", id=made["id"]) or made)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        row: Row = remote.parts["row"]
        changed = self._input(changes, row.get("dates") or [])
        if "active" in changes:
            changed["cancelled"] = not changes["active"]
        written = self.api.write(
            "UpdateOfferEvent", "offerEvent", id=remote.id, offerEvent=changed, sendNotification=self._notify
        )
        self.noted(written, row)
        if "dates" in changes and _sessions(written.get("dates") or []) != changes["dates"]:
            raise RecordRejected(
                "REMOTE.NOT_KEPT",
                "Pluvo keeps sessions that the record does not have",
                "Remove them in Pluvo, or add them to the record.",
                (remote,),
            )
        return self.remote(written)

    def delete(self, remote: RemoteObject) -> None:
        self.api.remove("DeleteOfferEvent", id=remote.id)
        self.forget(remote.parts["row"])

    def _input(self, values: Values, held: list[Row]) -> Row:
        names = (one.name for one in self.declaration.fields if one.name not in ("id", "offerId", "offerRef"))
        changed = given(values, *names)
        if "dates" in changed:
            # Whether a list of dates replaces or adds is not documented; with its id, a date is the one that is there.
            known = {_session(one): str(one["id"]) for one in held}
            changed["dates"] = [
                {**one, **({"id": known[_session(one)]} if _session(one) in known else {})} for one in changed["dates"]
            ]
        return changed


def _sessions(rows: list[Any]) -> list[Row]:
    """Sessions in the order of their times, times in one form."""
    pairs = sorted(_session(row) for row in rows if isinstance(row, dict))
    return [{"startDate": start, "endDate": end} for start, end in pairs]


def _session(row: Row) -> tuple[str, str]:
    start, end = (parse_instant(row.get(name)) for name in ("startDate", "endDate"))
    if start is None or end is None:
        raise RecordRejected(
            "INPUT.FORMAT",
            "a session in dates lacks startDate or endDate, or they are no ISO 8601 times",
            "Send startDate and endDate of each session as ISO 8601 date-times.",
        )
    return format_instant(start), format_instant(end)


def _price(value: Any) -> str | None:
    """A decimal number as a text without needless zeros; None where it is none."""
    try:
        return format(Decimal(str(value)).normalize(), "f")
    except InvalidOperation:
        return None
