"""Which object and mode each stream is written to; everything impossible is refused before the first write."""

from __future__ import annotations

import logging
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
)

from lms_shared.config.nearest import slip_of
from lms_shared.errors import config_error
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.keys import MatchKey
from lms_shared.upsert.routing.map import FieldMapping, Mapper, Target
from lms_shared.upsert.routing.refusals import refuse_clears, refuse_doubles, refuse_mode, refuse_policies
from lms_shared.upsert.routing.settings import Mappings, StreamMapping
from lms_shared.upsert.routing.targets import Offered, Recognized, known_name, recognized_streams, targets_of
from lms_shared.wire.messages import StreamId

logger = logging.getLogger("airbyte")

_SYNC_MODES = {
    DestinationSyncMode.append: Mode.UPSERT,
    DestinationSyncMode.append_dedup: Mode.UPSERT,
    DestinationSyncMode.update: Mode.UPDATE,
    DestinationSyncMode.soft_delete: Mode.SOFT_DELETE,
}


@dataclass(frozen=True)
class Route:
    """Where the records of a stream go."""

    stream: StreamId
    mode: Mode
    mapper: Mapper
    schema: frozenset[str] = frozenset()
    """The fields of the stream's schema."""
    refused: str | None = None
    """Why no record of the stream may be written, where only its records would be wrong."""
    match_by: MatchKey | None = None
    """The matching key that the user chose for a data activation."""
    incremental: bool = False
    """Whether the source sends a record once, and not again in each sync."""
    primary_key: tuple[tuple[str, ...], ...] = ()
    """Paths of the fields that identify a record in the source."""

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(target.object_name for target in self.mapper.targets)


def route_streams(catalog: ConfiguredAirbyteCatalog, mappings: Mappings, offered: Offered) -> dict[StreamId, Route]:
    """Routes all streams of a catalog: by `destination_object_name`, an entry of the mappings, the preset of a known
    source's stream, or its own name, in this order.

    A mapping of a stream that is not selected is told and left unused: one destination serves several connections.

    Raises AirbyteTracedException (config_error) for a stream without an object, a known stream that the LMS has no
    place for, an unknown object, a stream that the preset does not know, a stream that is mapped twice, a mapping whose
    stream is nearly that of one without a mapping, a field mapping that is not valid or that no record can pass, a mode
    that the object cannot do, a policy of an unknown object or field, and a matching key that the object does not have.
    A stream under `overwrite` is refused by its first record: Airbyte clears and refreshes streams without any.
    """
    refuse_doubles(mappings.streams)
    refuse_policies(mappings.policies, offered.objects)
    refuse_clears(mappings.cleared, offered.objects)
    by_stream = {one.stream: one for one in mappings.streams}
    _tell_unused(catalog, by_stream)
    recognized = recognized_streams(catalog, mappings, offered)
    routes = {}
    names = [one.stream.name for one in catalog.streams]
    for configured in catalog.streams:
        name = configured.stream.name
        route = _route(configured, by_stream.get(name), recognized.get(name), offered)
        routes[route.stream] = _switched(_without_strays(route, names), mappings.switches)
    return {stream: _without_doubles(route, routes.values()) for stream, route in routes.items()}


def _without_doubles(route: Route, routes: Collection[Route]) -> Route:
    """A route without the objects that another stream of the source, which says the same, is written to."""
    kept = []
    for target in route.mapper.targets:
        other = next((one for one in routes if target.instead in one.mapper.targets), None)
        if other is None:
            kept.append(target)
            continue
        logger.info(
            "Stream '%s' is not written to %s: stream '%s' says the same and is written instead.",
            route.stream.name,
            target.object_name,
            other.stream.name,
        )
    return replace(route, mapper=replace(route.mapper, targets=tuple(kept)))


def _without_strays(route: Route, names: Sequence[str]) -> Route:
    """A route without the objects that are written only beside another stream of the source, which is not there."""
    kept = tuple(
        one
        for one in route.mapper.targets
        if one.beside is None or any(known_name(name, [one.beside]) is not None for name in names)
    )
    return replace(route, mapper=replace(route.mapper, targets=kept))


def _switched(route: Route, switches: Container[str]) -> Route:
    """A route without the objects whose switch is off. Raises AirbyteTracedException (config_error) where none is
    left."""
    targets = route.mapper.targets
    kept = tuple(one for one in targets if one.switch is None or one.switch in switches)
    if targets and not kept:
        raise config_error(
            f"Stream '{route.stream}' is only written where {targets[0].switch} is on. Switch it on, or deselect the "
            "stream in the connection."
        )
    return replace(route, mapper=replace(route.mapper, targets=kept))


def _tell_unused(catalog: ConfiguredAirbyteCatalog, by_stream: Mapping[str, StreamMapping]) -> None:
    names = {one.stream.name for one in catalog.streams}
    unmapped = names - by_stream.keys()
    for name in sorted(by_stream.keys() - names):
        near = slip_of(name, unmapped)
        if near is not None:
            raise config_error(
                f"stream_mappings names a stream '{name}', which the connection does not have. Did you mean '{near}', "
                "which has no entry?"
            )
        logger.info("stream_mappings has an entry for stream '%s', which is not part of this connection.", name)


def check_mappings(mappings: Mappings, offered: Offered) -> None:
    """What can be wrong with mappings before a catalog is known: all that `route_streams` refuses, but for what the
    catalog may still say, which is the sync mode and the object of a stream that is named like none.

    Raises AirbyteTracedException (config_error).
    """
    objects = offered.objects
    refuse_doubles(mappings.streams)
    refuse_policies(mappings.policies, objects)
    refuse_clears(mappings.cleared, objects)
    for mapping in mappings.streams:
        parsed = _field_mappings(mapping)
        if mapping.object or mapping.preset != "none" or mapping.stream in objects:
            targets = targets_of(mapping.stream, mapping.object, mapping, None, offered)
            if mapping.mode:
                refuse_mode(mapping.stream, mapping.mode, targets, objects)
            _fitted(mapping.stream, parsed, targets, objects)


def _route(
    configured: ConfiguredAirbyteStream,
    mapping: StreamMapping | None,
    recognized: Recognized | None,
    offered: Offered,
) -> Route:
    name, objects = configured.stream.name, offered.objects
    wanted = getattr(configured, "destination_object_name", None) or (mapping.object if mapping else None)
    targets = targets_of(name, wanted, mapping, recognized, offered)
    mode = _mode(name, configured.destination_sync_mode, mapping)
    refused = _OVERWRITE.format(name) if configured.destination_sync_mode is DestinationSyncMode.overwrite else None
    if refused is None:
        refuse_mode(name, mode, targets, objects)
    if mode is Mode.MIRROR and configured.sync_mode is SyncMode.incremental:
        raise config_error(
            f"Stream '{name}': mode 'mirror' needs all records in each sync, and the stream is read incrementally. "
            "Choose a full refresh sync mode for it, or another mode in stream_mappings."
        )
    fields = _fitted(name, _field_mappings(mapping) if mapping else (), targets, objects)
    mapper = Mapper(tuple(targets), fields, only_mapped=mapping is not None and mapping.only_mapped_fields)
    return Route(
        StreamId(name, configured.stream.namespace),
        mode,
        mapper,
        frozenset((configured.stream.json_schema or {}).get("properties") or {}),
        refused,
        _chosen_key(configured, mapper, objects),
        incremental=configured.sync_mode is SyncMode.incremental,
        primary_key=tuple(map(tuple, configured.primary_key or configured.stream.source_defined_primary_key or ())),
    )


_OVERWRITE = "Stream '{}': sync mode 'overwrite' would delete learning records and is not offered. Choose append_dedup."


def _chosen_key(
    configured: ConfiguredAirbyteStream, mapper: Mapper, objects: Mapping[str, ObjectDeclaration]
) -> MatchKey | None:
    """The matching key of a data activation, by fields of the object or columns that are mapped to them."""
    object_name = getattr(configured, "destination_object_name", None)
    if not object_name or not configured.primary_key:
        return None
    declaration = objects[object_name]
    renamed = {name: one.target for one in mapper.fields.get(object_name, ()) for name in one.used}
    columns = [".".join(path) for path in configured.primary_key]
    names = {renamed.get(column, column) for column in columns}
    chosen = next((key for key in declaration.keys if set(key.fields) == names), None)
    if chosen is not None:
        return chosen
    # What links two objects is found by both of them.
    if declaration.references and names <= declaration.finding:
        return None
    keys = ", ".join(" + ".join(key.fields) for key in declaration.keys) or "none"
    raise config_error(
        f"Stream '{configured.stream.name}': object '{object_name}' cannot be matched by {' + '.join(columns)}. "
        f"Its matching keys are: {keys}. Choose one of them."
    )


def _fitted(
    stream: str,
    fields: Sequence[FieldMapping],
    targets: Sequence[Target],
    objects: Mapping[str, ObjectDeclaration],
) -> dict[str, tuple[FieldMapping, ...]]:
    """The field mappings of each target, each of which at least one target takes."""
    declarations = [objects[target.object_name] for target in targets]
    known = {name for one in declarations for name in (*one.field_by_name, *one.flat_members)}
    for one in fields:
        if one.target not in known:
            raise config_error(
                f"Stream '{stream}': stream_mappings.fields: there is no field '{one.target}'. "
                f"The fields are: {', '.join(sorted(known))}."
            )
    if not fields:
        return {}
    try:
        return {
            declaration.name: tuple(
                one.fitted(declaration)
                for one in fields
                if one.target in declaration.field_by_name or one.target in declaration.flat_members
            )
            for declaration in declarations
        }
    except ValueError as error:
        raise config_error(f"Stream '{stream}': stream_mappings.fields: {error}.") from error


def _mode(stream: str, sync_mode: DestinationSyncMode | None, mapping: StreamMapping | None) -> Mode:
    mapped = mapping.mode if mapping else None
    if sync_mode is DestinationSyncMode.overwrite:
        return Mode.UPSERT
    mode = _SYNC_MODES.get(sync_mode or DestinationSyncMode.append, Mode.UPSERT)
    if mapped is None or mapped is mode:
        return mode
    if mode is not Mode.UPSERT:
        raise config_error(
            f"Stream '{stream}': the sync mode says '{mode.value}', the mapping says '{mapped.value}'. "
            "Remove the mode from stream_mappings, or choose sync mode append_dedup."
        )
    return mapped


def _field_mappings(mapping: StreamMapping) -> tuple[FieldMapping, ...]:
    try:
        return tuple(FieldMapping.parse(one.model_dump(exclude_unset=True)) for one in mapping.fields)
    except ValueError as error:
        raise config_error(f"Stream '{mapping.stream}': stream_mappings.fields: {error}") from error
