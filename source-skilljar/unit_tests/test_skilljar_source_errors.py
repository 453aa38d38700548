"""Bad answers, row by row: what the connector does, and how the stream ends."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from requests_mock import Mocker

BASE = "https://skilljar.test/v1"
CONFIG = {"api_key": "sk-live-x", "base_url": BASE, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
DOMAINS = {"count": 1, "next": None, "previous": None, "results": [{"id": "d1", "name": "a.example.com"}]}
LABELS = {"count": 1, "next": None, "previous": None, "results": [{"id": "l1", "name": "New"}]}
ATTEMPTS = 9


def read(commands: Any, requests_mock: Mocker, *answers: dict[str, Any], stream: str = "labels") -> Any:
    requests_mock.get(f"{BASE}/domains", json=DOMAINS)
    requests_mock.get(re.compile(f"{BASE}/{stream}"), list(answers))
    return commands.read(CONFIG, [stream])


@pytest.mark.parametrize(
    "trouble",
    [
        {"status_code": 408},
        {"status_code": 500, "text": "<html>"},
        {"status_code": 502},
        {"status_code": 503},
        {"status_code": 504},
        {"status_code": 529},
        {"status_code": 200, "text": "<html>Scheduled maintenance</html>"},
        {"status_code": 200, "text": '{"count": 1, "results": ['},
        {"status_code": 200, "text": ""},
        {"status_code": 204, "text": ""},
        {"text": "null"},
        {"json": []},
        {"json": "text"},
        {"json": {"id": "l1"}},
        {"json": {"detail": "an object that is not a list"}},
        {"json": {"count": 0, "results": None}},
        {"json": {"count": 0}},
        {"json": {"count": 1, "results": {"id": "l1"}}},
        {"json": {"count": 1, "results": ["text"]}},
        {"json": {"count": 1, "results": [{"id": "l1"}], "next": 2}},
        {"exc": requests.exceptions.ConnectionError("dropped")},
        {"exc": requests.exceptions.ConnectTimeout("slow")},
        {"exc": requests.exceptions.ReadTimeout("slow")},
        {"exc": requests.exceptions.ChunkedEncodingError("cut")},
    ],
    ids=lambda trouble: "-".join(str(value)[:30] for value in trouble.values()),
)
def test_trouble_that_passes_is_retried_and_trouble_that_lasts_is_transient(
    commands: Any, requests_mock: Mocker, trouble: dict[str, Any]
) -> None:
    passing = read(commands, requests_mock, trouble, trouble, {"json": LABELS})
    assert not passing.errors
    assert passing.keys("labels", "id") == [("l1",)]
    requests_mock.reset_mock()
    lasting = read(commands, requests_mock, trouble)
    assert lasting.ends == {"labels": "INCOMPLETE"}
    assert [kind for _, kind in lasting.errors] == ["transient_error"]
    assert len([call for call in requests_mock.request_history if "/labels" in call.url]) == ATTEMPTS


LIMITED = [
    {"status_code": 429, "json": {"detail": "slow down"}},
    {"status_code": 429, "headers": {"Retry-After": "7"}},
    {"status_code": 429, "headers": {"Retry-After": "0"}},
    {"status_code": 429, "headers": {"Retry-After": "soon"}},
    {"status_code": 503, "headers": {"Retry-After": "3"}},
]


@pytest.mark.parametrize("trouble", LIMITED, ids=lambda trouble: str(trouble.get("headers")))
def test_calls_that_are_refused_for_now_are_made_again_for_some_minutes(
    commands: Any, requests_mock: Mocker, waits: list[float], trouble: dict[str, Any]
) -> None:
    passing = read(commands, requests_mock, *[trouble] * 6, {"json": LABELS})
    assert not passing.errors
    assert passing.keys("labels", "id") == [("l1",)]
    waits.clear()
    lasting = read(commands, requests_mock, trouble)
    assert [kind for _, kind in lasting.errors] == ["transient_error"]
    assert 150 < sum(waits) < 400


def test_a_wait_of_a_day_is_not_slept_through(commands: Any, requests_mock: Mocker, waits: list[float]) -> None:
    result = read(commands, requests_mock, {"status_code": 429, "headers": {"Retry-After": "86400"}}, {"json": LABELS})
    assert [kind for _, kind in result.errors] == ["transient_error"]
    assert "86400 s" in result.errors[0][0]
    assert sum(waits) < 10


def test_a_wait_may_be_asked_for_as_a_date_by_the_clock_of_the_server(
    commands: Any, requests_mock: Mocker, waits: list[float]
) -> None:
    headers = {"Date": "Wed, 01 Jan 2031 10:00:00 GMT", "Retry-After": "Wed, 01 Jan 2031 10:00:40 GMT"}
    result = read(commands, requests_mock, {"status_code": 429, "headers": headers}, {"json": LABELS})
    assert not result.errors
    assert 39 < sum(waits) < 42


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({"status_code": 400, "json": {"query_params": "bad"}}, "system_error", "HTTP 400"),
        ({"status_code": 401, "json": {"detail": "bad"}}, "config_error", "API key"),
        ({"status_code": 302, "headers": {"Location": "https://elsewhere.test"}}, "config_error", "base_url"),
        ({"status_code": 422}, "system_error", "HTTP 422"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_answer_that_cannot_get_better_fails_the_stream_at_once(
    commands: Any, requests_mock: Mocker, answer: dict[str, Any], kind: str, said: str
) -> None:
    result = read(commands, requests_mock, answer)
    assert result.ends == {"labels": "INCOMPLETE"}
    assert result.errors[0][1] == kind
    assert said in result.errors[0][0]
    assert len([call for call in requests_mock.request_history if "/labels" in call.url]) == 1


@pytest.mark.parametrize(
    ("answer", "rows"),
    [
        ({"json": {"results": []}}, 0),
        ({"json": {"count": 0, "next": None, "previous": None, "results": []}}, 0),
        ({"json": {"results": [{"id": "l1"}], "next": ""}}, 1),
        ({"json": {"count": 1, "next": None, "results": [{"id": "l1"}, {"id": "l2", "unknown": {"deep": None}}]}}, 2),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_page_is_an_object_with_its_rows_and_may_have_more_than_it_counts(
    commands: Any, requests_mock: Mocker, answer: dict[str, Any], rows: int
) -> None:
    result = read(commands, requests_mock, answer)
    assert not result.errors
    assert len(result.records["labels"]) == rows


def test_a_long_wait_is_said_and_shown(commands: Any, requests_mock: Mocker, waits: list[float]) -> None:
    trouble = {"status_code": 429, "headers": {"Retry-After": "30"}}
    result = read(commands, requests_mock, trouble, {"json": LABELS})
    assert sum(waits) == pytest.approx(30.5)
    assert result.reasons["RATE_LIMITED"] == 1
    assert any("waiting 30.5 s" in text for level, text in result.logs if level == "INFO")


def test_the_statuses_of_a_stream_begin_with_started_and_are_of_configured_streams_alone(
    commands: Any, requests_mock: Mocker
) -> None:
    limited = {"status_code": 429, "headers": {"Retry-After": "30"}}
    users = {"count": 1, "next": None, "results": [{"user": {"id": "u1"}, "latest_activity": None}]}
    requests_mock.get(f"{BASE}/users", [limited, {"json": users}])
    requests_mock.get(f"{BASE}/users/u1/groups", [limited, {"json": {"count": 0, "next": None, "results": []}}])
    result = commands.read(CONFIG, ["user_groups"])
    assert result.statuses == [
        ("user_groups", "STARTED"),
        ("user_groups", "RUNNING"),
        ("user_groups", "COMPLETE"),
    ]


def test_waits_grow_and_stay_below_a_minute(commands: Any, requests_mock: Mocker, waits: list[float]) -> None:
    read(commands, requests_mock, {"status_code": 500})
    pauses = [seconds for seconds in waits if seconds]
    assert len(pauses) == ATTEMPTS - 1
    assert pauses[-1] > 10 * pauses[0]
    assert max(pauses) <= 60


@pytest.mark.parametrize(
    "link", ["https://evil.test/v1/labels?page=2", "https://skilljar.test:8443/x", "//x", "ftp://skilljar.test/x"]
)
def test_a_next_page_on_another_host_is_never_called(commands: Any, requests_mock: Mocker, link: str) -> None:
    result = read(commands, requests_mock, {"json": {**LABELS, "next": link}})
    assert result.errors[0][1] == "config_error"
    assert "base_url" in result.errors[0][0]
    assert {call.hostname for call in requests_mock.request_history} == {"skilljar.test"}
    assert len(requests_mock.request_history) == 1


def test_next_is_followed_exactly_as_given(commands: Any, requests_mock: Mocker) -> None:
    following = f"{BASE}/labels?cursor=cD02MzgyMDg%3D&page_size=2&x=a+b%20c"
    requests_mock.get(f"{BASE}/labels", json={**LABELS, "next": following})
    requests_mock.get(following, json={**LABELS, "results": [{"id": "l2"}]}, complete_qs=True)
    result = commands.read(CONFIG, ["labels"])
    assert result.keys("labels", "id") == [("l1",), ("l2",)]
    assert requests_mock.request_history[-1].url == following


def test_a_next_page_in_clear_is_followed_over_the_secure_connection(commands: Any, requests_mock: Mocker) -> None:
    requests_mock.get(f"{BASE}/labels", json={**LABELS, "next": "http://skilljar.test/v1/labels?page=2"})
    requests_mock.get(f"{BASE}/labels?page=2", json={**LABELS, "results": [{"id": "l2"}]})
    result = commands.read(CONFIG, ["labels"])
    assert result.keys("labels", "id") == [("l1",), ("l2",)]
    assert {call.scheme for call in requests_mock.request_history} == {"https"}


def test_pages_that_lead_back_in_a_circle_end_the_stream(commands: Any, requests_mock: Mocker) -> None:
    other = f"{BASE}/labels?page=2"
    requests_mock.get(f"{BASE}/labels", json={**LABELS, "next": other})
    requests_mock.get(other, json={**LABELS, "next": f"{BASE}/labels?page=3"})
    requests_mock.get(f"{BASE}/labels?page=3", json={**LABELS, "next": other})
    result = commands.read(CONFIG, ["labels"])
    assert result.errors[0][1] == "transient_error"
    assert len(requests_mock.request_history) == 3


def test_a_further_page_that_is_gone_is_an_error_where_rows_are_missing(commands: Any, requests_mock: Mocker) -> None:
    requests_mock.get(f"{BASE}/labels", json={**LABELS, "count": 2, "next": f"{BASE}/labels?page=2"})
    requests_mock.get(f"{BASE}/labels?page=2", status_code=404, json={"detail": "Invalid page."})
    result = commands.read(CONFIG, ["labels"])
    assert result.ends == {"labels": "INCOMPLETE"}
    assert [kind for _, kind in result.errors] == ["transient_error"]


def test_a_stream_that_fails_fails_alone_and_keeps_its_state(commands: Any, requests_mock: Mocker) -> None:
    requests_mock.get(f"{BASE}/courses", status_code=400)
    requests_mock.get(f"{BASE}/labels", json=LABELS)
    state = {"courses": {"modified_at": "2026-01-01T00:00:00Z"}}
    result = commands.read(CONFIG, ["courses", "labels"], state)
    assert result.ends == {"courses": "INCOMPLETE", "labels": "COMPLETE"}
    assert result.last_states()["courses"] == state["courses"]


def test_neither_the_key_nor_an_e_mail_address_is_ever_written(commands: Any, requests_mock: Mocker) -> None:
    answer = {"status_code": 400, "json": {"email": ["ada@example.com is bad"], "key": "sk-live-x"}}
    result = read(commands, requests_mock, answer)
    assert result.errors
    assert "ada@example.com" not in result.text
    assert "sk-live-x" not in result.text


def test_the_key_is_the_user_name_and_the_password_is_empty(commands: Any, requests_mock: Mocker) -> None:
    read(commands, requests_mock, {"json": LABELS})
    headers = requests_mock.request_history[-1].headers
    assert headers["Authorization"] == "Basic c2stbGl2ZS14Og=="
    assert headers["Accept"] == "application/json"


@pytest.mark.parametrize(("status", "most_calls"), [(401, 12), (500, 9 * 12)])
def test_trouble_with_all_children_does_not_cost_a_call_for_each(
    commands: Any, requests_mock: Mocker, status: int, most_calls: int
) -> None:
    users = [{"user": {"id": f"u{number}"}, "latest_activity": None} for number in range(500)]
    requests_mock.get(f"{BASE}/users", json={"count": 500, "next": None, "results": users})
    requests_mock.get(re.compile(f"{BASE}/users/u"), status_code=status)
    result = commands.read(CONFIG, ["user_groups"], {"user_groups": {"user_latest_activity": "2026-01-01T00:00:00Z"}})
    assert result.ends == {"user_groups": "INCOMPLETE"}
    assert len(requests_mock.request_history) <= most_calls
    assert result.last_states() == {"user_groups": {"user_latest_activity": "2026-01-01T00:00:00Z"}}
