"""The portfolio items of learners, read once for each (older portfolio page)."""

from __future__ import annotations

from typing import Any

from destination_pluvo.api import PluvoApi, Row
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex

REMEMBERED_LEARNERS = 5_000


class Portfolio:
    """Portfolio items by learner. Safe for threads as long as no two write to one learner at the same time."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "portfolio items",
            id_of=lambda row: str(row["id"]),
            keys_of=lambda row: (Key("user", str(row["userId"])),),
            askable=frozenset({"user"}),
            fetch=self._fetch,
            remember=REMEMBERED_LEARNERS,
        )

    def of(self, user: str, *, fresh: bool = False) -> list[Row]:
        """The items of a learner."""
        key = Key("user", user)
        return self._lookup.refresh(key) if fresh else self._lookup.find(key)

    def create(self, user: str, item: Row) -> Row:
        """Makes an item. Raises UnknownOutcome where it may or may not have been made."""
        written = self._api.write("CreatePortfolioItem", "portfolioItem", input={"userId": user, **item})
        return self._noted(user, written)

    def update(self, row: Row, changes: Row) -> Row:
        """Changes fields of an item and no others."""
        written = self._api.write("UpdatePortfolioItem", "portfolioItem", id=row["id"], input=changes)
        return self._noted(str(row["userId"]), written)

    def delete(self, row: Row) -> None:
        """Deletes an item for good; one that is gone already is fine."""
        self._api.remove("DeletePortfolioItem", id=row["id"])
        self._lookup.drop(row)

    def _noted(self, user: str, written: Row) -> Row:
        row: dict[str, Any] = {**written, "userId": user}
        self._lookup.put(row)
        return row

    def _fetch(self, key: Key) -> list[Row]:
        return [{**row, "userId": key.value} for row in self._api.rows("PortfolioItemsOfUser", userId=key.value)]
