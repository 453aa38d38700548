"""Pauses of all threads while the API has no room for calls: how long, for whom, and what follows them."""

from __future__ import annotations

import threading

import pytest

from lms_shared.http import rate_limit as gate_module
from lms_shared.http.rate_limit import CHECK, SYNC, RateLimitGate, RetryBudgetSpent

OWN = 60.0
"""The longest wait of a call where the API does not ask for one."""


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(gate_module, "monotonic", clock.monotonic)
    monkeypatch.setattr(gate_module, "sleep", clock.sleep)
    return clock


def refused(pause: RateLimitGate, clock: Clock, asked: float | None = None, own: float = OWN) -> float:
    """A call that is made and refused, and waits its own time; by how much that puts off the next one."""
    with pause.turn() as begun:
        pass
    seconds = pause.refused(begun, asked, own)
    clock.now += seconds if asked is None else 0
    return seconds


def passed(pause: RateLimitGate) -> None:
    with pause.turn() as begun:
        pass
    pause.passed(begun)


def waited(pause: RateLimitGate, clock: Clock, asked: float | None) -> float:
    """Seconds until the client gives up an API that always answers the same."""
    begun = clock.now
    try:
        while True:
            refused(pause, clock, asked)
    except RetryBudgetSpent:
        return clock.now - begun


def test_all_calls_wait_until_a_pause_is_over(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    refused(pause, clock, asked=30)
    passed(pause)
    assert clock.slept == [30.5]
    passed(pause)
    assert clock.slept == [30.5]


def test_calls_that_are_refused_together_wait_once(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    with pause.turn() as one, pause.turn() as other, pause.turn() as third:
        clock.now += 0.2
        assert pause.refused(one, 1, OWN) == 1.5
        clock.now += 0.1
        assert pause.refused(other, 1, OWN) == pytest.approx(0.1)
        assert pause.refused(third, 4, OWN) == pytest.approx(3)
    passed(pause)
    assert clock.slept == [pytest.approx(4.5)]


def test_a_call_without_a_wait_that_is_asked_for_keeps_no_other_waiting(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    with pause.turn() as begun:
        assert pause.refused(begun, None, OWN) == OWN
    passed(pause)
    assert clock.slept == []


def test_a_call_from_before_a_refusal_that_gets_through_does_not_end_the_trouble(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    with pause.turn() as early, pause.turn() as other:
        clock.now += 1
        pause.refused(early, None, OWN)
        clock.now += SYNC.seconds - OWN + 1
        pause.passed(other)
    with pytest.raises(RetryBudgetSpent):
        refused(pause, clock)


def test_after_a_pause_one_call_goes_first_and_the_others_follow_it(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    refused(pause, clock, asked=1)
    going, done = threading.Semaphore(0), threading.Event()
    lock, at_once, most = threading.Lock(), 0, [0]

    def call() -> None:
        nonlocal at_once
        with pause.turn() as begun:
            with lock:
                at_once += 1
                most.append(at_once)
            going.release()
            done.wait()
            with lock:
                at_once -= 1
        pause.passed(begun)

    threads = [threading.Thread(target=call) for _ in range(10)]
    for one in threads:
        one.start()
    going.acquire()
    assert max(most) == 1
    done.set()
    for one in threads:
        one.join()
    assert len(most) == 11


def test_a_wait_of_zero_costs_no_time(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    for _ in range(2000):
        assert refused(pause, clock, own=0.0) == 0
    assert clock.slept == []


def test_refusals_every_second_are_put_up_with_for_minutes(clock: Clock) -> None:
    assert SYNC.seconds - 2 <= waited(RateLimitGate(SYNC), clock, asked=1) <= SYNC.seconds


def test_refusals_without_a_wait_are_put_up_with_for_minutes(clock: Clock) -> None:
    assert SYNC.seconds - OWN <= waited(RateLimitGate(SYNC), clock, asked=None) <= SYNC.seconds


def test_a_call_that_gets_through_renews_the_patience(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    begun = clock.now
    for _ in range(3):
        for _ in range(8):
            refused(pause, clock, asked=30)
        passed(pause)
    assert clock.now - begun > 2 * SYNC.seconds


def test_the_hour_of_a_used_up_quota_is_waited_for_once(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    assert refused(pause, clock, asked=3600) == 3600.5
    assert 3600 <= waited(pause, clock, asked=1) <= 3600 + SYNC.seconds + 1
    assert waited(RateLimitGate(SYNC), clock, asked=3600) == 3600.5


def test_an_hour_that_many_calls_are_told_of_counts_once(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    with pause.turn() as one, pause.turn() as other:
        clock.now += 0.2
        assert pause.refused(one, 3500, OWN) == 3500.5
        assert pause.refused(other, 3500, OWN) == 0


def test_a_wait_of_much_more_than_an_hour_is_not_begun(clock: Clock) -> None:
    pause = RateLimitGate(SYNC)
    with pytest.raises(RetryBudgetSpent):
        refused(pause, clock, asked=86_400)
    assert refused(pause, clock, asked=1) == 1.5


@pytest.mark.parametrize("asked", [None, 1, 60, 3600])
def test_a_check_answers_soon(clock: Clock, asked: float | None) -> None:
    assert waited(RateLimitGate(CHECK), clock, asked) <= CHECK.seconds
