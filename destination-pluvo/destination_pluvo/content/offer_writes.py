"""Writes of offers that the API does in steps, or perhaps does (older offer page)."""

from __future__ import annotations

from destination_pluvo.api import PluvoApi, Row
from destination_pluvo.schema_gaps import write_with_ref


def make_offer(api: PluvoApi, offer: Row) -> Row:
    """Makes an offer. Whether the creation takes a ref is not documented: it may be without the one that is wanted."""
    made = write_with_ref(lambda fields: api.write("CreateOffer", "offer", offer=fields), offer)
    assert made is not None  # an offer has a title
    return made


def set_archived(api: PluvoApi, row: Row, *, archived: bool) -> Row:
    """Archives an offer or restores it; the row afterwards."""
    api.change_members("ArchiveOffers", str(row["id"]), "response", archive=archived, ids=[row["id"]])
    return {**row, "archivedAt": "(just now)" if archived else None}
