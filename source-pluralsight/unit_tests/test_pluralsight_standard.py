"""Airbyte's standard connector tests, on the sandbox and in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase

from lms_shared.dev.sandbox.pluralsight.sandbox import PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from source_pluralsight.source import SourcePluralsight

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]


@pytest.mark.filterwarnings("error::airbyte_cdk.test.standard_tests.DiscoveredCatalogWarning")
class TestStandard(SourceTestSuiteBase):
    """The suite; the scenarios are those of acceptance-test-config.yml with the sandbox's address."""

    @classmethod
    def get_scenarios(cls) -> list[ConnectorTestScenario]:
        return [_with_own_config(scenario, cls) for scenario in super().get_scenarios()]

    @classmethod
    def create_connector(cls, scenario: ConnectorTestScenario | None) -> Any:
        if scenario is None:
            return SourcePluralsight()
        root = cls.get_connector_root_dir()
        return SourcePluralsight(config=scenario.get_config_dict(connector_root=root, empty_if_missing=True))

    @pytest.fixture(autouse=True)
    def _sandbox(self, request: pytest.FixtureRequest) -> Iterator[None]:
        with SandboxServer(PluralsightSandbox()) as server:
            if "scenario" in request.fixturenames:
                request.getfixturevalue("scenario").config_dict["endpoint"] = f"{server.url}/graphql"
            yield


def _with_own_config(scenario: ConnectorTestScenario, suite: type[TestStandard]) -> ConnectorTestScenario:
    """The scenario with a configuration that the fixture can complete."""
    config = scenario.get_config_dict(connector_root=suite.get_connector_root_dir(), empty_if_missing=False)
    return scenario.model_copy(update={"config_dict": dict(config)})
