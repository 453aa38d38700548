"""A state message's `state` object, kept so that it goes back exactly as it came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class State(dict[str, Any]):
    """A raw `state` object, with the line that it came in: only text gives back every digit and key as it came."""

    def __init__(self, values: Mapping[str, Any], line: str = "") -> None:
        super().__init__(values)
        self.line = line
        """Empty for a state that was given decoded."""

    def answered(self, stats: Mapping[str, float]) -> State:
        """The state as it goes out."""
        return State({**self, "destinationStats": stats}, self.line)
