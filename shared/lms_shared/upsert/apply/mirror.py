"""Mode `mirror`: what a stream put into the LMS and its source no longer has is deactivated, under a brake.

A stream acts within its own set: the objects that carry its mark in the LMS. The mark is written once, beside the
reference stamp, when a record of the stream is written or found. Own objects without it, such as those of a stream that
is not in this sync, are never touched; how many there are is said.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import RemoteObject
from lms_shared.errors import config_error
from lms_shared.http.metrics import counted_as
from lms_shared.model.declarations import Mode
from lms_shared.upsert.account.counters import request_label
from lms_shared.upsert.account.record_outcomes import RecordOutcomes
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.item import Item, Outcome, set_mark
from lms_shared.upsert.plan.plan import Action
from lms_shared.upsert.routing.routing import Route
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

_NO_RECORD = -1
_NAMED = 20
"""Objects that the brake's message names; the plan file has them all."""


@dataclass
class _Set:
    """What a stream has of one object."""

    stream: StreamId
    object_name: str
    seen: set[str] = field(default_factory=set)
    """References of its records."""
    written: set[str] = field(default_factory=set)
    """Ids of the objects that its records were found to mean."""

    def has(self, remote: RemoteObject) -> bool:
        return remote.fields.get("external_reference") in self.seen or remote.id in self.written


class Mirror:
    """Remembers what the source has, and deactivates the rest of each stream's set at the end of a sync."""

    def __init__(self, routes: Mapping[StreamId, Route], sinks: Mapping[str, ObjectSink], config: SyncConfig) -> None:
        self._sinks = sinks
        self._config = config
        self._sets = {
            (stream, name): _Set(stream, name)
            for stream, route in routes.items()
            if route.mode is Mode.MIRROR
            for name in route.objects
        }
        self._unread: set[StreamId] = set()
        self._complete: set[StreamId] = set()
        self._removed: set[tuple[str, str]] = set()

    def saw(self, stream: StreamId, object_name: str, reference: object) -> bool:
        """Takes note that the source has an object, whether its record is valid or not.

        False where the record does not say which: what is written of it will.
        """
        if isinstance(reference, bool) or not isinstance(reference, str | int) or not str(reference).strip():
            return False
        if one := self._sets.get((stream, object_name)):
            one.seen.add(str(reference).strip())
        return True

    def wrote(self, stream: StreamId, object_name: str, remote: RemoteObject) -> None:
        """Takes note of the object that a record was found to mean, by whichever key."""
        if one := self._sets.get((stream, object_name)):
            one.written.add(remote.id)

    def could_not_read(self, stream: StreamId) -> None:
        """Nobody knows which object a record of the stream means."""
        self._unread.add(stream)

    def ended(self, stream: StreamId, *, complete: bool) -> None:
        """The source said whether it sent all of a stream; what it says last counts."""
        if complete:
            self._complete.add(stream)
        else:
            self._complete.discard(stream)

    def finish(self, applier: Applier, record_outcomes: RecordOutcomes) -> None:
        """Deactivates what is left over.

        Raises AirbyteTracedException (config_error) past the brake, before anything of the set is deactivated.
        """
        for one in self._sets.values():
            doubt = self._doubt(one)
            if doubt:
                logger.warning("Stream '%s': mirror deactivates no %s, because %s.", one.stream, one.object_name, doubt)
            else:
                self._deactivate(one, applier, record_outcomes)

    def _doubt(self, one: _Set) -> str | None:
        if one.stream not in self._complete:
            return f"stream {one.stream} did not end with status COMPLETE"
        if one.stream in self._unread:
            return "some of its records do not say which object they mean"
        return None if one.seen or one.written else "it is empty"

    def _deactivate(self, one: _Set, applier: Applier, record_outcomes: RecordOutcomes) -> None:
        sink = self._sinks[one.object_name]
        assert isinstance(sink, EntitySink)
        with counted_as(request_label(one.stream, one.object_name)):
            owned = [remote for remote in sink.owned() if _is_to_close(remote)]
            mark = set_mark(one.stream)
            members = [remote for remote in owned if mark in remote.sets]
            self._tell_strangers(one, len(owned) - len(members))
            gone = [
                remote
                for remote in members
                if (one.object_name, remote.id) not in self._removed
                and not one.has(remote)
                and not self._elsewhere(one, remote)
            ]
            self._brake(one, len(members), gone, record_outcomes)
            # What several streams have dropped goes with the first of them, in a dry run too.
            self._removed.update((one.object_name, remote.id) for remote in gone)
            for item in _removals(one, gone):
                outcome = applier.apply(sink, item, {})
                assert isinstance(outcome, Outcome)  # what is to be removed claims nothing
                if outcome.reject is None:
                    record_outcomes.note(outcome)
                else:
                    logger.warning(
                        "Stream '%s': mirror could not deactivate %s %s: %s.",
                        one.stream,
                        one.object_name,
                        item.values["external_reference"],
                        outcome.reject.reason,
                    )

    def _elsewhere(self, one: _Set, remote: RemoteObject) -> bool:
        """Whether another stream keeps the object: one that has it in this sync, or whose mark it carries and of which
        this sync does not know all."""
        others = [two for two in self._sets.values() if two is not one and two.object_name == one.object_name]
        known = {set_mark(two.stream) for two in others if self._doubt(two) is None}
        unknown = remote.sets - known - {set_mark(one.stream)}
        return bool(unknown) or any(two.has(remote) for two in others)

    def _tell_strangers(self, one: _Set, strangers: int) -> None:
        if strangers:
            logger.info(
                "Stream '%s': %d own %s of other streams, or not marked as part of this one, are left alone by mirror.",
                one.stream,
                strangers,
                one.object_name,
            )

    def _brake(self, one: _Set, members: int, gone: list[RemoteObject], record_outcomes: RecordOutcomes) -> None:
        brake = self._config.mirror
        if len(gone) <= brake.max_deactivated and len(gone) <= brake.max_deactivated_share * members:
            return
        for item, remote in zip(_removals(one, gone), gone, strict=True):
            reason = "not in the source; nothing was deactivated, since there is more of it than the brake allows"
            record_outcomes.note(Outcome(item, Action.WOULD_DEACTIVATE, reason, remote=remote))
        named = sorted(str(remote.fields.get("external_reference")) for remote in gone)[:_NAMED]
        names = ", ".join(named)
        more = f" and {len(gone) - _NAMED} more, all of which the plan file lists" if len(gone) > _NAMED else ""
        raise config_error(
            f"Stream '{one.stream}': mirror would deactivate {len(gone)} of {members} own objects, more than the brake "
            f"allows (max_deactivated {brake.max_deactivated}, max_deactivated_share {brake.max_deactivated_share}). "
            f"Nothing was deactivated. It would have been: {names}{more}. If that is right, raise the brake once."
        )


def _is_to_close(remote: RemoteObject) -> bool:
    """Whether there is anything to deactivate: what is off but for half of it, such as hidden alone, is not off yet."""
    return bool(remote.fields.get("active", True)) or "active" in remote.unsettled


def _removals(one: _Set, gone: list[RemoteObject]) -> Iterator[Item]:
    for remote in gone:
        values = {"external_reference": remote.fields["external_reference"]}
        yield Item(_NO_RECORD, one.stream, one.object_name, Mode.SOFT_DELETE, values, 0)
