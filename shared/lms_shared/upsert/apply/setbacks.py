"""Records whose calls fail each time: kept open until it shows whether it is about them or about the whole LMS.

A call that always fails for one record would stop the connection for ever, and a key that is revoked in the middle of a
sync must not turn the rest of it into rejects. So such a record waits. Once the same operation goes well for another
record after it, it is tried once more by itself; if it fails then too, it is a reject. Where nothing of that operation
goes well any more, the sync ends and holds the states of what waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.item import Item, Outcome, Ready, Reject, Stuck, identity
from lms_shared.upsert.plan.plan import Action

MOST_IN_A_ROW = 20
"""Records that fail with one operation, none of which goes well in between, until the sync ends."""
REMEDY = "Run the sync again. If it fails again, ask the vendor what is wrong with this object."


@dataclass(frozen=True)
class Held:
    """A record that waits, and earlier ones of the same object that count only where this one is rejected."""

    item: Item
    failure: CallFailed
    rest: tuple[Ready, ...]


class Setbacks:
    """What waits of one sync."""

    def __init__(self, went_well_since: Callable[[CallFailed], bool]) -> None:
        """`went_well_since` says whether the operation of a failed call has gone well after it."""
        self._went_well_since = went_well_since
        self._held: list[Held] = []

    def hold(self, stuck: Stuck, rest: Iterable[Ready]) -> None:
        """A record's call failed."""
        self._held.append(Held(stuck.item, stuck.failure, tuple(rest)))

    def due(self) -> list[Held]:
        """Takes out what is to be tried once more."""
        due = [one for one in self._held if self._went_well_since(one.failure)]
        self._held = [one for one in self._held if one not in due]
        return due

    def beaten_by(self, declaration: ObjectDeclaration, item: Item) -> list[Held]:
        """Takes out what a later record of the same object, which was written, takes the place of."""
        if not self._held:
            return []
        beaten = [
            one
            for one in self._held
            if one.item.object_name == item.object_name
            and one.item.record < item.record
            and identity(declaration, one.item) == identity(declaration, item)
        ]
        self._held = [one for one in self._held if one not in beaten]
        return beaten

    @property
    def objects(self) -> set[str]:
        """Objects of which records wait."""
        return {one.item.object_name for one in self._held}

    @property
    def hopeless(self) -> CallFailed | None:
        """The failure that ends the sync now, because so many records met it and none got through."""
        by_operation = Counter(one.failure.operation for one in self._held)
        return next(
            (one.failure for one in self._held if by_operation[one.failure.operation] >= MOST_IN_A_ROW),
            None,
        )

    @property
    def left(self) -> CallFailed | None:
        """The failure that ends the sync at its end, because something still waits."""
        return self._held[0].failure if self._held else None


def rejected(item: Item, failure: CallFailed) -> Outcome:
    """What becomes of a record that fails while others go through."""
    reason = str(failure.message)
    return Outcome(item, Action.REJECT, reason, reject=Reject(f"REMOTE.{failure.code or 'ERROR'}", reason, REMEDY))
