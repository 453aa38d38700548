"""The form: what Airbyte's registry asks of a connection specification beyond its own tests."""

from __future__ import annotations

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.testing.forms import FormSuite


class TestForm(FormSuite):
    destination = DestinationSkilljar
    required = ("api_key", "domain_name")
    secrets = (".api_key",)
