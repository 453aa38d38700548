"""Keeps the statuses of streams in the order that Airbyte expects: STARTED first, nothing after the end, none of
streams that are read only to find the parents of others."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from airbyte_cdk.models import AirbyteMessage, AirbyteStreamStatus

_ENDS = frozenset({AirbyteStreamStatus.COMPLETE, AirbyteStreamStatus.INCOMPLETE})


def in_order(messages: Iterator[AirbyteMessage], selected: Collection[str]) -> Iterator[AirbyteMessage]:
    """The messages without RUNNING statuses that come too early, too late, or for a stream that was not selected."""
    running: set[str] = set()
    for message in messages:
        status = message.trace.stream_status if message.trace is not None else None
        if status is None:
            yield message
            continue
        name = status.stream_descriptor.name
        if status.status is AirbyteStreamStatus.STARTED:
            running.add(name)
        elif status.status in _ENDS:
            running.discard(name)
        if status.status is not AirbyteStreamStatus.RUNNING or (name in running and name in selected):
            yield message
