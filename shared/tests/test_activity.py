"""What a running command says about itself."""

from __future__ import annotations

import json
import logging
import threading

import pytest

from lms_shared.activity import INTERVAL_VARIABLE, PROGRESS, Activity, progress_logged


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_wait_is_told_until_it_is_over() -> None:
    clock = Clock()
    activity = Activity(clock)
    activity.called()
    activity.waits("the quota", 40.0)
    activity.waits("a shorter wait that ends earlier", 10.0)
    assert activity.as_json() == {
        "calls": 1,
        "waiting_for": "the quota",
        "waiting_seconds": 40,
        "eta_seconds": 40,
    }
    clock.now += 41.0
    assert activity.as_json() == {"calls": 1}


def test_the_end_is_told_as_it_was_forecast_and_a_longer_wait_puts_it_off() -> None:
    clock = Clock()
    activity = Activity(clock)
    activity.expects(600.0)
    clock.now += 100.0
    assert activity.as_json() == {"calls": 0, "eta_seconds": 500}
    activity.waits("the API", 900.0)
    assert activity.as_json()["eta_seconds"] == 900


def test_an_estimate_is_asked_for_anew_each_time_and_nobody_knows_is_an_answer() -> None:
    activity, estimates = Activity(Clock()), iter([None, 60.2, None])
    activity.estimates(lambda: next(estimates))
    told = [activity.as_json().get("eta_seconds") for _ in range(3)]
    assert told == [None, 61, None]


def test_a_wait_of_a_moment_is_not_told() -> None:
    activity = Activity()
    activity.waits("the quota", 0.5)
    assert activity.as_json() == {"calls": 0}


class Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.twice = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
        if len(self.lines) >= 2:
            self.twice.set()


def test_progress_is_told_again_and_again_while_nothing_else_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERVAL_VARIABLE, "0.01")
    heard, logger = Heard(), logging.getLogger("airbyte")
    logger.addHandler(heard)
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        with progress_logged(lambda: {"written": 3}, Activity()):
            assert heard.twice.wait(30)
        told = len(heard.lines)
    finally:
        logger.removeHandler(heard)
        logger.setLevel(level)
    assert json.loads(heard.lines[0].removeprefix(PROGRESS)) == {"written": 3, "calls": 0}
    assert len(heard.lines) == told, "nothing is told once it is over"


def test_a_short_command_tells_its_calls_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    activity = Activity()
    with caplog.at_level(logging.INFO, "airbyte"):
        with progress_logged(activity=activity):
            activity.called()
        with progress_logged(activity=activity, at_end=False):
            activity.called()
    assert [record.getMessage() for record in caplog.records] == [f'{PROGRESS}{{"calls": 1}}']
