"""Knows when a state message may go out: in input order, and only when every record before it is settled.

Settled means written, found unchanged, or recorded as rejected. The checkpoints holds counters, never records.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lms_shared.wire.messages import State, StreamId


@dataclass
class _Segment:
    """The records between two state messages."""

    open_records: int = 0
    state: State = field(default_factory=lambda: State({}))
    stream: StreamId | None = None
    taken: dict[StreamId, int] = field(default_factory=dict)
    rejected: dict[StreamId, int] = field(default_factory=dict)


class Ticket(NamedTuple):
    """The receipt of a record that was taken and is not settled yet."""

    segment: int
    stream: StreamId


class CheckpointTracker:
    """The records in flight and the states that wait for them."""

    def __init__(self, withheld: Iterable[StreamId] = ()) -> None:
        """`withheld` are the streams whose states go out only once they are released, and with them every state that
        is not of one stream."""
        self._withheld = set(withheld)
        self._kept: list[tuple[StreamId | None, State]] = []
        self._segments: deque[_Segment] = deque([_Segment()])
        self._first = 0
        self._since_state: dict[StreamId, list[int]] = {}

    def take(self, stream: StreamId) -> Ticket:
        """Takes a record in."""
        segment = self._segments[-1]
        segment.open_records += 1
        segment.taken[stream] = segment.taken.get(stream, 0) + 1
        return Ticket(self._first + len(self._segments) - 1, stream)

    def settle(self, ticket: Ticket, *, rejected: bool) -> None:
        """A record is written, unchanged or recorded as rejected."""
        segment = self._segments[ticket.segment - self._first]
        segment.open_records -= 1
        if rejected:
            segment.rejected[ticket.stream] = segment.rejected.get(ticket.stream, 0) + 1

    def hold(self, state: Mapping[str, Any], stream: StreamId | None) -> None:
        """Queues a raw `state` object behind all records so far; `stream` is None for a global state."""
        segment = self._segments[-1]
        segment.state = state if isinstance(state, State) else State(state)
        segment.stream = stream
        self._segments.append(_Segment())

    @property
    def waiting(self) -> bool:
        """Whether any state waits to go out."""
        return len(self._segments) > 1

    @property
    def any_due(self) -> bool:
        """Whether a state may go out now."""
        return self.waiting and self._segments[0].open_records == 0

    def due(self) -> Iterator[State]:
        """The states that may go out now, with `destinationStats`, everything else as it came."""
        while self.any_due:
            segment = self._segments.popleft()
            self._first += 1
            for stream, count in segment.taken.items():
                totals = self._since_state.setdefault(stream, [0, 0])
                totals[0] += count
                totals[1] += segment.rejected.get(stream, 0)
            answer = segment.state.answered(self._stats(segment.stream))
            if self._is_withheld(segment.stream):
                self._kept.append((segment.stream, answer))
            else:
                yield answer

    def _is_withheld(self, stream: StreamId | None) -> bool:
        return bool(self._withheld) if stream is None else stream in self._withheld

    def release(self, stream: StreamId) -> Iterator[State]:
        """Nothing speaks against the states of a stream any more; gives those that would have gone out by now."""
        self._withheld.discard(stream)
        out = [state for of, state in self._kept if not self._is_withheld(of)]
        self._kept = [(of, state) for of, state in self._kept if self._is_withheld(of)]
        yield from out

    def _stats(self, stream: StreamId | None) -> dict[str, float]:
        streams = list(self._since_state) if stream is None else [stream]
        counted = [self._since_state.pop(one, [0, 0]) for one in streams]
        taken, rejected = sum(one[0] for one in counted), sum(one[1] for one in counted)
        stats = {"recordCount": float(taken - rejected)}
        if rejected:
            stats["rejectedRecordCount"] = float(rejected)
        return stats
