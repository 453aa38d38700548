"""How far a stream of version 2 was read: a checkpoint for each window, and never ahead of Skilljar's clock."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from airbyte_cdk.sources.message import MessageRepository

from lms_shared.source.parts_cursor import PartsCursor
from source_skilljar.cursors.timestamps import format_timestamp
from source_skilljar.v2.windows import (
    CDK_MARKS,
    Window,
    WindowState,
    cut_anew,
    due_shares,
    first_windows,
    gathered,
    read_state,
)

LOGGER = logging.getLogger("airbyte.source_skilljar")


class V2Part(Protocol):
    """A partition as the cursor sees it."""

    @property
    def window(self) -> Window | None:
        """The window of rows' own time that it reads; None for a part that reads what changed."""

    @property
    def times(self) -> array[float]:
        """The times of the rows that were read."""

    @property
    def was_skipped(self) -> bool:
        """Whether nothing was read, since another part had failed."""


@dataclass(frozen=True)
class Plan:
    """What a sync reads: the changes since a moment, None for a first read, and windows of the list."""

    changes_since: datetime | None
    windows: tuple[Window, ...]


class WindowCursor(PartsCursor):
    """Its state says that everything outside the windows that are left was read at one moment or later. So a sync that
    breaks goes on with the windows that are left, and with what changed since that moment."""

    def __init__(self, stream: str, state: Mapping[str, Any], messages: MessageRepository) -> None:
        super().__init__(stream, messages.emit_message, messages)
        self._given = state
        self._before: WindowState | None = None
        self._after: WindowState | None = None
        """The state that holds once all changes are read, and with each window that is."""
        self._changes_are_read = False

    def plan(self, now: datetime, start: datetime | None, look_back: timedelta, period: timedelta) -> Plan:
        """What is to be read, for a sync that began at `now` by Skilljar's clock. All is read anew within a period."""
        before = self._before = self._believed(now, start)
        if before is None:
            windows = first_windows(now)
        else:
            windows = gathered([*before.left, *due_shares(before, self._stream, now, period)])
        wanted = tuple(part for one in windows if (part := one.since(start)) is not None)
        self._after = WindowState(now, wanted, before.cuts if before is not None else ())
        self._changes_are_read = before is None
        return Plan(None if before is None else before.read_until - look_back, wanted)

    def changes_are_read(self) -> None:
        """All that changed since the last sync was read."""
        with self._changed:
            self._changes_are_read = True

    def _believed(self, now: datetime, start: datetime | None) -> WindowState | None:
        """The state that came in; None if there is none, or one that is not of a known form, or in the future."""
        state = read_state(self._given)
        if state is None:
            if not self._given.keys() <= CDK_MARKS:
                LOGGER.warning(
                    "Stream %s: its state is not of a known form, so the stream is read in full.", self._stream
                )
            return None
        if state.read_until <= now:
            return state
        LOGGER.warning(
            "Stream %s: its state lies in the future (%s), so it is not used. The stream is read %s.",
            self._stream,
            format_timestamp(state.read_until),
            f"from {format_timestamp(start)}" if start else "in full",
        )
        return None

    def _was_skipped(self, part: V2Part) -> bool:
        return part.was_skipped

    def _read(self, part: V2Part) -> bool:
        if part.window is None or self._after is None:
            return False
        self._after = replace(
            self._after,
            left=tuple(one for one in self._after.left if one != part.window),
            cuts=cut_anew(self._after.cuts, part.window, part.times),
        )
        return self._changes_are_read

    def _checkpoint(self) -> MutableMapping[str, Any]:
        if self._after is not None and self._changes_are_read:
            return self._after.to_json()
        return dict(self._given)

    def _final(self) -> MutableMapping[str, Any]:
        return self._checkpoint()
