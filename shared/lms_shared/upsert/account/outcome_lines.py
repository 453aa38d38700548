"""Writes down what becomes of records, line by line: the plan, the ids, the rejects. Used where reports are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.adapter.adapter import ObjectSink
from lms_shared.model.declarations import EXTERNAL_REFERENCE
from lms_shared.model.keys import KeyKind
from lms_shared.upsert.account.rejects import reject_line
from lms_shared.upsert.account.store import FileKind, Identity, ReportedObject, ReportStore, SyncObserver
from lms_shared.upsert.item import Outcome, Reject
from lms_shared.upsert.plan.plan import Action
from lms_shared.wire.messages import StreamId


class OutcomeLines:
    """The files of one sync, and whoever sums them up."""

    def __init__(self, store: ReportStore, observer: SyncObserver, sinks: Mapping[str, ObjectSink]) -> None:
        self._store = store
        self._observer = observer
        self._sinks = sinks

    def outcome(self, outcome: Outcome, key: Mapping[str, Any], left_out: Mapping[str, str]) -> None:
        """What was done with an item; `key` holds the fields that name it."""
        item, identity = outcome.item, self._identity(outcome, key)
        changes = [one.shown for one in outcome.changes]
        self._plan(
            ReportedObject(str(item.stream), item.object_name, outcome.action, key, outcome.reason, changes, identity),
            left_out,
        )
        if identity.id is not None and outcome.action is not Action.REJECT:
            created = outcome.action is Action.CREATE
            line = {"object": item.object_name, "key": key, "id": identity.id, "created": created}
            self._store.append(FileKind.IDS, str(item.stream), line)

    def item_rejected(self, stream: StreamId, object_name: str, reject: Reject, key: Mapping[str, Any]) -> None:
        """An item was rejected before it got to the LMS."""
        self._plan(ReportedObject(str(stream), object_name, Action.REJECT, key, reject.reason))

    def record_rejected(self, stream: StreamId, line: Mapping[str, Any], key: Mapping[str, Any]) -> None:
        """A record was rejected, whose line of the rejects file this is."""
        self._store.append(FileKind.REJECTS, str(stream), line)
        self._observer.reject(line, key)

    def reject_line(
        self, stream: StreamId, object_name: str, reject: Reject, message: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The line of a rejected record."""
        return reject_line(
            str(stream), object_name, reject.code, reject.reason, reject.remedy, list(reject.candidates), message
        )

    def _identity(self, outcome: Outcome, record: Mapping[str, Any]) -> Identity:
        """How the LMS knows the object, and the reference by which the source does."""
        sink, found = self._sinks[outcome.item.object_name], outcome.known
        name = next((key.field for key in sink.declaration.keys if key.kind is KeyKind.REFERENCE), None)
        held = None if name is None else (found.fields if found else {}).get(name) or outcome.item.values.get(name)
        held = held or record.get(EXTERNAL_REFERENCE)
        return Identity(
            id=None if found is None else found.id,
            external_reference=None if held is None else str(held),
            address=None if found is None else sink.address(found),
        )

    def _plan(self, told: ReportedObject, left_out: Mapping[str, str] | None = None) -> None:
        self._observer.note(told)
        line = {
            "stream": told.stream,
            "object": told.object_name,
            "action": told.action.value,
            "key": told.key,
            **told.identity.shown,
            "reason": told.reason,
            "changes": list(told.changes),
            **({"left_out": dict(left_out)} if left_out else {}),
        }
        self._store.append(FileKind.PLAN, told.stream, line)
