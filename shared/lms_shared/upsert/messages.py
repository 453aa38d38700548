"""What comes in: records, states and stream statuses, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.upsert.routing import StreamId


class State(dict[str, Any]):
    """A raw `state` object, with the line that it came in: only text gives back every digit and key as it came."""

    def __init__(self, values: Mapping[str, Any], line: str = "") -> None:
        super().__init__(values)
        self.line = line
        """Empty for a state that was given decoded."""

    def answered(self, stats: Mapping[str, float]) -> State:
        """The state as it goes out."""
        return State({**self, "destinationStats": stats}, self.line)


@dataclass(frozen=True)
class RecordMessage:
    """A record, with the whole message as it came."""

    stream: StreamId
    data: Any
    message: Mapping[str, Any]
    size: int
    problem: str | None = None
    """Why the line can only be rejected, or None."""


@dataclass(frozen=True)
class StateMessage:
    """A state, with the raw `state` object; `stream` is None for a global or legacy state."""

    stream: StreamId | None
    state: State
    size: int = field(default=0, compare=False)


@dataclass(frozen=True)
class StatusMessage:
    """A stream status of the source."""

    stream: StreamId
    complete: bool


Input = RecordMessage | StateMessage | StatusMessage
