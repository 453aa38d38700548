"""The config keys that all destinations share, and their form: where reports go, and the keys of the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ConfigDict

from lms_shared.config.groups import REPORTS
from lms_shared.config.model import key
from lms_shared.presets import PRESETS
from lms_shared.reports.storage import NoStorage, Storage, StorageChoice
from lms_shared.upsert.routing.settings import AUTO_PROVIDER, NO_PROVIDER, SyncConfig


class DestinationConfig(SyncConfig):
    """The shared part of a destination's config; each destination adds the keys of its LMS."""

    model_config = ConfigDict(title="Destination")

    object_storage_config: StorageChoice | None = key(
        "Rejected records and reports",
        "Where each sync keeps its rejected records, its plan and a report page to read.",
        default=None,
        group=REPORTS,
        order=0,
        always_show=True,
    )

    @property
    def storage(self) -> Storage | None:
        """The place for reports, or None."""
        chosen = self.object_storage_config
        return None if chosen is None or isinstance(chosen, NoStorage) else chosen


def destination_form(model: type[DestinationConfig], objects: Iterable[str] = ()) -> dict[str, Any]:
    """The form, in which names of presets and, if they are given, of objects are chosen from a list."""
    form = model.form()
    properties, names = form["properties"], list(objects)
    mapping = properties["stream_mappings"]["items"]["properties"]
    properties["content_provider"]["enum"] = [AUTO_PROVIDER, *PRESETS, NO_PROVIDER]
    mapping["preset"]["enum"] = [NO_PROVIDER, *PRESETS]
    if names:
        mapping["object"]["enum"] = names
        properties["field_policies"]["items"]["properties"]["object"]["enum"] = names
    return form
