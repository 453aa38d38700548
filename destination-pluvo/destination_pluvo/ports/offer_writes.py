"""Writes of offers that the API does in steps, or perhaps does (older offer page)."""

from __future__ import annotations

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.refusals import Refused


def create_offer(api: PluvoApi, offer: Row) -> Row:
    """Makes an offer. Whether the creation takes a ref is not documented, so that it may have to be written later."""
    wanted = offer.get("ref")
    try:
        row = api.write("CreateOffer", "offer", offer=offer)
    except Refused as refused:
        if "ref" not in refused.error.message or wanted is None:
            raise
        row = api.write("CreateOffer", "offer", offer={name: value for name, value in offer.items() if name != "ref"})
    if wanted is None or row.get("ref") == wanted:
        return row
    return api.write("UpdateOffer", "offer", id=row["id"], offer={"ref": wanted})


def set_archived(api: PluvoApi, row: Row, *, archived: bool) -> Row:
    """Archives an offer or restores it; the row afterwards."""
    api.change_members("ArchiveOffers", str(row["id"]), "response", archive=archived, ids=[row["id"]])
    return {**row, "archivedAt": "(just now)" if archived else None}
