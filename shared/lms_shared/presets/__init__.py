"""Ready-made mappings from the streams of a known source to the unified objects (config key `preset`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from lms_shared.presets.pluralsight import PLURALSIGHT
from lms_shared.presets.skilljar import SKILLJAR
from lms_shared.upsert.routing.map import Preset
from lms_shared.upsert.routing.targets import Provider

PRESETS: Mapping[str, Preset] = {"pluralsight": PLURALSIGHT, "skilljar": SKILLJAR}


def _providers() -> dict[str, Provider]:
    streams = tomllib.loads(files(__package__).joinpath("provider_streams.toml").read_text("utf-8"))
    return {
        name: Provider(name, preset, {stream: tuple(fields) for stream, fields in streams[name].items()})
        for name, preset in PRESETS.items()
    }


PROVIDERS: Mapping[str, Provider] = _providers()
"""The known sources, with the fields by which their streams are recognized."""
