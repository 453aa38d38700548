"""Which object and mode each stream is written to; everything impossible is refused before the first write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    FailureType,
)
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.presets import PRESETS, Preset
from lms_shared.upsert.map import FieldMapping, Mapper, Target
from lms_shared.upsert.settings import StreamMapping

_SYNC_MODES = {
    DestinationSyncMode.append: Mode.UPSERT,
    DestinationSyncMode.append_dedup: Mode.UPSERT,
    DestinationSyncMode.update: Mode.UPDATE,
    DestinationSyncMode.soft_delete: Mode.SOFT_DELETE,
}


@dataclass(frozen=True)
class StreamId:
    """A stream, by name and namespace."""

    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True)
class Route:
    """Where the records of a stream go."""

    stream: StreamId
    mode: Mode
    mapper: Mapper

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(target.object_name for target in self.mapper.targets)


def config_error(message: str) -> AirbyteTracedException:
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)


def route_streams(
    catalog: ConfiguredAirbyteCatalog,
    mappings: Sequence[StreamMapping],
    objects: Mapping[str, ObjectDeclaration],
) -> dict[StreamId, Route]:
    """Routes all streams of a catalog.

    A mapping of a stream that is not selected is left unused.

    Raises AirbyteTracedException (config_error) for a stream without an object, an unknown object, a stream that the
    preset does not know, a stream that is mapped twice, a field mapping that is none, a mode that the object cannot do,
    and for `overwrite`.
    """
    by_stream = {one.stream: one for one in mappings}
    if len(by_stream) < len(mappings):
        raise config_error("stream_mappings names a stream twice; keep one entry for each stream.")
    routes = {}
    for configured in catalog.streams:
        route = _route(configured, by_stream.get(configured.stream.name), objects)
        routes[route.stream] = route
    return routes


def check_mappings(mappings: Sequence[StreamMapping], objects: Mapping[str, ObjectDeclaration]) -> None:
    """What can be wrong with mappings before a catalog is known.

    Raises AirbyteTracedException (config_error) for an unknown object and a field mapping that is none.
    """
    for mapping in mappings:
        if mapping.object and mapping.object not in objects:
            raise config_error(f"Stream '{mapping.stream}': there is no object '{mapping.object}'. {_known(objects)}")
        _field_mappings(mapping.stream, mapping.fields)


def _route(
    configured: ConfiguredAirbyteStream,
    mapping: StreamMapping | None,
    objects: Mapping[str, ObjectDeclaration],
) -> Route:
    name = configured.stream.name
    targets = _targets(configured, mapping, objects)
    mode = _mode(name, configured.destination_sync_mode, mapping)
    for target in targets:
        declaration = objects[target.object_name]
        if mode not in declaration.modes:
            able = ", ".join(sorted(one.value for one in declaration.modes))
            reason = f": {declaration.refusals[mode]}" if mode in declaration.refusals else ""
            raise config_error(
                f"Stream '{name}': object '{declaration.name}' cannot be written in mode '{mode.value}'{reason}. "
                f"It can do: {able}. Choose another sync mode, or another mode in stream_mappings."
            )
    fields = _field_mappings(name, tuple(mapping.fields) if mapping else ())
    known = {one for target in targets for one in objects[target.object_name].field_by_name}
    for field in fields:
        if field.target not in known:
            raise config_error(
                f"Stream '{name}': stream_mappings.fields: there is no field '{field.target}'. "
                f"The fields are: {', '.join(sorted(known))}."
            )
    return Route(StreamId(name, configured.stream.namespace), mode, Mapper(tuple(targets), fields))


def _targets(
    configured: ConfiguredAirbyteStream,
    mapping: StreamMapping | None,
    objects: Mapping[str, ObjectDeclaration],
) -> list[Target]:
    name = configured.stream.name
    wanted = getattr(configured, "destination_object_name", None) or (mapping.object if mapping else None)
    if wanted and wanted not in objects:
        raise config_error(f"Stream '{name}': there is no object '{wanted}'. {_known(objects)}")
    if mapping and mapping.preset != "none":
        preset = PRESETS[mapping.preset]
        return _preset_targets(name, mapping.preset, preset, wanted, objects)
    chosen = wanted or (name if name in objects else None)
    if chosen is None:
        raise config_error(
            f"Stream '{name}' has no object to be written to. Add an entry for it to stream_mappings "
            f"(with an object or a preset), or name the stream like an object. {_known(objects)}"
        )
    return [Target(chosen)]


def _preset_targets(
    stream: str,
    preset_name: str,
    preset: Preset,
    wanted: str | None,
    objects: Mapping[str, ObjectDeclaration],
) -> list[Target]:
    targets = [one for one in preset.get(stream, ()) if wanted in (None, one.object_name)]
    if not targets:
        raise config_error(
            f"Stream '{stream}': preset '{preset_name}' does not know it"
            + (f" for object '{wanted}'" if wanted else "")
            + f". It knows: {', '.join(sorted(preset))}. Set preset to 'none' and map the fields instead."
        )
    missing = [one.object_name for one in targets if one.object_name not in objects]
    if missing:
        raise config_error(f"Stream '{stream}': there is no object '{missing[0]}'. {_known(objects)}")
    return targets


def _mode(stream: str, sync_mode: DestinationSyncMode | None, mapping: StreamMapping | None) -> Mode:
    mapped = Mode(mapping.mode) if mapping and mapping.mode else None
    if sync_mode is DestinationSyncMode.overwrite:
        raise config_error(
            f"Stream '{stream}': sync mode 'overwrite' would delete learning records and is not offered. "
            "Choose append_dedup."
        )
    mode = _SYNC_MODES.get(sync_mode or DestinationSyncMode.append, Mode.UPSERT)
    if mapped is None or mapped is mode:
        return mode
    if mode is not Mode.UPSERT:
        raise config_error(
            f"Stream '{stream}': the sync mode says '{mode.value}', the mapping says '{mapped.value}'. "
            "Remove the mode from stream_mappings, or choose sync mode append_dedup."
        )
    return mapped


def _field_mappings(stream: str, fields: Sequence[Mapping[str, Any]]) -> tuple[FieldMapping, ...]:
    try:
        return tuple(FieldMapping.parse(one) for one in fields)
    except ValueError as error:
        raise config_error(f"Stream '{stream}': stream_mappings.fields: {error}") from error


def _known(objects: Mapping[str, ObjectDeclaration]) -> str:
    return f"The objects are: {', '.join(sorted(objects))}."
