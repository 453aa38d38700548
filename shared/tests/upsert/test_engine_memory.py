"""Memory stays flat: what is settled is forgotten, and what is deferred lies on disk."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.dev.testing.syncs import Stream, catalog, record, state
from lms_shared.wire.parsing import parse_lines

FILLER = "x" * 400


def peak(destination: ActivationDestination, streams: list[Stream], sent: Iterator[Mapping[str, Any]]) -> int:
    """Most bytes that a sync held at once."""
    parsed = parse_lines(json.dumps(one).encode() for one in sent)
    config = {"api_key": "k", "batch_size": 500, "num_workers": 2}
    gc.collect()
    tracemalloc.start()
    try:
        for _ in destination.sync(config, catalog(streams), parsed):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def repeated(records: int) -> Iterator[Mapping[str, Any]]:
    """Many records of few learners, so that the LMS itself does not grow."""
    for number in range(records):
        yield record("users", {"email": f"{number % 50}@example.com", "note": f"{number}{FILLER}"})
        if number % 100 == 99:
            yield state("users", {"sent": number})


def unresolved(records: int) -> Iterator[Mapping[str, Any]]:
    """Records whose learner might still come until the input ends."""
    for number in range(records):
        data = {"user_email": f"{number}@example.com", "learning_object_external_reference": "c", "note": FILLER * 5}
        yield record("assignments", data)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("streams", "make", "few", "bytes_a_record"),
    [
        # As many as the input reads ahead and more, so that all buffers are full.
        ([Stream("users")], repeated, 4_000, 100),
        ([Stream("assignments"), Stream("users")], unresolved, 2_000, 2_000),
    ],
    ids=["settled records", "deferred records"],
)
def test_three_times_the_records_do_not_take_three_times_the_memory(
    streams: list[Stream], make: Any, few: int, bytes_a_record: int
) -> None:
    small, large = (peak(MemoryDestination(), streams, make(records)) for records in (few, 3 * few))
    assert large - small < 2 * few * bytes_a_record, (small, large)
