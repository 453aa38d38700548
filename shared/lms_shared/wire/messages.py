"""What comes in: records, states and stream statuses, as the engine takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.wire.state import State


@dataclass(frozen=True)
class StreamId:
    """A stream, by name and namespace."""

    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


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
