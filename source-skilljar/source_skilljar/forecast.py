"""Says early how many calls a sync will take, and how long that is at the quota.

It lists the first pages of the parents that have children to be read. They are needed anyway and kept, so asking costs
no call. What hangs below a list whose length is not known yet counts as one row, so it is an estimate.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from airbyte_cdk.sources.streams.concurrent.abstract_stream import AbstractStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition

from source_skilljar.list_sizes import ListSizes
from source_skilljar.settings import Settings
from source_skilljar.stream_graph import Declaration, name_of, parents
from source_skilljar.sync import Sync

LOGGER = logging.getLogger("airbyte.source_skilljar")

MOST_LISTS_ASKED = 100
"""Parents that are spread over more lists than this are not counted beforehand."""


@dataclass(frozen=True)
class Forecast:
    """`calls` for the streams of a sync; an incremental one makes fewer."""

    calls: int
    is_incremental: bool

    def seconds(self, settings: Settings) -> float:
        """The least time that the quota allows for the calls."""
        minutes = max(0, self.calls - settings.per_minute) / settings.per_minute
        hours = max(0, self.calls - settings.per_hour) / settings.per_hour
        return max(minutes * 60, hours * 3600)

    def log(self, settings: Settings) -> None:
        """One line for whoever watches the sync."""
        seconds = round(self.seconds(settings))
        hours, minutes = divmod(seconds // 60, 60)
        LOGGER.info(
            "Expected calls to Skilljar: about %d%s. With %d calls a minute and %d an hour that takes %s.",
            self.calls,
            ", fewer where only changed parents are read" if self.is_incremental else "",
            settings.per_minute,
            settings.per_hour,
            f"at least {hours} h {minutes} min" if seconds >= 60 else "no long wait",
        )


def forecast(
    sync: Sync, declarations: Sequence[Declaration], streams: Sequence[AbstractStream], selected: Collection[str]
) -> Forecast:
    """The calls for the selected streams. `streams` are those of `declarations`, without cursors."""
    by_name = {name_of(declaration): declaration for declaration in declarations}
    listable = {stream.name: stream for stream in streams}
    sizes = sync.sizes = ListSizes()

    @cache
    def lists_and_rows(name: str) -> tuple[int, int]:
        above = parents(by_name[name])
        lists = sum(lists_and_rows(name_of(parent))[1] for parent in above) if above else 1
        if name in sync.shared_streams and lists <= MOST_LISTS_ASKED and not _is_driven(by_name[name]):
            _ask_first_pages(listable[name].generate_partitions(), sync.settings.num_workers)
            return lists, sizes.of(name).rows
        return lists, lists

    calls = 0
    for name in set(selected) | sync.shared_streams:
        lists, _ = lists_and_rows(name)
        size = sizes.of(name)
        calls += size.pages + max(0, lists - size.lists)
    sync.sizes = None
    return Forecast(calls, any("cursor" in by_name[name]["$parameters"]["listing"] for name in selected))


def _is_driven(declaration: Declaration) -> bool:
    """Whether an incremental sync reads only some of the stream's lists, so that asking for all would cost calls."""
    return "parent" in declaration["$parameters"]["listing"].get("cursor", {})


def _ask_first_pages(partitions: Iterable[Partition], num_workers: int) -> None:
    with ThreadPoolExecutor(num_workers) as pool:
        for _ in pool.map(_ask_first_page, partitions):
            pass


def _ask_first_page(partition: Partition) -> None:
    next(iter(partition.read()), None)
