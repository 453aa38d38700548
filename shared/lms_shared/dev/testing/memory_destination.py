"""A whole destination on the LMS in memory, for tests of the base and of the engine."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from airbyte_cdk.models import ConnectorSpecification, DestinationSyncMode

from lms_shared.adapter.adapter import Adapter
from lms_shared.destination.base import ActivationDestination
from lms_shared.destination.form import shared_properties
from lms_shared.dev.testing.memory_adapter import MemoryAdapter
from lms_shared.dev.testing.memory_lms import MemoryLms
from lms_shared.dev.testing.syncs import Run, Stream, sync
from lms_shared.upsert.routing.settings import SyncConfig


class MemoryDestination(ActivationDestination):
    """Writes into an LMS in memory, which outlives the destination."""

    def __init__(self, lms: MemoryLms | None = None, *, user_references: bool = True) -> None:
        super().__init__()
        self.lms = lms or MemoryLms()
        self._user_references = user_references

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """The shared keys, and a key that must never be seen."""
        key = {"type": "string", "title": "API key", "airbyte_secret": True, "order": 0}
        return ConnectorSpecification(
            connectionSpecification={
                "type": "object",
                "required": ["api_key"],
                "additionalProperties": True,
                "properties": {"api_key": key, **shared_properties(1)},
            },
            supportsIncremental=True,
            supported_destination_sync_modes=[
                DestinationSyncMode.append,
                DestinationSyncMode.append_dedup,
                DestinationSyncMode.update,
                DestinationSyncMode.soft_delete,
            ],
        )

    def adapter(self, config: Mapping[str, Any]) -> Adapter:
        settings = SyncConfig.parse(config)
        return MemoryAdapter(
            self.lms,
            settings.namespace,
            notify=settings.send_notifications,
            user_references=self._user_references,
        )


def sync_into(
    lms: MemoryLms,
    streams: Sequence[Stream],
    sent: Iterable[Mapping[str, Any] | bytes] | None = None,
    *,
    user_references: bool = True,
    **config: Any,
) -> Run:
    """A sync by a new process; `config` holds keys beside that of the connection."""
    destination = MemoryDestination(lms, user_references=user_references)
    return sync(destination, {"api_key": "k", **config}, streams, sent)
