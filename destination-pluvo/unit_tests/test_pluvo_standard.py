"""Airbyte's standard connector tests, on the sandbox and in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase

from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.sandbox.pluvo import PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]


class TestStandard(DestinationTestSuiteBase):
    """The suite; the scenarios are those of acceptance-test-config.yml with the sandbox's address."""

    connector = DestinationPluvo

    @classmethod
    def get_scenarios(cls) -> list[ConnectorTestScenario]:
        return [_with_own_config(scenario, cls) for scenario in super().get_scenarios()]

    @pytest.fixture(autouse=True)
    def _sandbox(self, request: pytest.FixtureRequest) -> Iterator[None]:
        with SandboxServer(PluvoSandbox.empty()) as server:
            if "scenario" in request.fixturenames:
                request.getfixturevalue("scenario").config_dict["base_url"] = server.url
            yield


def _with_own_config(scenario: ConnectorTestScenario, suite: type[TestStandard]) -> ConnectorTestScenario:
    """The scenario with a configuration that the fixture can complete."""
    config = scenario.get_config_dict(connector_root=suite.get_connector_root_dir(), empty_if_missing=False)
    return scenario.model_copy(update={"config_dict": dict(config)})
