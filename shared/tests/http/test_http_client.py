"""The JSON client: retries, waits, refusals, quota, and nothing personal in messages."""

from __future__ import annotations

import logging
import socket
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
from lms_shared.http.counter import counted_as
from lms_shared.http.outcome import UnknownOutcome

BASE = "https://lms.example.com/v1"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which take no time."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    return slept


@pytest.fixture
def client() -> JsonClient:
    return JsonClient("LMS", BASE, HTTPBasicAuth("the-key", ""), Limits(), max_attempts=4)


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
        ("0", 0.05, 0.05),
        ("1.5", 2, 2),
        ("-3", 0.5, 0.5),
        ("soon", 0.2, 0.4),
        ("nan", 0.2, 0.4),
        ("inf", 0.2, 0.4),
        ("", 0.2, 0.4),
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
    assert requests_mock.call_count == 4


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
    assert "trying again in 60.5 s" in caplog.text
    assert [one for one in ("ada", "Lovelace", "the-key") if one in caplog.text] == []


def test_both_timeouts_are_set(client: JsonClient, requests_mock: requests_mock.Mocker) -> None:
    requests_mock.get(f"{BASE}/users", json={})
    client.call("GET", "users")
    assert requests_mock.last_request is not None
    timeouts: Any = requests_mock.last_request.timeout
    assert timeouts == client_module.TIMEOUTS
    assert len(timeouts) == 2
    assert all(timeouts)
