"""Work with a deadline."""

from __future__ import annotations

import threading

import pytest

from lms_shared.source.deadline import OutOfTime, within


def test_work_that_ends_in_time_gives_its_value_or_its_failure() -> None:
    assert within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


def test_work_that_does_not_end_is_given_up() -> None:
    release = threading.Event()
    with pytest.raises(OutOfTime):
        within(0.01, release.wait)
    release.set()
