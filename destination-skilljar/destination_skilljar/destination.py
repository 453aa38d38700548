"""The connector."""

from __future__ import annotations

from destination_skilljar.adapter import SkilljarAdapter
from destination_skilljar.settings import Settings
from lms_shared.adapter.adapter import Adapter
from lms_shared.destination.base import ActivationDestination


class DestinationSkilljar(ActivationDestination):
    """Writes learning data into Skilljar as repeatable upserts."""

    model = Settings
    least_config = {"api_key": "-", "domain_name": "academy.example.com"}  # noqa: RUF012 - never changed
    vendor = "skilljar"
    documentation_url = "https://docs.airbyte.com/integrations/destinations/skilljar"

    def connect(self, config: Settings) -> Adapter:
        return SkilljarAdapter(config)
