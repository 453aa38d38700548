"""What a native object of Pluvo does that its table cannot say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from destination_pluvo.answers import Refused, is_unknown, write_with_ref
from destination_pluvo.api import PluvoApi, ids
from destination_pluvo.content.offers import make_offer
from destination_pluvo.extra_categories.extra_fields import ExtraCategories
from destination_pluvo.generated_refs import looks_made_up
from destination_pluvo.learning.certifying import same_day
from destination_pluvo.learning.portfolio import has_mark
from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import RecordRejected, text_key
from lms_shared.adapter.remote_index import RemoteIndex
from lms_shared.model.normal_forms import equal
from lms_shared.model.scalars import format_instant, parse_instant
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Resource, Row

_DATES = ("startDate", "endDate")
_LINKS = ("trainers", "accessTrainings", "accessCourses", "accessExternalContents", "accessScorms", "accessVideos")

RowWriter = Callable[[dict[str, Any]], Row]


@dataclass(frozen=True)
class Beside:
    """What hooks need beside a record and its row."""

    api: PluvoApi
    resource: Resource
    categories: ExtraCategories
    offers: RemoteIndex[Row]


class Hooks(ResourceHooks):
    def __init__(self, beside: Beside) -> None:
        self.api = beside.api
        self.resource = beside.resource
        self.beside = beside


class TrainingHooks(Hooks):
    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        """Dates are days: the object shows a date, the inputs take a time (learning journeys page)."""
        for name in _DATES:
            moment = parse_instant(values.get(name))
            if moment is not None:
                values[name] = f"{moment.date().isoformat()}T00:00:00Z"
        return values


class OfferHooks(Hooks):
    """That an offer takes a ref is inferred, in its creation and in a change."""

    def __init__(self, beside: Beside) -> None:
        super().__init__(beside)
        self._tried: set[str] = set()

    def make(self, values: Values, body: dict[str, Any], call: RowWriter) -> Row:
        row, wanted = self._left_unmarked(values) or make_offer(self.api, body), values.get("ref")
        if wanted is None or row.get("ref") == wanted:
            return row

        def mark(ref: Row) -> Row:
            return self.api.write("UpdateOffer", "offer", id=row["id"], offer=ref)

        row = write_with_ref(mark, {"ref": wanted}) or row
        if row.get("ref") != wanted:
            self.beside.offers.put(row)
            raise RecordRejected(
                "REMOTE.NOT_KEPT",
                "Pluvo keeps no ref of offers, so that the offer would not be found again",
                "Send the id of the offer instead of the ref, or write it as content, which is found by its event.",
            )
        return row

    def _left_unmarked(self, values: Values) -> Row | None:
        """What an earlier try has made of a record without getting its ref there."""
        ref, key = values.get("ref"), text_key("title", values["title"])
        if ref is None or looks_made_up(ref):
            return None
        rows = self.beside.offers.refresh(key) if ref in self._tried else self.beside.offers.find(key)
        self._tried.add(ref)
        sent = [one for one in self.resource.attributes if one.name in values and one.name != "ref" and not one.late]
        left = [
            row
            for row in rows
            if looks_made_up(str(row.get("ref") or ""))
            and not row.get("offerEvents")
            and all(equal(one.kind, values[one.name], row.get(one.row_place)) for one in sent)
        ]
        return left[0] if left else None


class OfferEventHooks(Hooks):
    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "dates" in values:
            values["dates"] = _sessions(values["dates"])
        if "price" in values:
            price = _price(values["price"])
            if price is None:
                raise RecordRejected(
                    "INPUT.VALUE", "price must be a decimal number", "Send price as a number like 9.50."
                )
            values["price"] = price
        return values

    def found(self, name: str, value: str, ask: Callable[[], Row | None]) -> Row | None:
        try:
            return ask()
        except Refused:
            if name != "ref":
                raise
        # That an event can be asked for by its ref is inferred; the list of offers shows the events' refs.
        listed = (event for offer in self.api.rows("Offers") for event in offer.get("offerEvents") or ())
        found = [event for event in listed if event.get("ref") == value]
        return self.api.look_up("OfferEvent", id=found[0]["id"]) if found else None

    def seen(self, row: Row) -> Row:
        linked = {name: ids(row[name]) for name in _LINKS if _are_rows(row.get(name))}
        dates = {"dates": _sessions(row["dates"]), "sessions": row["dates"]} if row.get("dates") else {}
        return {**row, **linked, **dates, "price": _price(row.get("price"))}

    def make(self, values: Values, body: dict[str, Any], call: RowWriter) -> Row:
        """The answer has the new event's id and ref alone."""
        made = call(body)
        return self.api.look_up("OfferEvent", id=made["id"]) or made

    def modify(self, row: Row, body: dict[str, Any], call: RowWriter) -> Row:
        """Whether a list of dates replaces or adds is not documented; with its id, a date is the one that is there."""
        if "dates" not in body:
            return call(body)
        known = {_session(one): str(one["id"]) for one in row.get("sessions") or ()}
        dates = [{**one, **({"id": known[_session(one)]} if _session(one) in known else {})} for one in body["dates"]]
        return call({**body, "dates": dates})

    def not_kept(self, row: Row, names: list[str], written: Values, before: Values) -> list[str]:
        """A list that was added to holds more sessions than were written."""
        same = "dates" not in written or _sessions(row.get("dates") or []) == written["dates"]
        return [name for name in names if name != "dates"] + ([] if same else ["dates"])


class ExtraCategoryHooks(Hooks):
    """Custom fields. That they take and show a ref is inferred."""

    def __init__(self, beside: Beside) -> None:
        super().__init__(beside)
        self._categories = beside.categories
        self._lock = threading.Lock()
        self._listed: list[Row] | None = None

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        if "choiceOptions" in values:
            values["choiceOptions"] = _options(values["choiceOptions"])
        return values

    def found(self, name: str, value: str, ask: Callable[[], Row | None]) -> Row | None:
        return self._categories.row(value)

    def rows(self, ask: Callable[[], list[Row]]) -> list[Row]:
        with self._lock:
            if self._listed is None:
                self._listed = self._categories.rows()
            return self._listed

    def seen(self, row: Row) -> Row:
        return {**row, "choiceOptions": _options(row.get("choiceOptions") or [])}

    def meant(self, values: Values, row: Row) -> Values:
        """A ref that is not shown is not compared."""
        return values if "ref" in row else {name: value for name, value in values.items() if name != "ref"}

    def before_write(self, values: Values) -> None:
        with self._lock:
            self._listed = None
        self._categories.forget()

    def make(self, values: Values, body: dict[str, Any], call: RowWriter) -> Row:
        return self._with_ref(body, call)

    def modify(self, row: Row, body: dict[str, Any], call: RowWriter) -> Row:
        return self._with_ref(body, call)

    def _with_ref(self, body: dict[str, Any], call: RowWriter) -> Row:
        """What a mutation makes of fields, without their ref where Pluvo takes none."""
        try:
            row = call(body)
        except Refused as refused:
            if "ref" not in body or not is_unknown(refused, "ref"):
                raise
            rest = {name: value for name, value in body.items() if name != "ref"}
            return call(rest) if rest else {}
        # The answer is without the ref, which Pluvo may not show.
        return {**row, **({"ref": body["ref"]} if "ref" in body else {})}


class PortfolioItemHooks(Hooks):
    def seen(self, row: Row) -> Row:
        owner = row.get("user")
        return {**row, "userId": owner["id"]} if isinstance(owner, Mapping) else row

    def meant(self, values: Values, row: Row) -> Values:
        """Whether items keep the time of the day is not documented: midnight is taken for the record's moment."""
        return _without_time(values, "startDate", row)


class CertificateTemplateHooks(Hooks):
    """Their list comes in pages."""

    def rows(self, ask: Callable[[], list[Row]]) -> list[Row]:
        return list(self.api.nodes("Certificates"))


class CertificateHooks(Hooks):
    """Certificates are issued, and then stay as they are."""

    def rows(self, ask: Callable[[], list[Row]]) -> list[Row]:
        return [row for row in ask() if not has_mark(row.get("description"))]

    def meant(self, values: Values, row: Row) -> Values:
        return _without_time(values, "issueDate", row)

    def make(self, values: Values, body: dict[str, Any], call: RowWriter) -> Row:
        user = values["userId"]
        variables = {name: value for name, value in body.items() if name != "userId"}
        self.api.change_members("GenerateCertificate", user, "bulkGenerate", userIds=[user], **variables)
        return {"id": f"{user}/{values['title']}", "startDate": values["issueDate"]}


HOOKS: Mapping[str, Callable[[Beside], ResourceHooks]] = {
    "": Hooks,
    "trainings": TrainingHooks,
    "offers": OfferHooks,
    "offer_events": OfferEventHooks,
    "extra_categories": ExtraCategoryHooks,
    "portfolio_items": PortfolioItemHooks,
    "certificates": CertificateHooks,
    "certificate_templates": CertificateTemplateHooks,
}


def _without_time(values: Values, name: str, row: Row) -> Values:
    held = parse_instant(row.get("startDate"))
    at_midnight = held is not None and (held.hour, held.minute, held.second) == (0, 0, 0)
    if not at_midnight or not same_day(row.get("startDate"), values.get(name)):
        return values
    return {field: value for field, value in values.items() if field != name}


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _options(rows: list[Any]) -> list[Row]:
    """Options by their texts, without what the server adds."""
    kept = [{name: row[name] for name in ("stringValue", "color") if row.get(name)} for row in rows if row]
    return sorted(kept, key=lambda row: str(row.get("stringValue")))


def _sessions(rows: list[Any]) -> list[Row]:
    """Sessions in the order of their times, times in one form."""
    pairs = sorted(_session(row) for row in rows if isinstance(row, dict))
    return [{"startDate": start, "endDate": end} for start, end in pairs]


def _session(row: Row) -> tuple[str, str]:
    start, end = (parse_instant(row.get(name)) for name in _DATES)
    if start is None or end is None:
        raise RecordRejected(
            "INPUT.FORMAT",
            "a session in dates lacks startDate or endDate, or they are not ISO 8601 times",
            "Send startDate and endDate of each session as ISO 8601 date-times.",
        )
    return format_instant(start), format_instant(end)


def _price(value: Any) -> str | None:
    """A decimal number as a text without needless zeros; None where it is not one."""
    try:
        return format(Decimal(str(value)).normalize(), "f")
    except InvalidOperation:
        return None
