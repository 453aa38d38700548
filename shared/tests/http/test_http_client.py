"""The JSON client: retries, waits, refusals, quota, and nothing personal in messages."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
import requests_mock
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException
from requests.auth import HTTPBasicAuth

from lms_shared.http import client as client_module
from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.metrics import counted_as
from lms_shared.http.outcome import UnknownOutcome

BASE = "https://lms.example.com/v1"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which take no time but on a clock of their own."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    for module in ("client", "rate_limit"):
        monkeypatch.setattr(f"lms_shared.http.{module}.sleep", slept.append)
    monkeypatch.setattr("lms_shared.http.rate_limit.monotonic", lambda: 1000 + sum(slept))
    return slept


@pytest.fixture
def client() -> JsonClient:
    return JsonClient("LMS", BASE, HTTPBasicAuth("the-key", ""), Limits())


@pytest.fixture
def checking() -> JsonClient:
    """A client that answers soon."""
    return JsonClient("LMS", BASE, None, Limits(), max_attempts=3)


def failure(call: Callable[[], Any]) -> AirbyteTracedException:
    with pytest.raises(AirbyteTracedException) as caught:
        call()
    return caught.value


def test_trouble_is_tried_again_until_it_passes(
    client: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float]
) -> None:
    requests_mock.get(f"{BASE}/users", [{"status_code": 503}, {"text": "<html>"}, {"json": {"count": 1}}])
    assert client.call("GET", "/users").json() == {"count": 1}
    assert [0.2 <= waits[0] <= 0.4, 0.4 <= waits[1] <= 0.6] == [True, True]


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7.5, 7.5),
        ("1.5", 2, 2),
        ("3600", 3600.5, 3600.5),
        ("0", 1, 2),
        ("soon", 1, 2),
        ("", 1, 2),
    ],
)
def test_a_wait_that_the_api_asks_for_is_kept(
    client: JsonClient,
    requests_mock: requests_mock.Mocker,
    waits: list[float],
    header: str,
    least: float,
    most: float,
) -> None:
    answers: list[dict[str, Any]] = [{"status_code": 429, "headers": {"Retry-After": header}}, {"json": {}}]
    requests_mock.post(f"{BASE}/users", answers)
    assert client.call("POST", "users", json={"a": 1}).ok
    assert least <= waits[0] <= most


def test_trouble_that_lasts_is_a_transient_error_that_names_host_and_reason(
    client: JsonClient, requests_mock: requests_mock.Mocker
) -> None:
    requests_mock.get(f"{BASE}/users", status_code=500, text="ada@example.com is in trouble")
    error = failure(lambda: client.call("GET", "users", params={"email": "ada@example.com"}))
    assert error.failure_type is FailureType.transient_error
    assert "lms.example.com" in str(error.message)
    assert "5xx" in str(error.message)
    assert "ada" not in f"{error.message} {error.internal_message}"
    assert requests_mock.call_count == client_module.MAX_ATTEMPTS


def throttled(seconds: object = None) -> dict[str, Any]:
    """A refusal for now, with the wait that it asks for."""
    return {"status_code": 429, "headers": {} if seconds is None else {"Retry-After": str(seconds)}}


def test_refusals_for_now_are_no_failed_attempts(client: JsonClient, requests_mock: requests_mock.Mocker) -> None:
    refusals = [throttled(1)] * 60 + [{"status_code": 500}, throttled(), throttled(0)]
    requests_mock.get(f"{BASE}/users", [*refusals, *[{"status_code": 500}] * 6, {"json": {"count": 1}}])
    assert client.call("GET", "users").json() == {"count": 1}


def test_a_server_that_asks_to_wait_is_waited_for_and_a_write_of_unknown_outcome_not_repeated(
    client: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float]
) -> None:
    asking: dict[str, Any] = {"status_code": 503, "headers": {"Retry-After": "20"}}
    requests_mock.get(f"{BASE}/users", [asking, asking, {"json": {}}])
    requests_mock.post(f"{BASE}/users", **asking)
    assert client.call("GET", "users").ok
    assert waits == [20.5, 20.5]
    with pytest.raises(UnknownOutcome):
        client.call("POST", "users", json={})
    requests_mock.get(f"{BASE}/users", json={})
    client.call("GET", "users")
    assert waits == [20.5, 20.5, 20.5]


def test_a_date_is_waited_for(client: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float]) -> None:
    dates = {"Retry-After": "Wed, 21 Oct 2015 07:28:40 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    requests_mock.get(f"{BASE}/users", [{"status_code": 429, "headers": dates}, {"json": {}}])
    client.call("GET", "users")
    assert waits == [40.5]


@pytest.mark.parametrize("header", [None, 0, "soon"])
def test_without_a_wait_that_is_asked_for_a_call_waits_twice_as_long_each_time(
    client: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float], header: object
) -> None:
    requests_mock.get(f"{BASE}/users", [*[throttled(header)] * 8, {"json": {}}])
    client.call("GET", "users")
    wanted = [1, 2, 4, 8, 16, 32, 60, 60]
    assert [least <= wait <= least + 1 for least, wait in zip(wanted, waits, strict=True)] == [True] * 8


def test_a_call_without_a_wait_that_is_asked_for_keeps_no_other_waiting(
    client: JsonClient, requests_mock: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, over = threading.Event(), threading.Event()

    def sleep(_: float) -> None:
        asleep.set()
        over.wait()

    monkeypatch.setattr("lms_shared.http.client.sleep", sleep)
    requests_mock.get(f"{BASE}/users", [throttled(), {"json": {}}])
    refused = threading.Thread(target=client.call, args=("GET", "users"))
    refused.start()
    asleep.wait()
    assert client.call("GET", "users").ok
    over.set()
    refused.join()


def test_a_quota_that_stays_used_up_is_a_transient_error_that_says_for_how_long(
    client: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float]
) -> None:
    requests_mock.post(f"{BASE}/users", **throttled(20))
    error = failure(lambda: client.call("POST", "users", json={}))
    assert error.failure_type is FailureType.transient_error
    assert "lms.example.com refuses calls for now (429 quota used up)" in str(error.message)
    assert 240 < sum(waits) <= 300


def test_a_check_says_at_once_that_the_quota_is_used_up(
    checking: JsonClient, requests_mock: requests_mock.Mocker, waits: list[float]
) -> None:
    requests_mock.get(f"{BASE}/users", **throttled(60))
    error = failure(lambda: checking.call("GET", "users"))
    assert error.failure_type is FailureType.transient_error
    assert "asks to wait 60 s" in str(error.message)
    assert waits == []


def test_no_thread_calls_while_another_was_told_to_wait(
    client: JsonClient, requests_mock: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep, over = threading.Semaphore(0), threading.Event()
    now = [1000.0]

    def sleep(seconds: float) -> None:
        asleep.release()
        over.wait()

    monkeypatch.setattr("lms_shared.http.rate_limit.sleep", sleep)
    monkeypatch.setattr("lms_shared.http.rate_limit.monotonic", lambda: now[0])
    requests_mock.get(f"{BASE}/users", [throttled(30), {"json": {}}])
    threads = [threading.Thread(target=client.call, args=("GET", "users")) for _ in range(20)]
    threads[0].start()
    asleep.acquire()
    for one in threads[1:]:
        one.start()
    for _ in threads[1:]:
        asleep.acquire()
    assert requests_mock.call_count == 1
    now[0] += 31
    over.set()
    for one in threads:
        one.join()
    assert requests_mock.call_count == 21


@pytest.mark.parametrize("header", [None, 0])
def test_with_a_first_wait_of_zero_nothing_is_waited_for(
    client: JsonClient,
    requests_mock: requests_mock.Mocker,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    header: object,
) -> None:
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.0)
    requests_mock.get(f"{BASE}/users", [*[throttled(header)] * 20, {"status_code": 500}, {"json": {}}])
    client.call("GET", "users")
    assert sum(waits) == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "refuses the credentials"),
        (403, "does not allow this call (GET)"),
        (302, "does not answer at this address"),
    ],
)
def test_a_refusal_is_a_configuration_error_and_is_not_repeated(
    client: JsonClient, requests_mock: requests_mock.Mocker, status: int, sentence: str
) -> None:
    requests_mock.get(f"{BASE}/users", status_code=status, headers={"Location": "https://elsewhere.example.com/"})
    error = failure(lambda: client.call("GET", "users"))
    assert error.failure_type is FailureType.config_error
    assert sentence in str(error.message)
    assert requests_mock.call_count == 1


@pytest.mark.parametrize("answer", [{"status_code": 500}, {"text": "{"}, {"exc": requests.exceptions.ReadTimeout}])
def test_a_call_that_may_not_be_repeated_is_of_unknown_outcome_without_an_answer(
    client: JsonClient, requests_mock: requests_mock.Mocker, answer: dict[str, Any]
) -> None:
    requests_mock.post(f"{BASE}/users", **answer)
    with pytest.raises(UnknownOutcome):
        client.call("POST", "users", json={})
    assert requests_mock.call_count == 1


def test_a_post_that_the_api_makes_idempotent_can_be_repeated(
    client: JsonClient, requests_mock: requests_mock.Mocker
) -> None:
    requests_mock.post(f"{BASE}/users", [{"status_code": 500}, {"json": {}}])
    assert client.call("POST", "users", json={}, repeatable=True).ok


def test_a_refusal_of_this_one_call_is_the_caller_s_to_judge(
    client: JsonClient, requests_mock: requests_mock.Mocker
) -> None:
    requests_mock.patch(f"{BASE}/users/1", status_code=422, json={"email": ["taken"]})
    assert client.call("PATCH", "users/1", json={}).status_code == 422


@pytest.mark.parametrize("link", [f"{BASE}/users?page=2", "http://lms.example.com/v1/users?page=2"])
def test_a_link_of_the_api_is_followed_over_the_base_address_s_own_scheme(
    client: JsonClient, requests_mock: requests_mock.Mocker, link: str
) -> None:
    requests_mock.get(f"{BASE}/users?page=2", json={})
    client.call("GET", link)
    assert requests_mock.last_request is not None
    assert requests_mock.last_request.url == f"{BASE}/users?page=2"


@pytest.mark.parametrize("link", ["https://evil.example.com/v1/users", "https://lms.example.com:8443/v1/users"])
def test_the_key_is_never_sent_to_another_host(
    client: JsonClient, requests_mock: requests_mock.Mocker, link: str
) -> None:
    error = failure(lambda: client.call("GET", link))
    assert error.failure_type is FailureType.config_error
    assert requests_mock.call_count == 0


def test_a_host_that_does_not_answer_is_tried_again_even_for_a_call_that_may_not_be_repeated() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        client = JsonClient("LMS", f"http://127.0.0.1:{port}", None, Limits(), max_attempts=3)
        error = failure(lambda: client.call("POST", "users", json={}))
    assert error.failure_type is FailureType.transient_error
    assert client.counter.total == 3


@pytest.mark.parametrize("address", ["lms.example.com/v1", "gopher://lms.example.com"])
def test_an_address_that_is_none_is_a_configuration_error(address: str) -> None:
    client = JsonClient("LMS", address, None, Limits())
    error = failure(lambda: client.call("GET", "users"))
    assert error.failure_type is FailureType.config_error
    assert "address" in str(error.message)


def test_requests_are_counted_by_label_the_repeated_ones_too(
    client: JsonClient, requests_mock: requests_mock.Mocker
) -> None:
    requests_mock.get(f"{BASE}/users", [{"status_code": 503}, {"json": {}}])
    with counted_as("users/users"):
        client.call("GET", "users")
    assert (client.counter.made("users/users"), client.counter.made("other"), client.counter.total) == (2, 0, 2)


def test_a_minute_s_quota_is_kept_by_all_calls_together(
    requests_mock: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OutOfQuota(Exception):
        pass

    def wait(_: float) -> None:
        raise OutOfQuota

    monkeypatch.setattr("airbyte_cdk.sources.streams.call_rate.time.sleep", wait)
    requests_mock.get(f"{BASE}/users", json={})
    client = JsonClient("LMS", BASE, None, Limits(per_minute=3, per_hour=100))
    for _ in range(3):
        client.call("GET", "users")
    with pytest.raises(OutOfQuota):
        client.call("GET", "users")
    assert requests_mock.call_count == 3


def test_nothing_of_a_request_is_logged(
    client: JsonClient, requests_mock: requests_mock.Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    requests_mock.post(f"{BASE}/users", [{"status_code": 429, "headers": {"Retry-After": "60"}}, {"json": {}}])
    with caplog.at_level(logging.INFO):
        client.call("POST", "users", json={"email": "ada@example.com", "name": "Lovelace"})
    assert "LMS: 429 quota used up; it asks all calls to wait 60.5 s, until " in caplog.text
    assert [one for one in ("ada", "Lovelace", "the-key") if one in caplog.text] == []


def test_both_timeouts_are_set(client: JsonClient, requests_mock: requests_mock.Mocker) -> None:
    requests_mock.get(f"{BASE}/users", json={})
    client.call("GET", "users")
    assert requests_mock.last_request is not None
    timeouts: Any = requests_mock.last_request.timeout
    assert timeouts == client_module.TIMEOUTS
    assert len(timeouts) == 2
    assert all(timeouts)
