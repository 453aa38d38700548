"""The source: checks the configuration, and has the CDK read the streams of the table."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import partial
from queue import Queue
from typing import Any, cast

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    AirbyteStreamStatus,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Level,
    Status,
    SyncMode,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import InMemoryMessageRepository, MessageRepository
from airbyte_cdk.sources.message.concurrent_repository import ConcurrentMessageRepository
from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.types import Record
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.stream_status_utils import as_airbyte_message

from lms_shared.config.tidy import tidied
from lms_shared.deadline import CHECK_SECONDS, DeadlinePassed, within
from lms_shared.errors import config_error
from lms_shared.source.failures import failures_said_once
from source_skilljar.config import Settings, form, resolve_settings
from source_skilljar.declarations import declared_streams, shared_lists
from source_skilljar.forecast import forecast
from source_skilljar.run_context import RunContext
from source_skilljar.stream import make_stream, make_v2_stream
from source_skilljar.stream_statuses import in_order
from source_skilljar.v2.reader import NO_CLIENT
from source_skilljar.v2.streams import V2_STREAMS

LOGGER = logging.getLogger("airbyte.source_skilljar")

DOCUMENTATION_URL = "https://docs.airbyte.com/integrations/sources/skilljar"
SILENT = (
    "Skilljar does not answer in time: base_url accepts the connection and then says nothing, or never finishes. "
    "Correct base_url, check any firewall or proxy in between, or try again later."
)
_QUEUE_LENGTH = 1_000
"""Records that wait for the main thread: a tenth of a large page, so that two pages are never in memory at once."""
_FEWEST_WORKERS = 2
"""The CDK needs a thread that lists parents and one that reads; how many calls run at a time is kept apart."""


class SourceSkilljar(Source):
    """Reads a Skilljar organization."""

    def __init__(
        self,
        catalog: ConfiguredAirbyteCatalog | None = None,
        config: Mapping[str, Any] | None = None,
        state: list[AirbyteStateMessage] | None = None,
        config_path: str | None = None,
    ) -> None:
        """The arguments are those of every Airbyte source; the commands get their own."""

    def spec(self, logger: logging.Logger) -> ConnectorSpecification:
        """The form."""
        return ConnectorSpecification(
            documentationUrl=DOCUMENTATION_URL, connectionSpecification=form(), supportsIncremental=True
        )

    def configure(self, config: Mapping[str, Any], temp_dir: str) -> Mapping[str, Any]:
        """The config without blanks around pasted values."""
        return super().configure(tidied(form(), config), temp_dir)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Whether the key reads the list of domains, whether the configured ones are on it, and what a client of
        version 2 may read."""
        try:
            settings = resolve_settings(config)
            context = RunContext(settings, declared_streams(), InMemoryMessageRepository(), for_check=True)
            told = within(CHECK_SECONDS, partial(_checked, context))
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        except DeadlinePassed:
            return AirbyteConnectionStatus(status=Status.FAILED, message=SILENT)
        if told:
            LOGGER.warning(told)
        return AirbyteConnectionStatus(status=Status.SUCCEEDED, message=told or None)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """All streams of version 1, whatever the organization has, and those of version 2 that the client may read.
        Without a client no call is made."""
        context = RunContext(resolve_settings(config), declared_streams(), InMemoryMessageRepository())
        streams = [make_stream(declared, context, {}) for declared in context.streams.values()]
        if context.version_two is not None:
            access = context.version_two.access()
            if access.missing:
                LOGGER.warning(access.told())
            streams += [make_v2_stream(one, context, {}) for one in access.streams]
        return AirbyteCatalog(streams=[stream.as_airbyte_stream() for stream in streams])

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Read the configured streams. An unknown one fails after the others are read.

        A stream that is configured for full refresh is read in full, whatever its state says.
        """
        settings = resolve_settings(config)
        yield from failures_said_once(in_order(_read(settings, catalog, state), _names(catalog)))
        unread = [name for name in _names(catalog) if name in V2_STREAMS and settings.v2_credentials is None]
        if unread:
            raise config_error(NO_CLIENT.format(", ".join(unread)))
        unknown = [name for name in _names(catalog) if name not in declared_streams() and name not in V2_STREAMS]
        if unknown:
            raise config_error(f"Unknown stream: {', '.join(sorted(unknown))}. Refresh the schema of the connection.")


def _names(catalog: ConfiguredAirbyteCatalog) -> list[str]:
    return [configured.stream.name for configured in catalog.streams]


def _checked(context: RunContext) -> str:
    """What a check has to say of a connection that works. Raises AirbyteTracedException for one that does not."""
    context.check_domains()
    return context.version_two.access().told() if context.version_two is not None else ""


def _read(
    settings: Settings, catalog: ConfiguredAirbyteCatalog, state: list[AirbyteStateMessage] | None
) -> Iterator[AirbyteMessage]:
    queue: Queue[Any] = Queue(_QUEUE_LENGTH)
    messages = ConcurrentMessageRepository(queue, InMemoryMessageRepository(Level.INFO))
    context = RunContext(settings, declared_streams(), messages)
    of_version_two = V2_STREAMS if context.version_two is not None else {}
    for configured in catalog.streams:
        if configured.stream.name not in context.streams and configured.stream.name not in of_version_two:
            yield as_airbyte_message(configured.stream, AirbyteStreamStatus.INCOMPLETE)
    states = _states(catalog, state)
    selected = [name for name in _names(catalog) if name in context.streams]
    from_version_two = [of_version_two[name] for name in _names(catalog) if name in of_version_two]
    if not selected and not from_version_two:
        return
    context.shared_lists = shared_lists(context.streams, selected)
    if settings.domain_names:
        context.check_domains()
    _say_forecast(context, states)
    streams = [make_stream(context.streams[name], context, states[name]) for name in selected]
    streams += [make_v2_stream(one, context, states[one.name]) for one in from_version_two]
    yield from _concurrently(settings, queue, messages).read(cast(list[AbstractStream], streams))


def _states(catalog: ConfiguredAirbyteCatalog, state: list[AirbyteStateMessage] | None) -> dict[str, Mapping[str, Any]]:
    """What the last sync left for each stream; nothing for one that is to be read in full."""
    manager = ConnectorStateManager(state)
    return {
        one.stream.name: {}
        if one.sync_mode is SyncMode.full_refresh
        else manager.get_stream_state(one.stream.name, None)
        for one in catalog.streams
    }


def _say_forecast(context: RunContext, states: Mapping[str, Mapping[str, Any]]) -> None:
    try:
        expected = forecast(context, states)
    except AirbyteTracedException as error:
        # Whatever it is, the streams meet it as well, and say so.
        LOGGER.warning("The number of calls could not be forecast: %s", error.message)
    else:
        expected.log(context.settings)


def _concurrently(settings: Settings, queue: Queue[Any], messages: MessageRepository) -> ConcurrentSource:
    workers = max(settings.num_workers, _FEWEST_WORKERS)
    return ConcurrentSource.create(
        num_workers=workers,
        initial_number_of_partitions_to_generate=workers // 2,
        logger=LOGGER,
        slice_logger=DebugSliceLogger(),
        message_repository=messages,
        queue=cast("Queue[Record]", queue),  # type: ignore[arg-type] # the CDK's union of what it puts in
    )
