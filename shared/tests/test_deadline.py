"""A test of the connection has somebody waiting for it, so it ends in time whatever the other side does."""

from __future__ import annotations

import logging
import threading

import pytest
from airbyte_cdk.models import Status

from lms_shared.deadline import DeadlinePassed, within
from lms_shared.destination import base
from lms_shared.dev.testing.memory_adapter import MemoryAdapter
from lms_shared.dev.testing.memory_destination import MemoryDestination


def test_work_that_is_done_gives_what_it_made_and_raises_what_it_raised() -> None:
    assert within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


def test_work_that_does_not_end_is_left_to_itself() -> None:
    never = threading.Event()
    with pytest.raises(DeadlinePassed):
        within(0.01, never.wait)
    left = [one for one in threading.enumerate() if one.name == "deadline"]
    assert all(one.daemon for one in left)
    never.set()


def test_a_check_of_an_lms_that_never_answers_fails_with_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(base, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(MemoryAdapter, "check", lambda _: never.wait())
    answer = MemoryDestination().check(logging.getLogger("airbyte"), {"api_key": "k"})
    never.set()
    assert answer.status is Status.FAILED
    assert "does not answer" in str(answer.message)
    assert "firewall" in str(answer.message)
