"""Missing features, refused keys and things that are deleted while they are read."""

from __future__ import annotations

import logging
import re
import socket
from dataclasses import replace
from typing import Any

import pytest
import requests
from requests_mock import Mocker

from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from lms_shared.dev.testing.endless_server import endless_server
from source_skilljar import source
from source_skilljar.source import SourceSkilljar

BASE = "https://skilljar.test/v1"
CONFIG = {"api_key": "sk-live-x", "base_url": BASE, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
DOMAINS = {"count": 1, "next": None, "previous": None, "results": [{"id": "d1", "name": "a.example.com"}]}


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def page(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"count": len(rows), "next": None, "previous": None, "results": list(rows)}


def users(count: int) -> dict[str, Any]:
    return page(*({"user": {"id": f"u{number}"}, "latest_activity": "2026-01-01T00:00:00Z"} for number in range(count)))


def test_a_feature_that_the_organization_lacks_empties_its_streams_with_a_warning(commands: Any, serve: Any) -> None:
    site = serve(replace(SkilljarOptions(), refused_features=frozenset({"license-packages"})))
    result = commands.read(site.config(), ["license_packages", "license_package_seats", "labels"])
    assert not result.errors
    assert set(result.ends.values()) == {"COMPLETE"}
    assert result.records["labels"]
    assert not result.records["license_packages"]
    assert [text for text in result.warnings() if "license_packages" in text and "403" in text] == result.warnings()
    assert len(result.warnings()) == 1


def test_lesson_progress_that_is_not_served_is_empty_and_given_up_early(commands: Any, serve: Any) -> None:
    site = serve(replace(SkilljarOptions(), lesson_progress_offered=False))
    result = commands.read(site.config(num_workers=2), ["user_lesson_progress"])
    assert not result.errors
    assert not result.records["user_lesson_progress"]
    assert len([text for text in result.warnings() if "user_lesson_progress" in text and "404" in text]) == 1
    lists = "users/{user_id}/published-courses/{published_course_id}/lessons"
    assert site.calls()[lists] < 30


def test_a_stream_that_was_not_served_is_read_in_full_once_it_is(commands: Any, serve: Any) -> None:
    site = serve(replace(SkilljarOptions(), lesson_progress_offered=False))
    first = commands.read(site.config(), ["user_lesson_progress"])
    other = serve()
    second = commands.read(other.config(), ["user_lesson_progress"], first.last_states())
    whole = commands.read(other.config(), ["user_lesson_progress"])
    assert len(second.records["user_lesson_progress"]) == len(whole.records["user_lesson_progress"]) > 0


@pytest.mark.parametrize("status", [403, 404])
def test_one_child_that_is_gone_does_not_fail_its_stream(commands: Any, requests_mock: Mocker, status: int) -> None:
    requests_mock.get(f"{BASE}/domains", json=DOMAINS)
    requests_mock.get(f"{BASE}/users", json=users(4))
    requests_mock.get(re.compile(rf"{BASE}/users/u\d/groups"), json=page({"id": "m", "joined_at": None}))
    requests_mock.get(f"{BASE}/users/u2/groups", status_code=status, json={"detail": "Not found."})
    result = commands.read(CONFIG, ["user_groups"])
    assert not result.errors
    assert result.keys("user_groups", "user_id") == [("u0",), ("u1",), ("u3",)]
    assert len(result.warnings()) == 1
    assert "user_latest_activity" in result.last_states()["user_groups"]


def test_no_reenrollment_rule_is_no_reason_for_a_warning(commands: Any, serve: Any) -> None:
    assert not commands.read(serve().config(), ["reenrollment_rules"]).warnings()


def test_null_says_that_a_course_has_no_reenrollment_rule(commands: Any, requests_mock: Mocker) -> None:
    requests_mock.get(f"{BASE}/domains", json=DOMAINS)
    requests_mock.get(f"{BASE}/domains/a.example.com/published-courses", json=page({"id": "c1"}, {"id": "c2"}))
    rules = f"{BASE}/domains/a.example.com/published-courses"
    requests_mock.get(f"{rules}/c1/reenrollment_rule", text="null")
    requests_mock.get(f"{rules}/c2/reenrollment_rule", json={"id": "r2"})
    result = commands.read(CONFIG, ["reenrollment_rules"])
    assert not result.errors
    assert result.keys("reenrollment_rules", "published_course_id") == [("c2",)]


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_everywhere_is_a_config_error(commands: Any, requests_mock: Mocker, status: int) -> None:
    requests_mock.get(re.compile(BASE), status_code=status, json={"detail": "no"})
    for streams in (["labels"], ["domains"], ["user_groups"]):
        result = commands.read(CONFIG, streams)
        kinds = {kind for _, kind in result.errors}
        assert kinds == {"config_error"}, streams
        assert any("key" in text for text, _ in result.errors)
        assert "sk-live-x" not in result.text
    state, message = commands.check(CONFIG)
    assert state == "FAILED"
    assert "API key" in message


def test_an_address_without_a_skilljar_is_a_config_error(commands: Any, requests_mock: Mocker) -> None:
    requests_mock.get(re.compile(BASE), status_code=404, text="nothing here")
    assert "base_url" in commands.check(CONFIG)[1]
    result = commands.read(CONFIG, ["labels"])
    assert {kind for _, kind in result.errors} == {"config_error"}


def test_check_succeeds_with_a_read_only_key(commands: Any, serve: Any) -> None:
    assert commands.check(serve().config(api_key="sk-live-readonly")) == ("SUCCEEDED", "")


def test_check_names_a_domain_that_there_is_not(commands: Any, serve: Any) -> None:
    state, message = commands.check(serve().config(domains=["academy.example.com", "typo.example.com"]))
    assert state == "FAILED"
    assert "typo.example.com" in message
    assert "academy" not in message


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"api_key": " "}, "api_key"),
        ({"api_key": "a b"}, "api_key"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
    ],
)
def test_a_wrong_configuration_is_named(wrong: dict[str, Any], named: str) -> None:
    status = SourceSkilljar().check(logging.getLogger(__name__), {**CONFIG, **wrong})
    assert status.status.value == "FAILED"
    assert named in str(status.message)


def test_a_domain_that_there_is_not_fails_the_read_before_any_record(commands: Any, serve: Any) -> None:
    site = serve()
    result = commands.read(site.config(domains=["academy.example.com", "typo.example.com"]), ["labels", "domain_users"])
    assert [kind for _, kind in result.errors] == ["config_error"]
    assert "typo.example.com" in result.errors[0][0]
    assert not result.records
    assert site.calls() == {"domains": 1}


def test_keys_pasted_with_blanks_and_line_ends_are_good(commands: Any, serve: Any) -> None:
    site = serve()
    config = site.config(api_key=" sk-live-demo\n", start_date=" 2026-01-01T00:00:00Z\n")
    assert commands.check(config) == ("SUCCEEDED", "")
    assert not commands.read(config, ["labels"]).errors


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"exc": requests.exceptions.SSLError("bad certificate")}, "TLS"),
        ({"exc": requests.exceptions.ProxyError("no")}, "proxy"),
        ({"exc": requests.exceptions.ConnectTimeout("slow")}, "the connection is not accepted in time"),
        ({"exc": requests.exceptions.ReadTimeout("slow")}, "does not answer in time"),
        ({"text": "<html>Sign in</html>"}, "a web page"),
        ({"status_code": 302, "headers": {"Location": "https://sso.test/login"}}, "base_url"),
        ({"status_code": 401}, "API key"),
        ({"status_code": 503}, "HTTP 503"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_check_says_what_is_in_the_way(
    commands: Any, requests_mock: Mocker, trouble: dict[str, Any], said: str
) -> None:
    requests_mock.get(f"{BASE}/domains", [trouble])
    state, message = commands.check(CONFIG)
    assert state == "FAILED"
    assert said in message
    assert "sk-live-x" not in message


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://no-such-host.invalid/v1", "(DNS)"),
        (f"http://127.0.0.1:{unused_port()}/v1", "the connection is refused"),
    ],
    ids=["dns", "refused"],
)
def test_check_says_that_no_server_is_there(commands: Any, address: str, said: str) -> None:
    state, message = commands.check({**CONFIG, "base_url": address})
    assert state == "FAILED"
    assert said in message


def test_check_answers_soon_when_the_server_accepts_and_says_nothing(
    commands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "CHECK_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        state, message = commands.check({**CONFIG, "base_url": f"http://127.0.0.1:{silent.getsockname()[1]}/v1"})
    assert state == "FAILED"
    assert "does not answer in time" in message


def test_check_of_an_address_whose_answers_never_end_says_so_and_does_not_fill_the_memory(commands: Any) -> None:
    with endless_server() as address:
        state, message = commands.check({**CONFIG, "base_url": f"{address}/v1"})
    assert state == "FAILED"
    assert "larger than 24 MiB, or never ends" in message


def test_a_stream_that_there_is_not_fails_the_read_and_lets_the_others_complete(commands: Any, serve: Any) -> None:
    result = commands.read(serve().config(), ["no_such_list", "labels"])
    assert result.ends == {"no_such_list": "INCOMPLETE", "labels": "COMPLETE"}
    assert [kind for _, kind in result.errors] == ["config_error"]
    assert "no_such_list" in result.errors[0][0]
