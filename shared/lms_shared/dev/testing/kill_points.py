"""Where a sweep kills a connector: at every write of a sync, or at the first write of each kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from lms_shared.dev.sandbox.requests_log import WriteEvent

KillPoint = int | str
"""The number of a write, from 1, or a kind of write: the first one of it is meant."""


def kinds(label: str) -> list[str]:
    """What a request writes, by the label it is counted under: its route, or each mutation of its GraphQL document."""
    route, _, mutations = label.rpartition(" ")
    return mutations.split("+") if " " in route else [label]


def is_at(event: WriteEvent, point: KillPoint) -> bool:
    """Whether a write is the one that is meant."""
    return event.number == point if isinstance(point, int) else point in kinds(event.label)


@dataclass
class KillPoints:
    """Listens to an undisturbed sync, as the hook of a server."""

    writes: int = 0
    _kinds: dict[str, None] = field(default_factory=dict)

    def __call__(self, event: WriteEvent) -> None:
        self.writes = max(self.writes, event.number)
        self._kinds.update(dict.fromkeys(kinds(event.label)))

    def chosen(self, *, whole: bool) -> list[KillPoint]:
        """All writes, or all kinds of writes in the order in which they were first seen."""
        return list(range(1, self.writes + 1)) if whole else list(self._kinds)
