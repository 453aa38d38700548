"""Reads `object_storage_config` as a destination does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lms_shared.destination.settings import DestinationConfig
from lms_shared.reports.storage import Storage


def parse_storage(place: Mapping[str, Any]) -> Storage | None:
    """The place for reports that the value of the key names."""
    return DestinationConfig.parse({"object_storage_config": place}).storage
