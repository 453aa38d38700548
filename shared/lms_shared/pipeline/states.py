"""`state.json`: the last state of each incremental stream that the destination acknowledged."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lms_shared.pipeline.problems import PipelineConfigError

State = Mapping[str, Any]
STATISTICS = ("sourceStats", "destinationStats", "id")
"""Members of an acknowledged state that belong to the run and not to the next one."""


class StateFile:
    """Keeps states as far as they were acknowledged, on disk before anything else happens.

    A stream that is read whole starts from nothing each time, as in Airbyte, so its states are not kept.
    """

    def __init__(self, path: Path, incremental: Iterable[tuple[str | None, str]]) -> None:
        """`incremental` names the streams whose states count, as (namespace, name).

        Raises PipelineConfigError if the file holds something else than a list of states.
        """
        self._path = path
        self._incremental = frozenset(incremental)
        self._states = _read(path)

    def start(self) -> list[State]:
        """What the source starts from."""
        return [state for stream, state in self._states.items() if stream in self._incremental]

    def acknowledge(self, state: State) -> None:
        """Keeps a state; when this returns, it survives a crash. Raises OSError if it cannot be written."""
        stream = stream_of(state)
        if stream is None or stream not in self._incremental:
            return
        self._states[stream] = {key: value for key, value in state.items() if key not in STATISTICS}
        partial = self._path.with_name(f".{self._path.name}.partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(list(self._states.values()), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def stream_of(state: State) -> tuple[str | None, str] | None:
    """Namespace and name of the state's stream, or None for a state that is not about one stream."""
    descriptor = (state.get("stream") or {}).get("stream_descriptor") or {}
    name = descriptor.get("name")
    return (descriptor.get("namespace"), name) if isinstance(name, str) else None


def _read(path: Path) -> dict[tuple[str | None, str], State]:
    if not path.exists():
        return {}
    advice = f"Restore {path.name}, or delete it to read everything again."
    try:
        states = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineConfigError(f"{path} cannot be read ({type(error).__name__}). {advice}") from error
    if not isinstance(states, list):
        raise PipelineConfigError(f"{path} must hold a list of states. {advice}")
    by_stream = {}
    for state in states:
        stream = stream_of(state) if isinstance(state, dict) else None
        if stream is None:
            raise PipelineConfigError(f"{path} holds an entry that is not the state of a stream. {advice}")
        by_stream[stream] = state
    return by_stream
