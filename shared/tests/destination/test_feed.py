"""The input is handed on as it comes; a pause in it is told, and an end by failure is one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from lms_shared.wire import feed as feed_module
from lms_shared.wire.feed import MOST_AHEAD, MOST_BYTES_AHEAD, Pipe, feed
from lms_shared.wire.messages import Input, RecordMessage, State, StateMessage, StreamId


def numbered(number: int) -> StateMessage:
    return StateMessage(None, State({"number": number}))


def sized(size: int) -> RecordMessage:
    return RecordMessage(StreamId("users"), {}, {}, size)


def test_messages_come_in_their_order() -> None:
    sent = [numbered(number) for number in range(5000)]
    assert [one for one in feed(sent) if one is not None] == sent


def test_a_pause_is_told_while_it_lasts_and_does_not_end_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "IDLE_AGAIN", 0.01)
    go = threading.Event()

    def slow() -> Iterator[Input]:
        yield numbered(1)
        assert go.wait(10)
        yield numbered(2)

    got = feed(slow())
    assert next(got) == numbered(1)
    assert [next(got), next(got), next(got)] == [None, None, None]
    go.set()
    assert [one for one in got if one is not None] == [numbered(2)]


def test_what_fails_while_reading_fails_for_the_writer_behind_what_was_read() -> None:
    def broken() -> Iterator[Input]:
        yield numbered(1)
        raise OSError("the pipe is gone")

    got = feed(broken())
    assert next(got) == numbered(1)
    with pytest.raises(OSError, match="the pipe is gone"):
        list(got)


def test_a_writer_that_stops_lets_the_reader_end() -> None:
    ended = threading.Event()

    def endless() -> Iterator[Input]:
        try:
            for number in itertools.count():
                yield numbered(number)
        finally:
            ended.set()

    got = feed(endless())
    next(got)
    got.close()  # type: ignore[attr-defined]  # a generator
    assert ended.wait(10)


def test_no_more_is_read_ahead_than_so_many_messages_or_bytes() -> None:
    many, large = Pipe(), Pipe()
    for _ in range(MOST_AHEAD):
        assert many.has_room(0)
        many.put(numbered(1))
    assert not many.has_room(0)
    for _ in range(4):
        assert large.has_room(MOST_BYTES_AHEAD // 4)
        large.put(sized(MOST_BYTES_AHEAD // 4))
    assert not large.has_room(1)
    large.get(0)
    assert large.has_room(MOST_BYTES_AHEAD // 4)
    assert not large.has_room(MOST_BYTES_AHEAD // 4 + 1)


def test_a_message_larger_than_what_may_be_read_ahead_goes_through_alone() -> None:
    sent: list[Input] = [
        sized(MOST_BYTES_AHEAD + 1),
        sized(1),
        sized(3 * MOST_BYTES_AHEAD),
        sized(2 * MOST_BYTES_AHEAD),
    ]
    assert [one for one in feed(sent) if one is not None] == sent
    pipe = Pipe()
    pipe.put(sized(1))
    assert not pipe.has_room(MOST_BYTES_AHEAD)


def test_a_reader_that_met_a_full_pipe_goes_on_when_it_is_half_empty_and_a_message_fits() -> None:
    pipe, done = Pipe(), threading.Event()
    for _ in range(4):
        pipe.put(sized(MOST_BYTES_AHEAD // 4))

    def put() -> None:
        pipe.put(sized(MOST_BYTES_AHEAD * 3 // 4))
        done.set()

    threading.Thread(target=put, daemon=True).start()
    for _ in range(3):
        pipe.get(0)
    assert done.wait(10)
