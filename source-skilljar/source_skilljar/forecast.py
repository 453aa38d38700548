"""Says early how many calls a sync will take, and how long that is at the quota.

It lists the first pages of the parents that have children to be read. They are needed anyway and kept, so asking costs
no call. What hangs below a list whose length is not known yet counts as one row, so it is an estimate.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from lms_shared.activity import ACTIVITY
from source_skilljar.config import Settings
from source_skilljar.cursors.checkpoint import LISTED_AT
from source_skilljar.cursors.timestamps import parse_timestamp
from source_skilljar.declarations import StreamDeclaration, ancestors
from source_skilljar.partitions.parent_rows import ListIds
from source_skilljar.run_context import RunContext
from source_skilljar.stream import leaves_out_quiet_lists, rotation_period, state_key

LOGGER = logging.getLogger("airbyte.source_skilljar")

MOST_LISTS_ASKED = 100
"""Parents that are spread over more lists than this are not counted beforehand."""


@dataclass(frozen=True)
class Forecast:
    """`calls` for the streams of a sync, without those for the children of parents that changed since the last one,
    which cannot be known before; `has_changes` says whether there may be such."""

    calls: int
    has_changes: bool

    def seconds(self, settings: Settings) -> float:
        """The least time that the quota allows for the calls."""
        minutes = max(0, self.calls - settings.requests_per_minute) / settings.requests_per_minute
        hours = max(0, self.calls - settings.requests_per_hour) / settings.requests_per_hour
        return max(minutes * 60, hours * 3600)

    def log(self, settings: Settings) -> None:
        """One line for whoever watches the sync, and the time for the lines that follow."""
        seconds = round(self.seconds(settings))
        ACTIVITY.expects(seconds)
        hours, minutes = divmod(seconds // 60, 60)
        LOGGER.info(
            "Expected calls to Skilljar: about %d%s. With %d calls a minute and %d an hour that takes %s.",
            self.calls,
            ", and those for what changed since the last sync" if self.has_changes else "",
            settings.requests_per_minute,
            settings.requests_per_hour,
            f"at least {hours} h {minutes} min" if seconds >= 60 else "no long wait",
        )


def forecast(context: RunContext, states: Mapping[str, Mapping[str, Any]]) -> Forecast:
    """The calls for the streams of `states`, each with its state of the last sync, empty where all is read.

    Raises what listing the parents raises.
    """
    streams = context.streams
    selected = [name for name in states if name in streams]
    above = {parent for name in selected for parent in ancestors(streams, name)}

    @cache
    def lists_and_rows(name: str) -> tuple[int, int]:
        declared = streams[name]
        lists = sum(lists_and_rows(parent.stream)[1] for parent in declared.parents) if declared.parents else 1
        if name in above and lists <= MOST_LISTS_ASKED and not _has_parent_cursor(declared):
            _ask_first_pages(context, declared, context.parents.lists(declared))
            return lists, context.counts.of(name).rows
        return lists, lists

    calls = 0
    counted: set[tuple[str, str]] = set()
    for name in sorted({*selected, *above}, key=lambda name: name not in above):
        declared = streams[name]
        if declared.list_address in counted:
            continue
        counted.add(declared.list_address)
        lists, _ = lists_and_rows(name)
        size = context.counts.of(name)
        pages = size.pages + max(0, lists - size.lists)
        calls += math.ceil(pages * _share(declared, states.get(name, {}), context))
    changes = any(states[name] and _has_parent_cursor(streams[name]) for name in selected)
    return Forecast(calls, changes)


def _has_parent_cursor(declared: StreamDeclaration) -> bool:
    """Whether an incremental sync reads only some of the stream's lists, so that asking for all would cost calls."""
    return declared.cursor is not None and declared.cursor.parents is not None


def _share(declared: StreamDeclaration, state: Mapping[str, Any], context: RunContext) -> float:
    """How much of a stream's lists is read whether anything changed or not."""
    if declared.cursor is None:
        return 1.0
    is_quiet = leaves_out_quiet_lists(declared, context)
    if declared.cursor.parents is None and not is_quiet:
        return 1.0
    reached: datetime | None = parse_timestamp(state.get(LISTED_AT if is_quiet else state_key(declared.cursor)))
    if reached is None:
        return 1.0
    days = context.settings.max_staleness_days
    period = timedelta(days=days) if is_quiet else rotation_period(declared, days)
    if period is None:
        return 0.0
    return min(1.0, (context.began() - reached) / period) if period else 1.0


def _ask_first_pages(context: RunContext, declared: StreamDeclaration, lists: Iterable[ListIds]) -> None:
    with ThreadPoolExecutor(context.settings.num_workers) as pool:
        for _ in pool.map(partial(_ask_first_page, context, declared), lists):
            pass


def _ask_first_page(context: RunContext, declared: StreamDeclaration, ids: ListIds) -> None:
    next(context.records(declared, {**ids.values, **ids.columns}), None)
