"""What is told while a pipeline runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol

from lms_shared.activity import Pace


@dataclass
class Progress:
    """How far a run is. The chain counts what passes; the rest is what the connectors say about themselves."""

    records: Counter[str] = field(default_factory=Counter)
    """Records that the source sent, by stream."""
    states: int = 0
    """States that the destination acknowledged."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """The source's last `sync progress`: `records`, `calls`, `records_expected`, `waiting_for`, `waiting_seconds`,
    `eta_seconds`."""
    destination: Mapping[str, Any] = field(default_factory=dict)
    """The destination's last `sync progress`: `written`, `rejected`, `unsettled`, and the rest as the source's."""
    summaries: list[dict[str, Any]] = field(default_factory=list)
    """The destination's `sync summary` of each stream and object."""
    pace: Pace = field(default_factory=Pace)

    def as_json(self) -> dict[str, Any]:
        """`records`, `written`, `rejected`, `calls` of both sides; `waiting_for`, `waiting_seconds`, `eta_seconds` if
        said.

        The end is the latest of what each side expects, and of what the destination needs at its pace for all records
        that the source expects. The end of a wait says nothing about the end of the run, and is left out.
        """
        sides = {"source": self.source, "destination": self.destination}
        calls = {name: said["calls"] for name, said in sides.items() if "calls" in said}
        if self.summaries:
            calls["destination"] = self._count("calls", ("requests",))
        told: dict[str, Any] = {
            "records": self.records.total(),
            "written": self._count("written", ("created", "updated", "deactivated")),
            "rejected": self._count("rejected", ("rejected",)),
            "calls": calls,
            "states": self.states,
        }
        if self.summaries:
            return told  # what was said about waits and the end holds no longer
        waiting = {
            key: {name: said[key] for name, said in sides.items() if said.get("waiting_for") and key in said}
            for key in ("waiting_for", "waiting_seconds")
        }
        times = [
            said["eta_seconds"]
            for said in sides.values()
            if isinstance(said.get("eta_seconds"), int | float) and said["eta_seconds"] != said.get("waiting_seconds")
        ]
        if (seconds := self._seconds_to_write()) is not None:
            times.append(seconds)
        return {
            **told,
            **{key: by_side for key, by_side in waiting.items() if by_side},
            **({"eta_seconds": max(times)} if times else {}),
        }

    def _seconds_to_write(self) -> int | None:
        """What the destination still needs for the records that the source expects; None while nobody knows."""
        expected = self.source.get("records_expected")
        if not isinstance(expected, int):
            return None
        done = int(self.destination.get("records") or 0) - int(self.destination.get("unsettled") or 0)
        seconds = self.pace.seconds_for(max(0, expected - done), done)
        return None if seconds is None else ceil(seconds)

    def _count(self, said: str, summed: tuple[str, ...]) -> int:
        """What the summaries add up to, and while there are none, what the destination said last."""
        if self.summaries:
            return sum(int(one.get(name, 0)) for one in self.summaries for name in summed)
        return int(self.destination.get(said) or 0)


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    exit_code: int
    seconds: float
    progress: Progress
    error: str | None = None
    """Why it did not end well: a sentence that says what to change."""
    report: str | None = None
    """Where the report page is, or None if none is kept."""
    dry_run: bool = False

    @property
    def summaries(self) -> list[dict[str, Any]]:
        return self.progress.summaries

    def total(self, *names: str) -> int:
        """A count of the summaries, or several together, over all streams."""
        return sum(int(one.get(name, 0)) for one in self.summaries for name in names)

    @property
    def written(self) -> int:
        """Objects that were created, changed or deactivated."""
        return self.total("created", "updated", "deactivated")


class Reporter(Protocol):
    """Tells a person or a program what happens. Called from one thread."""

    def checked(self, connector: str) -> None:
        """A connector reaches its LMS."""

    def said(self, connector: str, level: str, text: str) -> None:
        """A connector logged something that deserves attention."""

    def running(self, progress: Progress) -> None:
        """Called several times a second while both connectors run."""

    def finished(self, result: RunResult) -> None:
        """The run is over."""
