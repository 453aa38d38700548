"""Offers of the catalogue (older offer page)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lms_shared.dev.sandbox.pluvo.inputs import attributes
from lms_shared.dev.sandbox.pluvo.options import OfferRef
from lms_shared.dev.sandbox.pluvo.organization import Organization
from lms_shared.dev.sandbox.pluvo.records import Offer
from lms_shared.dev.sandbox.pluvo.rules.signatures import Arguments, FieldRule, RootRule
from lms_shared.dev.sandbox.pluvo.selecting import bulk_action, look_up, require_one


def _offer(organization: Organization, arguments: Arguments) -> Offer | None:
    selectors = {name: arguments.get(name) for name in ("id", "ref")}
    offer = look_up(organization, organization.offers, selectors)
    hidden = offer is not None and offer.archived_at is not None and not organization.options.archived_offers_found
    return None if hidden else offer


def _offers(organization: Organization, _: Arguments) -> list[Offer]:
    options = organization.options
    return [
        offer
        for offer in organization.offers
        if (options.offers_list_archived or offer.archived_at is None)
        and (options.offers_list_inactive or offer.is_active)
    ]


def _create_offer(organization: Organization, arguments: Arguments) -> Any:
    values = attributes(arguments["offer"], organization.options, creating=True)
    ignored = organization.options.offer_ref in (OfferRef.IGNORED, OfferRef.NEVER_KEPT)
    ref = None if ignored else values.get("ref")
    now = organization.now()
    values |= {**organization.new_identity(ref), "created_at": now, "updated_at": now}
    return {"offer": organization.save(organization.offers, Offer(**values))}


def _update_offer(organization: Organization, arguments: Arguments) -> Any:
    offer = require_one(organization.offers, {"id": arguments["id"]})
    values = attributes(arguments["offer"], organization.options)
    if organization.options.offer_ref is OfferRef.NEVER_KEPT:
        values.pop("ref", None)
    return {"offer": organization.save(organization.offers, replace(offer, updated_at=organization.now(), **values))}


def _archive_offers(organization: Organization, arguments: Arguments) -> Any:
    known = [row_id for row_id in arguments["ids"] if row_id in organization.offers]
    for row_id in known:
        offer = organization.offers[row_id]
        archived_at = (offer.archived_at or organization.now()) if arguments["archive"] else None
        organization.save(organization.offers, replace(offer, archived_at=archived_at))
    return {"response": bulk_action(known, [row_id for row_id in arguments["ids"] if row_id not in known])}


ROOT_RULES: dict[str, RootRule] = {
    "offer": _offer,
    "offers": _offers,
    "createOffer": _create_offer,
    "updateOffer": _update_offer,
    "archiveOffers": _archive_offers,
}
FIELD_RULES: dict[str, FieldRule] = {
    "Offer.offerEvents": lambda org, offer, _: org.events.where("offer", offer.id),
}
