"""The config keys that all destinations share: those of the engine, and where reports go."""

from __future__ import annotations

from pydantic import ConfigDict

from lms_shared.config.groups import REPORTS
from lms_shared.config.model import key
from lms_shared.reports.storage import NoStorage, Storage, StorageChoice
from lms_shared.upsert.routing.settings import SyncConfig


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
