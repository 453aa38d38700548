"""The form: what Airbyte's registry asks of a connection specification beyond its own tests."""

from __future__ import annotations

from pathlib import Path

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.testing.forms import FormSuite


class TestForm(FormSuite):
    destination = DestinationSkilljar
    folder = Path(__file__).parents[1]
    required = ("api_key", "domain_name")
    shown = ("api_key", "domain_name", "content_provider", "dry_run", "object_storage_config")
    secrets = (".api_key", ".v2_client_secret")
    groups = ["connection", "version_2", "written", "safety", "reports", "advanced"]  # noqa: RUF012 - never changed
