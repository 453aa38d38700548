"""The quota over a window."""

from __future__ import annotations

import gc
import logging
import weakref
from datetime import timedelta

import pytest
import requests
from airbyte_cdk.sources.streams.call_rate import APIBudget, CallRateLimitHit, Rate

from lms_shared.http.rate_limit import CallTimes


def test_no_more_calls_are_let_through_than_the_quota_has() -> None:
    budget = APIBudget(policies=[CallTimes(rates=[Rate(2, timedelta(hours=1))], matchers=[])])
    for _ in range(2):
        budget.acquire_call(requests.Request("GET", "http://localhost/"), block=False)
    with pytest.raises(CallRateLimitHit) as hit:
        budget.acquire_call(requests.Request("GET", "http://localhost/"), block=False)
    assert timedelta(minutes=59) < hit.value.time_to_wait <= timedelta(hours=1)


def test_a_call_within_the_window_keeps_nothing_of_its_request_in_memory() -> None:
    budget = APIBudget(policies=[CallTimes(rates=[Rate(10, timedelta(hours=1))], matchers=[])])
    request = requests.Request("POST", "http://localhost/", json={"long": "text"}).prepare()
    budget.acquire_call(request, block=False)
    gone = weakref.ref(request)
    del request
    gc.collect()
    assert gone() is None


def test_a_long_wait_for_the_own_share_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    budget = APIBudget(policies=[CallTimes(rates=[Rate(2, timedelta(hours=1))], matchers=[])])
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            budget.acquire_call(requests.Request("GET", "http://localhost/"), block=False)
        for _ in range(3):
            with pytest.raises(CallRateLimitHit):
                budget.acquire_call(requests.Request("GET", "http://localhost/"), block=False)
    assert caplog.text.count("share of the quota (2/1.0h) is used up; calls wait 3600 s") == 1
