"""Settles source records: all items of a record must be through, and its reject written down, before a state goes.

A record that does not want a link which other records of the sync may still make stays open as long as they may: nobody
but this process knows of it. Were it acknowledged before those others are written, a sync that goes on after a crash
would make the link for them, and nothing would take it away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from lms_shared.adapter.adapter import ObjectSink
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.account.checkpoints import CheckpointTracker, Ticket
from lms_shared.upsert.account.counters import Counters
from lms_shared.upsert.account.kept_rejects import KeptRejects
from lms_shared.upsert.account.outcome_lines import OutcomeLines
from lms_shared.upsert.account.store import ReportStore, SyncObserver
from lms_shared.upsert.item import Item, Outcome, Place, Reject, Version, naming_fields, naming_fields_of, wants_link
from lms_shared.upsert.match.deferred import Spill
from lms_shared.upsert.plan.plan import Action
from lms_shared.wire.messages import StreamId


@dataclass(slots=True)
class RecordAccount:
    """A source record that is not settled: how many of its items are open, and its first reject."""

    open_items: int
    ticket: Ticket | None
    """None for one that holds back no state."""
    message: Mapping[str, Any] | Place
    """The whole message as it came, or its place on disk."""
    version: Version
    retried: str | None = None
    """Id of the kept reject that is tried again by it."""
    reject: tuple[str, Reject, Mapping[str, Any]] | None = field(default=None)
    """The object that it was rejected for, why, and the fields by which people know the record."""


class RecordOutcomes:
    """The books of one sync: open records, counters, rejects and plan lines."""

    def __init__(
        self,
        checkpoints: CheckpointTracker,
        report: Counters,
        observer: SyncObserver,
        store: ReportStore,
        spill: Spill,
        sinks: Mapping[str, ObjectSink],
        kept: KeptRejects,
    ) -> None:
        self._checkpoints = checkpoints
        self._report = report
        self._store = store
        self._spill = spill
        self._sinks = sinks
        self._kept = kept
        self.watches = kept.watches
        """Whether it matters what records are about."""
        self._lines = OutcomeLines(store, observer, sinks) if store.keeps else None
        self._accounts: dict[int, RecordAccount] = {}
        self._next = 0
        self._nothing_known = _Versions()

    def open(
        self,
        stream: StreamId,
        message: Mapping[str, Any],
        items: int,
        keys: tuple[str, ...] = (),
        retried: str | None = None,
    ) -> int:
        """Opens the account of a record that becomes `items` items, and gives its number.

        `keys` say what it is about, see `record_keys`. `retried` is the id of the kept reject that is tried again by
        it: that holds back no state and is counted apart.
        """
        number = self._next
        self._next += 1
        ticket = None if retried is not None else self._checkpoints.take(stream)
        version = Version(stream, keys, _emitted_at(message), number) if keys else self._nothing_known[stream]
        self._accounts[number] = RecordAccount(items, ticket, message, version, retried)
        if self.watches:
            self._kept.came(version, retried)
        if retried is not None:
            self._report.retried(stream)
        else:
            self._report.took(stream)
        if items == 0:
            self._close(number)
        return number

    @property
    def unsettled(self) -> int:
        """Records that came in and are neither written nor unchanged nor rejected yet. May be asked in any thread."""
        return len(self._accounts)

    def reject(
        self, number: int, stream: StreamId, object_name: str, reject: Reject, values: Mapping[str, Any] | None = None
    ) -> None:
        """An item is rejected before it got to the LMS; `values` is what is known of it."""
        if not self._is_retried(number):
            self._report.count(stream, object_name, Action.REJECT)
        key = naming_fields(self._sinks[object_name].declaration, values or {})
        if self._lines is not None:
            self._lines.item_rejected(stream, object_name, reject, key)
        self._item_done(number, object_name, reject, key)

    def outdated(self, number: int) -> bool:
        """Whether a record is a reject of a sync before, and something newer came for it meanwhile."""
        account = self._accounts[number]
        return account.retried is not None and not self._kept.stands(account.retried)

    def keep_open(self, number: int) -> None:
        """Keeps a record open beyond its items, until one more is dropped."""
        self.put_aside(number)
        self._accounts[number].open_items += 1

    def drop(self, number: int) -> None:
        """An item is not needed any more."""
        account = self._accounts[number]
        account.open_items -= 1
        if account.open_items <= 0:
            self._close(number)

    def _is_retried(self, number: int) -> bool:
        return number in self._accounts and self._accounts[number].retried is not None

    def put_aside(self, number: int) -> None:
        """A record is going to be open for long: its message is kept on disk, where a reject finds it."""
        account = self._accounts[number]
        if not isinstance(account.message, Place):
            account.message = self._spill.put(account.message)

    def settle(self, outcome: Outcome) -> None:
        """An item is through."""
        key = self.note(outcome)
        self._item_done(outcome.item.record, outcome.item.object_name, outcome.reject, key)

    def note(self, outcome: Outcome) -> dict[str, Any]:
        """Counts what was done, for an item of a record or without one; gives the fields that name it."""
        item = outcome.item
        if not self._is_retried(item.record):
            self._report.count(item.stream, item.object_name, outcome.action)
        key = naming_fields_of(self._sinks[item.object_name].declaration, item)
        left_out = {} if outcome.action is Action.REJECT else item.left_out
        if outcome.beaten:
            self._report.remarks.beaten(item.stream, item.object_name)
        if left_out:
            self._report.remarks.left_out(item.stream, item.object_name, left_out)
        if self._lines is not None:
            self._lines.outcome(outcome, key, left_out)
        return key

    def _item_done(self, number: int, object_name: str, reject: Reject | None, key: Mapping[str, Any]) -> None:
        account = self._accounts[number]
        account.open_items -= 1
        if reject is not None and account.reject is None:
            account.reject = (object_name, reject, key)
        if account.open_items <= 0:
            self._close(number)

    def _close(self, number: int) -> None:
        account = self._accounts.pop(number)
        if account.reject is None:
            if self.watches:
                self._kept.went_through(account.version, account.retried)
            self._drop_message(account)
        else:
            self._write_reject(account, *account.reject)
        if account.ticket is not None:
            self._checkpoints.settle(account.ticket, rejected=account.reject is not None)

    def _drop_message(self, account: RecordAccount) -> None:
        if isinstance(account.message, Place):
            self._spill.drop(account.message)

    def _message(self, account: RecordAccount) -> Mapping[str, Any]:
        message = account.message
        return cast(Mapping[str, Any], self._spill.take(message)) if isinstance(message, Place) else message

    def _write_reject(self, account: RecordAccount, object_name: str, reject: Reject, key: Mapping[str, Any]) -> None:
        stream = account.version.stream
        if account.retried is None:
            self._report.rejected(stream, object_name, reject, key)
        if self._lines is None:
            self._drop_message(account)
            return
        line = self._lines.reject_line(stream, object_name, reject, self._message(account))
        if account.retried is None:
            self._lines.record_rejected(stream, line, key)
        self._kept.rejected(account.version, line, account.retried)

    def make_durable(self) -> None:
        """Writes out the lines of everything that is settled; to be called before states go out."""
        self._store.flush()


def _emitted_at(message: Mapping[str, Any]) -> float:
    """When the source sent a record, in milliseconds; 0 where it does not say."""
    record = message.get("record")
    emitted_at = record.get("emitted_at") if isinstance(record, Mapping) else None
    return float(emitted_at) if isinstance(emitted_at, int | float) else 0.0


class _Versions(dict[StreamId, Version]):
    """For records of which nobody knows what they are about: one for each stream."""

    def __missing__(self, stream: StreamId) -> Version:
        made = self[stream] = Version(stream, (), 0.0, 0)
        return made


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
