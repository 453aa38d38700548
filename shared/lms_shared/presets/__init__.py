"""Ready-made mappings from the streams of a known source to the unified objects (config key `preset`)."""

from __future__ import annotations

from collections.abc import Mapping

from lms_shared.presets.pluralsight import PLURALSIGHT
from lms_shared.presets.skilljar import SKILLJAR
from lms_shared.upsert.routing.map import Preset

PRESETS: Mapping[str, Preset] = {"pluralsight": PLURALSIGHT, "skilljar": SKILLJAR}
