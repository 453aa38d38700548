"""Reads the configured streams with the CDK's concurrent engine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from airbyte_cdk.models import AirbyteMessage, AirbyteStateMessage, ConfiguredAirbyteCatalog, SyncMode
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger

from lms_shared.activity import ACTIVITY
from lms_shared.source.batched_queue import BatchedQueue
from source_pluralsight.cursors.progress_state import ProgressState, read_state
from source_pluralsight.forecast import rows_expected, seconds_left
from source_pluralsight.session import Session
from source_pluralsight.streams import ENGINE, PROGRESS, Streams

LOGGER = logging.getLogger("airbyte.source_pluralsight")


def read_streams(
    session: Session, catalog: ConfiguredAirbyteCatalog, states: list[AirbyteStateMessage]
) -> Iterator[AirbyteMessage]:
    """The messages of a read."""
    session.log_notes({configured.stream.name for configured in catalog.streams})
    queue = BatchedQueue()
    messages = InMemoryMessageRepository()
    workers = session.run.settings.num_workers
    engine = ConcurrentSource.create(
        # Half of them find out what there is to read, which may take long, and half read; the client's own slots bound
        # the requests.
        num_workers=2 * workers,
        initial_number_of_partitions_to_generate=workers,
        logger=ENGINE,
        slice_logger=DebugSliceLogger(),
        message_repository=messages,
        queue=queue,
    )
    before = _progress_state(session, catalog, states)
    streams = Streams(session.run, session.plans, session.clock, before, queue, messages)
    configured = [
        streams.stream(one.stream.name)
        if one.stream.name in session.plans
        else streams.refused(one.stream.name, one.stream.json_schema, session.reason_against(one.stream.name))
        for one in catalog.streams
    ]
    ACTIVITY.estimates(seconds_left(streams.tallies), partial(rows_expected, streams.tallies))
    yield from engine.read(list(configured))
    warning = streams.off_plan.warning()
    if warning is not None:
        session.run.client.notices.warn(warning)


def _progress_state(
    session: Session, catalog: ConfiguredAirbyteCatalog, states: list[AirbyteStateMessage]
) -> ProgressState | None:
    """The state of course_progress, as far as it can be believed. A full refresh has none."""
    configured = next((one for one in catalog.streams if one.stream.name == PROGRESS), None)
    if configured is None or configured.sync_mode is not SyncMode.incremental:
        return None
    found = read_state(ConnectorStateManager(states).get_stream_state(PROGRESS, None), session.clock)
    if found.complaint is not None:
        start = "start_date" if session.run.settings.start_date is not None else "the beginning"
        LOGGER.warning("The state of %s %s. The stream is read from %s.", PROGRESS, found.complaint, start)
    return found.state
