"""A state message's `state` object, kept so that it goes back exactly as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
