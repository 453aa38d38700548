"""Records are handed over together, and nothing overtakes them."""

from __future__ import annotations

import threading

from airbyte_cdk.sources.types import Record

from lms_shared.source.batched_queue import BATCH, BatchedQueue


def record(number: int) -> Record:
    return Record({"n": number}, "s")


def test_what_a_thread_puts_comes_out_in_its_order_and_whole() -> None:
    queue = BatchedQueue(maxsize=2)
    count = BATCH * 5 + 3

    def fill() -> None:
        for number in range(count):
            queue.put(record(number))
        queue.put("end")

    thread = threading.Thread(target=fill)
    thread.start()
    taken = [queue.get() for _ in range(count + 1)]
    thread.join()
    assert [one.data["n"] for one in taken[:-1]] == list(range(count))
    assert taken[-1] == "end"
    assert queue.empty()


def test_what_is_no_record_is_handed_over_at_once_with_what_came_before() -> None:
    queue = BatchedQueue()
    queue.put(record(1))
    assert queue.empty()
    queue.put("state")
    assert not queue.empty()
    assert queue.get().data == {"n": 1}
    assert not queue.empty()
    assert queue.get() == "state"
