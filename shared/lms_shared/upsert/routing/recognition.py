"""Recognizes the streams of known sources, so that they need no mapping: by name, and by fields that leave no doubt."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airbyte_cdk.models import ConfiguredAirbyteCatalog

from lms_shared.errors import config_error
from lms_shared.model.declarations import ObjectDeclaration
from lms_shared.upsert.routing.map import Preset, Target
from lms_shared.upsert.routing.settings import AUTO_PROVIDER, NO_PROVIDER, Mappings

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
