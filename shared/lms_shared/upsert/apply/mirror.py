"""Mode `mirror`: what this connection owns in the LMS and the source no longer has is deactivated, under a brake."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import RemoteObject
from lms_shared.errors import config_error
from lms_shared.http.counter import counted_as
from lms_shared.model.declarations import Mode
from lms_shared.upsert.account.counters import request_label
from lms_shared.upsert.account.record_outcomes import RecordOutcomes
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.item import Item
from lms_shared.upsert.routing.routing import Route
from lms_shared.upsert.routing.settings import SyncConfig
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

_NO_RECORD = -1
_NAMED = 20
"""Objects that the brake's message names."""


class Mirror:
    """Remembers what the source has, and deactivates the rest at the end of a sync.

    All streams that are written to a mirrored object count together: what any of them has is there.
    """

    def __init__(self, routes: Mapping[StreamId, Route], sinks: Mapping[str, ObjectSink], config: SyncConfig) -> None:
        self._sinks = sinks
        self._config = config
        self._stream_of = {
            name: stream for stream, route in routes.items() if route.mode is Mode.MIRROR for name in route.objects
        }
        self._feeding = {
            name: {stream for stream, route in routes.items() if name in route.objects} for name in self._stream_of
        }
        self._seen: dict[str, set[str]] = {name: set() for name in self._stream_of}
        self._written: dict[str, set[str]] = {name: set() for name in self._stream_of}
        self._unread: set[StreamId] = set()
        self._complete: set[StreamId] = set()

    def saw(self, object_name: str, reference: object) -> bool:
        """Takes note that the source has an object, whether its record is valid or not.

        False where the record does not say which: what is written of it will.
        """
        if isinstance(reference, bool) or not isinstance(reference, str | int) or not str(reference).strip():
            return False
        if object_name in self._seen:
            self._seen[object_name].add(str(reference).strip())
        return True

    def wrote(self, object_name: str, remote: RemoteObject) -> None:
        """Takes note of the object that a record was found to mean, by whichever key."""
        if object_name in self._written:
            self._written[object_name].add(remote.id)

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

        Raises AirbyteTracedException (config_error) past the brake, before anything is deactivated.
        """
        for name, stream in self._stream_of.items():
            doubt = self._doubt(name)
            if doubt:
                logger.warning("Stream '%s': mirror deactivates no %s, because %s.", stream, name, doubt)
            else:
                self._deactivate(stream, name, applier, record_outcomes)

    def _doubt(self, name: str) -> str | None:
        open_streams = sorted(map(str, self._feeding[name] - self._complete))
        if open_streams:
            return f"stream {', '.join(open_streams)} did not end with status COMPLETE"
        if self._feeding[name] & self._unread:
            return "some of its records do not say which object they mean"
        return None if self._seen[name] or self._written[name] else "its streams are empty"

    def _deactivate(self, stream: StreamId, name: str, applier: Applier, record_outcomes: RecordOutcomes) -> None:
        sink = self._sinks[name]
        assert isinstance(sink, EntitySink)
        with counted_as(request_label(stream, name)):
            owned = [one for one in sink.owned() if one.fields.get("active") is not False]
            gone = [one for one in owned if not self._has(name, one)]
            self._brake(stream, len(owned), gone)
            for one in gone:
                values = {"external_reference": one.fields["external_reference"]}
                outcome = applier.apply(sink, Item(_NO_RECORD, stream, name, Mode.SOFT_DELETE, values, 0), {})
                if outcome.reject is None:
                    record_outcomes.note(outcome)
                else:
                    logger.warning(
                        "Stream '%s': mirror could not deactivate %s %s: %s.",
                        stream,
                        name,
                        one.fields["external_reference"],
                        outcome.reject.reason,
                    )

    def _has(self, name: str, remote: RemoteObject) -> bool:
        return remote.fields.get("external_reference") in self._seen[name] or remote.id in self._written[name]

    def _brake(self, stream: StreamId, owned: int, gone: list[RemoteObject]) -> None:
        brake = self._config.mirror
        if len(gone) <= brake.max_deactivated and len(gone) <= brake.max_deactivated_share * owned:
            return
        names = ", ".join(str(one.fields.get("external_reference")) for one in gone[:_NAMED])
        more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
        raise config_error(
            f"Stream '{stream}': mirror would deactivate {len(gone)} of {owned} own objects, more than the brake "
            f"allows (max_deactivated {brake.max_deactivated}, max_deactivated_share {brake.max_deactivated_share}). "
            f"Nothing was deactivated. It would have been: {names}{more}. If that is right, raise the brake once."
        )
