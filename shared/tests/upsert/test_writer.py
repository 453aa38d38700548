"""What may be written at the same time, and what must not be."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from lms_shared.adapter.adapter import EntitySink, References, Values
from lms_shared.adapter.remote import Key, RemoteObject
from lms_shared.dev.testing.memory_adapter import declarations
from lms_shared.model.declarations import Mode
from lms_shared.upsert.apply.apply import Applier
from lms_shared.upsert.apply.writer import Writer
from lms_shared.upsert.item import Item
from lms_shared.upsert.match.resolver import ReferenceResolver
from lms_shared.wire.messages import StreamId


class MeetingSink(EntitySink):
    """Creates that wait for each other: whether they meet shows whether they run at the same time."""

    def __init__(self, wait: float) -> None:
        super().__init__(declarations()["content"])
        self._barrier = threading.Barrier(2)
        self._wait = wait
        self.met = False

    def find(self, key: Key, *, fresh: bool = False) -> list[RemoteObject]:
        return []

    def create(self, values: Values, references: References) -> RemoteObject:
        try:
            self._barrier.wait(self._wait)
            self.met = True
        except threading.BrokenBarrierError:
            self._barrier.reset()
        return RemoteObject("1", values)

    def update(self, remote: RemoteObject, changes: Values, references: References) -> RemoteObject:
        raise AssertionError("nothing is found, so nothing is updated")


def item(number: int, values: dict[str, Any]) -> Item:
    return Item(number, StreamId(f"stream {number}"), "content", Mode.UPSERT, values, 1)


def write(sink: MeetingSink, *values: dict[str, Any]) -> None:
    sinks = {"content": sink}
    resolver = ReferenceResolver(sinks, sinks, remember_all=False)
    writer = Writer(sinks, resolver, Applier("LMS", dry_run=False, prove=resolver.fields.prove), 2)
    ready, results, failure = writer.prepare(sink, [item(number, one) for number, one in enumerate(values)])
    assert (results, failure) == ([], None)
    outcomes, failure = writer.write(sink, ready)
    assert failure is None
    assert len(outcomes) == len(values)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"external_reference": "c-1", "title": "One"}, {"external_reference": "c-1", "title": "Two"}),
        ({"external_reference": "c-1", "title": "Same"}, {"external_reference": "c-2", "title": "same"}),
        ({"external_reference": "c-1", "title": "A & B"}, {"external_reference": "c-2", "title": "A  &amp; B"}),
        ({"external_reference": "c-1", "id": "7", "title": "One"}, {"id": "7", "title": "Two"}),
    ],
    ids=["the same key", "the same title", "titles that read the same", "the same second key"],
)
def test_what_could_be_the_same_object_is_written_one_after_the_other(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    sink = MeetingSink(wait=0.1)
    write(sink, one, other)
    assert not sink.met


def test_what_is_independent_is_written_at_the_same_time() -> None:
    sink = MeetingSink(wait=30)
    write(sink, {"external_reference": "c-1", "title": "One"}, {"external_reference": "c-2", "title": "Two"})
    assert sink.met
