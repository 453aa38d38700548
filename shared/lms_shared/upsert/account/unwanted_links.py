"""Records that do not want a link which other records of the sync may still make.

Nobody but this process knows of such a record. Were it acknowledged before those others are written, a sync that goes
on after a crash would make the link for them, and nothing would take it away.
"""

from __future__ import annotations

from collections.abc import Collection

from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.account.record_outcomes import RecordOutcomes
from lms_shared.upsert.item import Item, wants_link


class UnwantedLinks:
    """Holds back the states of such records until nothing makes their links any more."""

    def __init__(self, record_outcomes: RecordOutcomes, routed: Collection[str]) -> None:
        """`routed` are the objects that records of this sync may become."""
        self._record_outcomes = record_outcomes
        self._routed = frozenset(routed)
        self._held: dict[frozenset[str], list[int]] = {}
        """Numbers of records, by the objects that make their links."""

    def hold(self, declaration: ObjectDeclaration, item: Item) -> None:
        """Keeps the record of an item open if it is such a record, whatever becomes of the item."""
        makers = self._routed & set(declaration.made_by)
        if makers and not wants_link(item):
            self._record_outcomes.keep_open(item.record)
            self._held.setdefault(makers, []).append(item.record)

    def release(self, to_come: Collection[str]) -> None:
        """Closes the records whose links none of the objects makes that are still to come."""
        for makers in [one for one in self._held if one.isdisjoint(to_come)]:
            for number in self._held.pop(makers):
                self._record_outcomes.drop(number)
