"""Which objects a stream is written to: the catalog's, the mapping's, a preset's, or that of its own name.

Streams of known sources are recognized, so that they need no mapping: by name, and by fields that leave no doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import ConfiguredAirbyteCatalog

from lms_shared.config.nearest import nearest_of_several
from lms_shared.errors import config_error
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.routing.map import Preset, Target
from lms_shared.upsert.routing.settings import AUTO_PROVIDER, NO_PROVIDER, Mappings, StreamMapping

logger = logging.getLogger("airbyte")


@dataclass(frozen=True)
class Provider:
    """A known source of data."""

    name: str
    """As in `content_provider` and `preset`."""
    preset: Preset
    markers: Mapping[str, tuple[str, ...]]
    """Its streams, with the fields that tell them from streams of the same name elsewhere."""


@dataclass(frozen=True)
class Offered:
    """What streams can be routed to, and by whose help."""

    objects: Mapping[str, ObjectDeclaration]
    providers: Mapping[str, Provider]
    """The known sources, by name; their presets can be named in mappings."""
    own_vendor: str = ""
    """The LMS itself, as a provider: its streams are never mapped by their preset without an entry."""

    @property
    def recognizable(self) -> list[Provider]:
        """The sources whose streams need no mapping."""
        return [one for one in self.providers.values() if one.name != self.own_vendor]


@dataclass(frozen=True)
class Recognized:
    """A stream of a known source."""

    provider: Provider
    stream: str
    """Its name there, without a prefix."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the preset makes of it; empty where the LMS has no place for it."""
        return tuple(self.provider.preset.get(self.stream, ()))


def known_name(name: str, names: Iterable[str]) -> str | None:
    """The known name that a stream has, in any case and behind any prefix; the longest of several."""
    lowered = name.lower()
    fitting = [one for one in names if lowered.endswith(one.lower())]
    return max(fitting, key=len, default=None)


def recognize(name: str, schema: Mapping[str, Any], wanted: str, providers: Iterable[Provider]) -> Recognized | None:
    """The known stream that a stream is; `wanted` is the value of `content_provider`."""
    fields = {str(one).lower() for one in schema.get("properties") or ()}
    for provider in providers:
        if wanted not in (AUTO_PROVIDER, provider.name):
            continue
        known = known_name(name, provider.markers)
        if known is not None and all(_marked(one.lower(), fields) for one in provider.markers[known]):
            return Recognized(provider, known)
    return None


def _marked(marker: str, fields: Iterable[str]) -> bool:
    """Whether there is a field, or what a warehouse makes of an object: a field for each of what is inside."""
    return any(one == marker or one.startswith((f"{marker}_", f"{marker}.")) for one in fields)


def recognized_streams(
    catalog: ConfiguredAirbyteCatalog, mappings: Mappings, offered: Offered
) -> dict[str, Recognized]:
    """The streams that are mapped by the preset of their source, without an entry.

    Raises AirbyteTracedException (config_error) that lists the known streams which the LMS has no place for.
    """
    if mappings.provider == NO_PROVIDER:
        return {}
    if mappings.provider == offered.own_vendor:
        logger.warning(
            "content_provider is '%s', the destination itself: its streams are written to the objects of their own "
            "names. Set content_provider to none.",
            mappings.provider,
        )
    entries = {one.stream for one in mappings.streams}
    found = {}
    for configured in catalog.streams:
        name = configured.stream.name
        if name in entries or getattr(configured, "destination_object_name", None):
            continue
        known = recognize(name, configured.stream.json_schema or {}, mappings.provider, offered.recognizable)
        if known is not None:
            found[name] = known
    _refuse_without_place(found, offered)
    return found


def _refuse_without_place(recognized: Mapping[str, Recognized], offered: Offered) -> None:
    placeless = [
        f"'{name}' ({one.provider.name})"
        for name, one in recognized.items()
        if not any(target.object_name in offered.objects for target in one.targets)
    ]
    if placeless:
        raise config_error(
            f"The LMS has no place for these streams: {', '.join(placeless)}. Deselect them in the connection, "
            "or add an entry to stream_mappings that names an object and its fields."
        )


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
