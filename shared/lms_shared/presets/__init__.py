"""Ready-made mappings from the streams of a known source to the unified objects (config key `preset`)."""

from __future__ import annotations

from collections.abc import Mapping

from lms_shared.presets.pluralsight import PLURALSIGHT
from lms_shared.presets.skilljar import SKILLJAR
from lms_shared.upsert.map import Target

Preset = Mapping[str, tuple[Target, ...]]
"""The objects of each stream that the preset knows, in the order in which a record's parts are written."""

PRESETS: Mapping[str, Preset] = {"pluralsight": PLURALSIGHT, "skilljar": SKILLJAR}
