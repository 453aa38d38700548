"""What comes in: records, states and stream statuses, as the engine takes them, and how a state goes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from lms_shared.wire.raw import raw_members, raw_object, with_raw_member


class State(dict[str, Any]):
    """A raw `state` object, with the line that it came in: only text gives back every digit and key as it came."""

    def __init__(self, values: Mapping[str, Any], line: str = "") -> None:
        super().__init__(values)
        self.line = line
        """Empty for a state that was given decoded."""

    def answered(self, stats: Mapping[str, float]) -> State:
        """The state as it goes out."""
        return State({**self, "destinationStats": stats}, self.line)


def state_line(state: Mapping[str, Any]) -> bytes:
    """The message that the state came in, each value as it is written there, with its `destinationStats`."""
    message = raw_members(state.line) if isinstance(state, State) and state.line else {}
    came = message.get("state")
    if came is None:
        return json.dumps({"type": "STATE", "state": state}, separators=(",", ":")).encode()
    answer = with_raw_member(came, "destinationStats", orjson.dumps(state["destinationStats"]).decode())
    unknown = {name: value for name, value in message.items() if name not in ("type", "state")}
    return raw_object({"type": '"STATE"', "state": answer, **unknown}).encode()


class StreamId(NamedTuple):
    """A stream, by name and namespace; a tuple, since it is looked up several times for each record."""

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
