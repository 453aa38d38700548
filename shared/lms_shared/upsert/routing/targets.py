"""Which objects a stream is written to: the catalog's, the mapping's, a preset's, or that of its own name."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from lms_shared.config.nearest import nearest_of_several
from lms_shared.errors import config_error
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.routing.map import Preset, Target
from lms_shared.upsert.routing.recognition import Offered, Recognized, known_name
from lms_shared.upsert.routing.settings import NO_PROVIDER, StreamMapping

logger = logging.getLogger("airbyte")


def targets_of(
    name: str,
    wanted: str | None,
    mapping: StreamMapping | None,
    recognized: Recognized | None,
    offered: Offered,
) -> list[Target]:
    """The objects of a stream. Raises AirbyteTracedException (config_error) for one that has none."""
    objects = offered.objects
    if wanted and wanted not in objects:
        raise config_error(f"Stream '{name}': there is no object '{wanted}'.{proposed(wanted, objects)}")
    if mapping and mapping.preset != NO_PROVIDER:
        return _preset_targets(name, mapping.preset, offered.providers[mapping.preset].preset, wanted, objects)
    if recognized is not None:
        targets = _in_their_places(recognized.targets, objects)
        targets = [one for one in targets if one.object_name in objects]
        logger.info(
            "Stream '%s' is known as '%s' of %s; its preset writes it to %s.",
            name,
            recognized.stream,
            recognized.provider.name,
            " and ".join(one.object_name for one in targets),
        )
        return targets
    chosen = wanted or (name if name in objects else None)
    if chosen is None:
        presets = {stream: one.name for one in offered.recognizable for stream in one.preset}
        raise config_error(
            f"Stream '{name}' has no object to be written to. Add an entry for it to stream_mappings, with an object "
            f"or a preset.{proposed(name, objects, presets)}"
        )
    return [Target(chosen)]


_LISTED = 20
"""Objects that a message lists; of an LMS with more it names the nearest."""


def proposed(name: str, objects: Iterable[str], presets: Mapping[str, str] | None = None) -> str:
    """The nearest objects and presets, and all objects if there are few, for a message."""
    known, objects = presets or {}, sorted(objects)
    near = nearest_of_several(name, [*objects, *known])
    told = [f"object '{one}'" if one in set(objects) else f"preset '{known[one]}' (stream '{one}')" for one in near]
    proposal = f" The nearest: {', '.join(told)}." if told else ""
    listed = f"The objects are: {', '.join(objects)}." if len(objects) <= _LISTED else "discover lists the objects."
    return f"{proposal} {listed}"


def _in_their_places(targets: Iterable[Target], objects: Mapping[str, ObjectDeclaration]) -> list[Target]:
    """The targets of a stream, and of those that stand for each other the one whose object the LMS has."""
    every = list(targets)
    optional = {one.unless for one in every}
    return [
        one
        for one in every
        if one.unless not in objects and (one.object_name in objects or one.object_name not in optional)
    ]


def _preset_targets(
    stream: str,
    preset_name: str,
    preset: Preset,
    wanted: str | None,
    objects: Mapping[str, ObjectDeclaration],
) -> list[Target]:
    known = known_name(stream, preset)
    every = preset[known] if known is not None else ()
    targets = [one for one in every if one.object_name == wanted] if wanted else _in_their_places(every, objects)
    if not targets:
        raise config_error(
            f"Stream '{stream}': preset '{preset_name}' does not know it"
            + (f" for object '{wanted}'" if wanted else "")
            + f". It knows: {', '.join(sorted(preset))}. Set preset to 'none' and map the fields instead."
        )
    missing = [one.object_name for one in targets if one.object_name not in objects]
    if missing:
        raise config_error(
            f"Stream '{stream}': preset '{preset_name}' writes it to object '{missing[0]}', which the LMS lacks. "
            "Name another of its objects in stream_mappings, or deselect the stream."
        )
    return targets
