"""Takes source records in: maps them, checks them against the declaration, rejects what cannot be written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from lms_shared.adapter.adapter import ObjectSink
from lms_shared.adapter.remote import FieldRefused, RecordRejected
from lms_shared.errors import config_error
from lms_shared.model.declarations import CREATING, ObjectDeclaration
from lms_shared.model.fields import Kind, OnInvalid
from lms_shared.model.normal_forms import normalise
from lms_shared.model.reading import Reading, read_record
from lms_shared.model.validation import Problem
from lms_shared.upsert.account.counters import Counters
from lms_shared.upsert.account.record_keys import record_keys
from lms_shared.upsert.account.record_outcomes import RecordOutcomes
from lms_shared.upsert.apply.mirror import Mirror
from lms_shared.upsert.item import Item, Reject, naming_fields
from lms_shared.upsert.routing.map import Mapped
from lms_shared.upsert.routing.routing import Route
from lms_shared.upsert.routing.source_look import SourceLook
from lms_shared.wire.messages import RecordMessage, StreamId

logger = logging.getLogger("airbyte")


class Intake:
    """The door of the engine."""

    def __init__(
        self,
        routes: Mapping[StreamId, Route],
        sinks: Mapping[str, ObjectSink],
        lms: str,
        record_outcomes: RecordOutcomes,
        report: Counters,
        mirror: Mirror,
        *,
        strict: bool,
    ) -> None:
        """`strict`: any value that the LMS cannot hold costs its record."""
        self._routes = routes
        self._by_name = {stream.name: stream for stream in routes}
        self._sinks = sinks
        self._lms = lms
        self._record_outcomes = record_outcomes
        self._report = report
        self._mirror = mirror
        self._strict = strict
        self._source = SourceLook()

    def refuse_lacking(self) -> None:
        """To be called before anything is written or acknowledged.

        Raises AirbyteTracedException (config_error) where rows of a stream lack what its preset needs.
        """
        self._source.refuse_lacking()

    def take(self, message: RecordMessage, retried: str | None = None) -> list[Item]:
        """The items that a record becomes; what is wrong with it is settled as a reject.

        `retried` is the id of the kept reject that the record is.

        Raises AirbyteTracedException (config_error) for a stream that the catalog does not have.
        """
        stream = self._stream(message)
        if stream is None:
            logger.warning("Skipped an unreadable record of a stream that is not in the catalog.")
            return []
        route = self._routes[stream]
        if message.problem is not None:
            reject = Reject("INPUT.JSON", message.problem, "Correct the record in the source.")
            self._reject_whole(stream, message, reject, retried)
            return []
        if route.refused is not None:
            raise config_error(route.refused)
        if retried is None:
            self._source.look_at(route, message.data)
        try:
            mapped = route.mapper.map(message.data)
        except RecordRejected as error:
            self._reject_whole(stream, message, Reject.of(error), retried)
            return []
        objects = [(self._sinks[one.object_name].declaration, one.values) for one in mapped]
        keys = self._keys(route, message.data, objects)
        number = self._record_outcomes.open(stream, message.message, len(mapped), keys, retried)
        if not mapped and retried is None:
            self._report.passed_over(stream)
        return [item for one in mapped if (item := self._item(number, stream, route, one, message.size))]

    def _stream(self, message: RecordMessage) -> StreamId | None:
        if message.stream in self._routes:
            return message.stream
        # An unreadable line shows its stream's name at best, not always its namespace.
        if message.problem is not None:
            return self._by_name.get(message.stream.name)
        raise config_error(
            f"The input holds records of stream '{message.stream}', which the catalog does not have. "
            f"It has: {', '.join(sorted(map(str, self._routes)))}."
        )

    def _keys(
        self, route: Route, data: Any, objects: Iterable[tuple[ObjectDeclaration, Mapping[str, Any]]]
    ) -> tuple[str, ...]:
        if not self._record_outcomes.watches:
            return ()
        return record_keys(str(route.stream), route.primary_key, data, objects)

    def _reject_whole(self, stream: StreamId, message: RecordMessage, reject: Reject, retried: str | None) -> None:
        route = self._routes[stream]
        keys = self._keys(route, message.data, ())
        self._mirror.could_not_read(stream)
        number = self._record_outcomes.open(stream, message.message, 1, keys, retried)
        self._record_outcomes.reject(number, stream, route.objects[0], reject)

    def _item(self, number: int, stream: StreamId, route: Route, mapped: Mapped, size: int) -> Item | None:
        name, sink = mapped.object_name, self._sinks[mapped.object_name]
        given = sink.declared_shape(mapped.values)
        known = self._mirror.saw(stream, name, _reference_of(given))
        self._tell_ignored(stream, sink.declaration, given, route)
        reading = read_record(sink.declaration, given, creates=route.mode in CREATING, strict=self._strict)
        self._tell_unknown_members(stream, name, reading)
        problem = reading.problem
        if problem is not None:
            if not known:
                self._mirror.could_not_read(stream)
            reject = Reject(problem.code, problem.reason, problem.remedy)
            self._record_outcomes.reject(number, stream, name, reject, given)
            return None
        try:
            values = self._shaped(sink, reading)
        except RecordRejected as error:
            self._record_outcomes.reject(number, stream, name, Reject.of(error), given)
            return None
        for one in reading.rounded:
            self._report.remarks.rounded(stream, name, one)
        left_out = {field: one.reason for field, one in reading.unfit.items()}
        return Item(
            number,
            stream,
            name,
            route.mode,
            values,
            size,
            left_out=left_out,
            key=naming_fields(sink.declaration, given),
            as_they_came=reading.as_they_came,
            match_by=route.match_by,
            renews=mapped.renews,
        )

    def _shaped(self, sink: ObjectSink, reading: Reading) -> dict[str, Any]:
        """The record as the LMS holds it. Raises RecordRejected."""
        emptied = {name: None for name, value in reading.values.items() if value is None}
        while True:
            given = {name: value for name, value in reading.values.items() if value is not None}
            try:
                shaped = sink.shape(dict(given))
                return {**emptied, **shaped} if emptied else shaped
            except FieldRefused as refused:
                costly = sink.declaration.on_invalid(refused.field) is OnInvalid.REJECT
                if self._strict or costly or refused.field not in given:
                    raise
                del reading.values[refused.field]
                reading.unfit[refused.field] = Problem(refused.code, refused.reason, refused.remedy)

    def _tell_ignored(
        self, stream: StreamId, declaration: ObjectDeclaration, values: Mapping[str, Any], route: Route
    ) -> None:
        for name, value in values.items():
            if name in declaration.placed:
                continue
            known = name in declaration.field_by_name
            if known:
                ignored = name in declaration.unplaced
            else:
                ignored = name not in declaration.flat_members and not route.mapper.uses(str(name))
            if value is not None and ignored:
                self._report.tell_ignored(stream, declaration.name, str(name), known=known, lms=self._lms)

    def _tell_unknown_members(self, stream: StreamId, object_name: str, reading: Reading) -> None:
        for member in reading.unknown_members:
            self._report.tell_ignored(stream, object_name, member, known=False, lms=self._lms)


def _reference_of(values: Mapping[str, Any]) -> Any:
    """The reference by which a record names its object, valid or not."""
    reference = values.get("external_reference")
    return normalise(Kind.REFERENCE, reference) if isinstance(reference, str) else reference
