"""The connector."""

from __future__ import annotations

import logging

from destination_pluvo.adapter import PluvoAdapter
from destination_pluvo.settings import Settings
from lms_shared.adapter.adapter import Adapter
from lms_shared.destination.base import ActivationDestination

logger = logging.getLogger("airbyte")


class DestinationPluvo(ActivationDestination):
    """Writes learning data into Pluvo as repeatable upserts."""

    model = Settings
    least_config = {"organization": "acme", "client_id": "-", "client_secret": "-"}  # noqa: RUF012 - never changed
    documentation_url = "https://docs.airbyte.com/integrations/destinations/pluvo"

    def connect(self, config: Settings) -> Adapter:
        if config.certificate_id and not config.send_notifications:
            # Help pages: participants are told of a certificate by mail. No argument turns that off, and whether the
            # API does it too is not said. Who names a template asks for certificates, so it is a warning.
            logger.warning(
                "Pluvo may mail each certificate to its learner, whatever send_notifications says. "
                "Remove certificate_id to be sure that no mail is sent."
            )
        return PluvoAdapter(config)
