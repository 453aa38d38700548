"""The connector."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airbyte_cdk.models import ConnectorSpecification, DestinationSyncMode

from destination_pluvo.adapter import PluvoAdapter
from destination_pluvo.settings import Settings, connection_specification
from lms_shared.adapter.adapter import Adapter
from lms_shared.destination.base import ActivationDestination


class DestinationPluvo(ActivationDestination):
    """Writes learning data into Pluvo as repeatable upserts."""

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        return ConnectorSpecification(
            connectionSpecification=connection_specification(),
            supportsIncremental=True,
            supported_destination_sync_modes=[
                DestinationSyncMode.append,
                DestinationSyncMode.append_dedup,
                DestinationSyncMode.update,
                DestinationSyncMode.soft_delete,
            ],
        )

    def adapter(self, config: Mapping[str, Any]) -> Adapter:
        return PluvoAdapter(Settings.parse(config))
