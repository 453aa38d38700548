"""The cursor of streams that are read whole: its only state says that the stream was read to its end."""

from __future__ import annotations

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import FinalStateCursor

from source_pluralsight.api.notices import Notices
from source_pluralsight.partitions.rows import Tally


class WholeStreamCursor(FinalStateCursor):
    """Says at the end of the stream what was left out of it."""

    def __init__(self, stream: str, messages: MessageRepository, tally: Tally, notices: Notices) -> None:
        super().__init__(stream, None, messages)
        self._name = stream
        self._tally = tally
        self._notices = notices

    def ensure_at_least_one_state_emitted(self) -> None:
        for warning in self._tally.warnings(self._name):
            self._notices.warn(warning)
        if not self._tally.has_failed:
            super().ensure_at_least_one_state_emitted()
