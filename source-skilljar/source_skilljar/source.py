"""The source: checks the configuration, has the CDK build the streams of the manifest, and gives them their cursors."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, cast

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    FailureType,
    Status,
)
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.utils import AirbyteTracedException

from source_skilljar.forecast import forecast
from source_skilljar.manifest import declarations, manifest_of
from source_skilljar.settings import Settings, config_error, resolve_settings
from source_skilljar.stream_cursors import CursorDeclaration, with_cursor, without_cursor
from source_skilljar.stream_graph import Declaration, name_of, shared_streams
from source_skilljar.sync import SYNC_KEY, Sync

LOGGER = logging.getLogger("airbyte.source_skilljar")

CHECKED = frozenset({"domains"})
"""What `check` reads. Every organisation has a domain, so a key that cannot list them can read nothing."""
CHECK_RETRIES = 3
"""A person waits for a check, so it gives up sooner than a sync."""
_FEWEST_WORKERS = 2
"""The CDK needs a thread that lists parents and one that reads; how many calls run at a time is kept apart."""


class SourceSkilljar(ConcurrentDeclarativeSource):
    """Reads a Skilljar organisation.

    This class is the frame (spec, commands). Each command resolves the configuration and runs the manifest in a
    `SkilljarStreams` of its own, whose components share one `Sync`.
    """

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        super().__init__(catalog, config, state, source_config=manifest_of(CHECKED), config_path=config_path)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Whether the key reads the list of domains, and whether the configured ones are on it."""
        try:
            run = SkilljarStreams(manifest_of(CHECKED), resolve_settings(config), max_retries=CHECK_RETRIES)
            run.check_domains()
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """All streams, whatever the organisation has; no call is made."""
        return SkilljarStreams(manifest_of(), resolve_settings(config)).discover(logger, config)

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        """The streams of `discover`."""
        return SkilljarStreams(manifest_of(), resolve_settings(config)).streams(config)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Read the configured streams; one that there is not fails, after the others are read."""
        names = {configured.stream.name for configured in catalog.streams}
        shared = shared_streams(declarations(), names)
        run = SkilljarStreams(manifest_of(names | shared), resolve_settings(config), catalog, state)
        run.prepare(names, shared)
        yield from run.read(logger, config, catalog, state)
        if unknown := sorted(names - {name_of(declaration) for declaration in declarations()}):
            raise config_error(f"There is no stream {', '.join(unknown)}. Refresh the schema of the connection.")


class SkilljarStreams(ConcurrentDeclarativeSource):
    """The streams of one command."""

    def __init__(
        self,
        manifest: Mapping[str, Any],
        settings: Settings,
        catalog: ConfiguredAirbyteCatalog | None = None,
        state: list[AirbyteStateMessage] | None = None,
        max_retries: int | None = None,
    ) -> None:
        config = {
            "num_workers": max(settings.num_workers, _FEWEST_WORKERS),
            "requests_per_minute": settings.per_minute,
            "requests_per_hour": settings.per_hour,
            "base_url": settings.base_url,
        }
        super().__init__(catalog, config, state, source_config=dict(manifest))
        self._settings = settings
        self._states = ConnectorStateManager(state)
        self._sync = Sync(settings, self._message_repository, max_retries)
        self._config = {**self._config, SYNC_KEY: self._sync}

    def check_domains(self) -> None:
        """List the domains. Raises AirbyteTracedException that says what to change."""
        (domains,) = self._plain_streams
        found = {record.get("name") for partition in domains.generate_partitions() for record in partition.read()}
        missing = sorted(self._settings.domains - {str(name).lower() for name in found})
        if missing:
            raise config_error(f"The organisation has no domain {', '.join(missing)}. Correct or remove it in domains.")

    def streams(self, config: Mapping[str, Any]) -> list[AbstractStream]:
        return [
            self._with_cursor(cast(DefaultStream, stream), declaration)
            for stream, declaration in zip(self._plain_streams, self._declarations, strict=True)
        ]

    def prepare(self, selected: Collection[str], shared: frozenset[str]) -> None:
        """Take note of the pages that are needed more than once, and log how many calls are ahead."""
        self._sync.shared_streams = shared
        known = {name_of(declaration) for declaration in self._declarations}
        try:
            expected = forecast(self._sync, self._declarations, self._plain_streams, known.intersection(selected))
        except AirbyteTracedException as error:
            if error.failure_type is FailureType.config_error:
                raise
            LOGGER.warning("The number of calls could not be forecast: %s", error.message)
        else:
            expected.log(self._settings)

    @cached_property
    def _plain_streams(self) -> list[AbstractStream]:
        """The streams as the CDK builds them, which list everything."""
        return super().streams(self._config)

    @property
    def _declarations(self) -> list[Declaration]:
        return list(self.resolved_manifest["streams"])

    def _with_cursor(self, stream: DefaultStream, declaration: Declaration) -> DefaultStream:
        declared = declaration["$parameters"]["listing"].get("cursor")
        key = list(declaration["primary_key"])
        if declared is None:
            return without_cursor(stream, key, self._sync)
        blob = self._states.get_stream_state(stream.name, None)
        return with_cursor(
            stream,
            CursorDeclaration.of(declared),
            key,
            blob,
            self._sync,
            self._message_repository,
        )
