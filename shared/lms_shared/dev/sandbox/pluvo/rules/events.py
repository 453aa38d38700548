"""Offer events and their dates (offer event page)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError, not_found
from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.options import DatesOnUpdate
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import EventDate, OfferEvent
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule, always
from lms_shared.dev.sandbox.pluvo.selecting import look_up, require_all, require_one

# Contents that only the admin interface can make, so that there are none in the pretend organization.
_FOREIGN_CONTENT = ("access_courses", "access_external_contents", "access_scorms", "access_videos")
_LISTS = frozenset({"trainers", "access_trainings", "dates"})
_FLAGS = frozenset({"waiting_list", "cancelled", "publish"})
# A title is optional here.
_NULLABLE = frozenset({"title"})


def _offer_event(organization: Organization, arguments: Arguments) -> OfferEvent | None:
    return look_up(organization, organization.events, {name: arguments.get(name) for name in ("id", "ref")})


def _create_event(organization: Organization, arguments: Arguments) -> Any:
    selectors = {"id": arguments.get("offerId"), "ref": arguments.get("offerRef")}
    offer = require_one(organization.offers, selectors)
    values = _values(organization, arguments, creating=True)
    dates = _dates(organization, values.pop("dates", ()), ())
    values |= organization.new_identity(values.get("ref"))
    return {"offerEvent": _save(organization, OfferEvent(offer_id=offer.id, dates=dates, **values))}


def _update_event(organization: Organization, arguments: Arguments) -> Any:
    event = require_one(organization.events, {name: arguments.get(name) for name in ("id", "ref")})
    values = _values(organization, arguments, creating=False)
    if "dates" in values:
        dates = _dates(organization, values["dates"], event.dates)
        kept: tuple[EventDate, ...] = ()
        if organization.options.dates_on_update is DatesOnUpdate.ADD:
            given = {one.id for one in dates}
            kept = tuple(one for one in event.dates if one.id not in given)
        values["dates"] = (*kept, *dates)
    changed = _save(organization, replace(event, **values))
    if arguments.get("sendNotification"):
        for row in organization.enrollments.where("event", event.id):
            if row.status in {"ENROLLED", "WAITLISTED"}:
                organization.send("event changed", organization.users[row.user_id], changed.title or changed.ref)
    return {"offerEvent": changed}


def _delete_event(organization: Organization, arguments: Arguments) -> Any:
    event = require_one(organization.events, {"id": arguments["id"]})
    for row in organization.enrollments.where("event", event.id):
        organization.enrollments.delete(row)
    organization.event_trainings.replace(event.id, ())
    organization.events.delete(event)
    organization.touch()
    return {"ok": True}


def _save(organization: Organization, event: OfferEvent) -> OfferEvent:
    organization.save(organization.events, event)
    organization.event_trainings.replace(event.id, event.access_trainings)
    return event


def _values(organization: Organization, arguments: Arguments, *, creating: bool) -> dict[str, Any]:
    values = attributes(arguments["offerEvent"], organization.options, creating=creating, nullable=_NULLABLE)
    for name in _FOREIGN_CONTENT:
        if values.pop(name, None):
            raise not_found("Content of an offer event")
    values = {name: () if value is None and name in _LISTS else value for name, value in values.items()}
    values = {name: value for name, value in values.items() if value is not None or name not in _FLAGS}
    require_all(organization.users, values.get("trainers", ()))
    require_all(organization.trainings, values.get("access_trainings", ()))
    if (certificate_id := values.get("certificate_id")) is not None:
        require_all(organization.certificates, (certificate_id,))
    return values


def _dates(
    organization: Organization, given: Sequence[Mapping[str, Any]], existing: Sequence[EventDate]
) -> tuple[EventDate, ...]:
    known = {one.id for one in existing}
    dates = []
    for one in given:
        date_id = one.get("id")
        if date_id is not None and date_id not in known:
            raise not_found("A date")
        if one["endDate"] < one["startDate"]:
            raise ApiError("endDate lies before startDate")
        dates.append(EventDate(date_id or organization.new_id(), one["startDate"], one["endDate"]))
    return tuple(dates)


def enrolled_count(organization: Organization, event: OfferEvent) -> int:
    """Enrollments that take a place."""
    return organization.enrollments.count("event and status", (event.id, "ENROLLED"))


def spots_available(organization: Organization, event: OfferEvent) -> int | None:
    """Places left, None if there is no limit."""
    if not event.max_subscriptions:
        return None
    return max(0, event.max_subscriptions - enrolled_count(organization, event))


ROOT_RULES: dict[str, RootRule] = {
    "offerEvent": _offer_event,
    "createOfferEvent": _create_event,
    "updateOfferEvent": _update_event,
    "deleteOfferEvent": _delete_event,
}
FIELD_RULES: dict[str, FieldRule] = {
    "OfferEvent.enrolledCount": lambda org, event, _: enrolled_count(org, event),
    "OfferEvent.spotsAvailable": lambda org, event, _: spots_available(org, event),
    "OfferEvent.trainers": lambda org, event, _: [org.users[key] for key in event.trainers],
    "OfferEvent.accessTrainings": lambda org, event, _: [org.trainings[key] for key in event.access_trainings],
    "OfferEvent.accessCourses": always([]),
    "OfferEvent.accessExternalContents": always([]),
    "OfferEvent.accessScorms": always([]),
    "OfferEvent.accessVideos": always([]),
}
