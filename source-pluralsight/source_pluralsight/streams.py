"""Builds the streams that the CDK reads from what was planned: each with its partitions and its cursor."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor, CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from lms_shared.errors import config_error
from source_pluralsight.cursors.instants import EPOCH, Instant
from source_pluralsight.cursors.progress import ProgressCursor
from source_pluralsight.cursors.progress_state import ProgressState
from source_pluralsight.cursors.whole import WholeStreamCursor
from source_pluralsight.partitions.lists import ListPerParent, ListStream, ParentKeys
from source_pluralsight.partitions.progress import ProgressParts
from source_pluralsight.partitions.rows import OffPlanCourses, Step, Tally, in_states, with_whole_key
from source_pluralsight.partitions.stream_reader import Run, StreamReader
from source_pluralsight.planning.plan import StreamPlan

PROGRESS, CATALOG = "course_progress", "course_catalog"
ENGINE = logging.getLogger("airbyte.source_pluralsight.engine")
"""The CDK says here what the stream statuses say as well, and failures once more, with their stack traces."""
ENGINE.setLevel(logging.CRITICAL)


@dataclass
class Streams:
    """The streams of one read."""

    run: Run
    plans: Mapping[str, StreamPlan]
    clock: Instant
    before: ProgressState | None
    """The state of course_progress."""
    queue: Queue[Any]
    messages: InMemoryMessageRepository
    off_plan: OffPlanCourses = field(default_factory=OffPlanCourses)
    tallies: dict[str, Tally] = field(default_factory=dict)
    _parents: dict[tuple[str, str], ParentKeys] = field(default_factory=dict)

    def stream(self, name: str) -> DefaultStream:
        """A planned stream."""
        plan = self.plans[name]
        reader = StreamReader(self.run, plan)
        tally = self.tallies[name] = Tally()
        steps = tuple(self._steps(plan, tally))
        notices = self.run.client.notices
        if plan.cursor_field is not None and plan.parent is None:
            start = self.run.settings.start_date or EPOCH
            cursor = ProgressCursor(name, self.before, start, self.clock, self.queue, self.messages, tally, notices)
            parts = ProgressParts(reader, cursor, steps, tally, self.before, self.clock)
            return as_stream(plan, parts, cursor)
        whole = WholeStreamCursor(name, self.messages, tally, notices)
        if plan.parent is None:
            return as_stream(plan, ListStream(reader, steps, tally), whole)
        return as_stream(plan, ListPerParent(reader, steps, tally, self._parent_keys(plan)), whole)

    def refused(self, name: str, schema: Mapping[str, Any], reason: str) -> DefaultStream:
        """A configured stream that cannot be read: it fails with the reason, and the others go on."""
        cursor = WholeStreamCursor(name, self.messages, Tally(has_failed=True), self.run.client.notices)
        return DefaultStream(_Refused(name, reason), name, schema, [], None, ENGINE, cursor)

    def _steps(self, plan: StreamPlan, tally: Tally) -> Iterable[Step]:
        if plan.primary_key:
            yield with_whole_key(plan.primary_key, tally)
        if plan.name == CATALOG:
            if self.run.settings.course_states:
                yield in_states(self.run.settings.course_states, tally)
            yield self.off_plan.of_catalog
        if plan.name == PROGRESS:
            yield self.off_plan.of_progress

    def _parent_keys(self, plan: StreamPlan) -> ParentKeys:
        assert plan.parent is not None  # the caller has seen to it
        wanted = (plan.parent.stream, plan.parent.key)
        if wanted not in self._parents:
            reader = StreamReader(self.run, self.plans[plan.parent.stream])
            self._parents[wanted] = ParentKeys(reader, plan.parent.key)
        return self._parents[wanted]


def as_stream(plan: StreamPlan, parts: PartitionGenerator, cursor: Cursor) -> DefaultStream:
    """A stream of the CDK."""
    cursor_field = CursorField(plan.cursor_field) if plan.cursor_field is not None and plan.parent is None else None
    return DefaultStream(parts, plan.name, plan.schema, list(plan.primary_key), cursor_field, ENGINE, cursor)


class _Refused(PartitionGenerator):
    def __init__(self, stream: str, reason: str) -> None:
        self._stream = stream
        self._reason = reason

    def generate(self) -> Iterable[Partition]:
        raise config_error(
            f"Stream {self._stream} cannot be read: {self._reason}. Check the API key, or refresh the source schema "
            "and deselect the stream."
        )
