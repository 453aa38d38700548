"""The quota: kept for all threads together, and a wait that Skilljar asks for is waited."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from lms_shared.http import rate_limit


def test_a_quota_that_others_use_up_delays_the_sync_and_loses_nothing(
    commands: Any, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000_000.0]
    options = replace(SkilljarOptions(), requests_per_minute=20, clock=lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", passes)
    monkeypatch.setattr(rate_limit, "sleep", passes)
    monkeypatch.setattr(rate_limit, "monotonic", lambda: now[0])
    site = serve(options)
    result = commands.read(site.config(), ["user_groups"])
    assert not result.errors
    assert len(result.records["user_groups"]) == len(site.rows("group_users"))
    assert result.reasons["RATE_LIMITED"] > 0
    assert any("waiting" in text for level, text in result.logs if level == "INFO")


@pytest.mark.parametrize("windows", [(10, 1_000), (1_000, 10)], ids=["per minute", "per hour"])
def test_no_more_calls_are_made_than_either_window_allows(
    commands: Any, serve: Any, monkeypatch: pytest.MonkeyPatch, windows: tuple[int, int]
) -> None:
    site = serve()

    waited: list[float] = []

    def no_wait(seconds: float) -> None:
        if seconds > 10:
            waited.append(seconds)
            raise OSError("the wait for the quota would begin here")

    monkeypatch.setattr(time, "sleep", no_wait)
    minute, hour = windows
    commands.read(site.config(requests_per_minute=minute, requests_per_hour=hour), ["user_groups"])
    assert waited
    assert max(waited) > (50 if minute < hour else 3_500)
    assert sum(site.calls().values()) == 10
