"""Every answer that is no good, row by row: how often it is asked again, how it ends, what the user is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests
import requests_mock as requests_mock_library

from lms_shared.http import rate_limit

ENDPOINT = "http://pluralsight.test/graphql"
KEY = "very-secret-key-123"
CONFIG = {"api_key": KEY, "partner_name": "Acme", "endpoint": ENDPOINT}
REFUSED = {"status_code": 400, "json": {"errors": [{"message": "GraphQL introspection is not allowed"}]}}
GOOD = {"json": {"data": {"teams": {"nodes": [{"id": "1"}], "pageInfo": {"hasNextPage": False}, "totalCount": 1}}}}
NEVER, FEW, MANY = 0, 3, 8
WHILE_PATIENT = None
SEARCHED = 1
"""One request more, to learn whether a smaller query is taken."""


@dataclass(frozen=True)
class Row:
    """An answer that comes again and again, and what is expected of the connector."""

    title: str
    answer: dict[str, Any]
    retries: int | None
    failure_type: str
    says: str = ""


def errors(message: str, status: int = 200, code: str | None = None, data: Any = None) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message}
    if code is not None:
        error["extensions"] = {"code": code}
    return {"status_code": status, "json": {"data": data, "errors": [error]}}


HTML = "<!doctype html><title>Maintenance</title>"
BAD_KEY = {"error": "AuthenticationError: Invalid API Key"}

TABLE = [
    Row("401 in its own shape", {"status_code": 401, "json": BAD_KEY}, NEVER, "config_error", "api_key"),
    Row("401 without a body", {"status_code": 401, "text": ""}, NEVER, "config_error", "api_key"),
    Row("a refused key with 200", {"json": BAD_KEY}, NEVER, "config_error", "api_key"),
    Row("unauthenticated", errors("Nope", code="UNAUTHENTICATED"), NEVER, "config_error", "api_key"),
    Row("403", {"status_code": 403, "text": HTML}, SEARCHED, "config_error", "release stage"),
    Row("403 with errors", errors("Enterprise only", 403), SEARCHED, "config_error", "Enterprise only"),
    Row("400", {"status_code": 400, "json": {"message": "clientversion"}}, NEVER, "config_error", "partner_name"),
    Row("404", {"status_code": 404, "text": HTML}, NEVER, "config_error", "endpoint"),
    Row("405", {"status_code": 405, "text": ""}, NEVER, "config_error", "endpoint"),
    Row(
        "a field that is gone, with 400",
        errors('Cannot query field "parentTeamId" on type "Team".', 400),
        SEARCHED,
        "config_error",
        "parentTeamId",
    ),
    Row(
        "a field that is gone, with 200",
        errors('Cannot query field "name" on type "Team".', code="GRAPHQL_VALIDATION_FAILED"),
        SEARCHED,
        "config_error",
        '"name"',
    ),
    Row("a Beta field", errors("Field teams is in Beta"), SEARCHED, "config_error", "in Beta"),
    Row("no permission", errors("x", code="FORBIDDEN"), SEARCHED, "config_error", "api_key"),
    Row("errors that may pass", errors("Internal server error"), FEW, "transient_error", "Internal server error"),
    Row("errors beside data", errors("Timeout in users", data={"teams": None}), FEW, "transient_error", "Timeout"),
    *(
        Row(
            f"trouble by its code, whatever the words: {words}",
            errors(words, status, code="INTERNAL_SERVER_ERROR"),
            FEW,
            "transient_error",
            words,
        )
        for words, status in (
            ("String cannot represent value: [object]", 200),
            ("Query did not return a TEAM", 200),
            ("Query field startDate is not a valid date", 200),
            ("invalid api key in the cache", 200),
            ("The rate limit service failed", 200),
            ("No words for it", 400),
        )
    ),
    Row("errors that are mere texts", {"json": {"errors": ["odd"]}}, FEW, "transient_error", "odd"),
    Row("no data", {"json": {"hello": "world"}}, FEW, "transient_error", "endpoint"),
    Row("data of another kind", {"json": {"data": [1]}}, FEW, "transient_error", "endpoint"),
    Row("429", {"status_code": 429, "text": ""}, WHILE_PATIENT, "transient_error", "rate"),
    Row(
        "429 with seconds",
        {"status_code": 429, "headers": {"Retry-After": "7"}},
        WHILE_PATIENT,
        "transient_error",
        "rate",
    ),
    Row(
        "429 with a day",
        {"status_code": 429, "headers": {"Retry-After": "86400"}},
        NEVER,
        "transient_error",
        "asks to wait 86,400 s",
    ),
    Row("throttled with 200", errors("Rate limit exceeded"), WHILE_PATIENT, "transient_error", "rate"),
    Row("500", {"status_code": 500, "text": HTML}, MANY, "transient_error", "HTTP 500"),
    Row("502", {"status_code": 502, "text": ""}, MANY, "transient_error", "HTTP 502"),
    Row("503 as JSON", errors("down", 503), MANY, "transient_error", "HTTP 503"),
    Row("408", {"status_code": 408, "text": ""}, MANY, "transient_error", "HTTP 408"),
    Row("a web page", {"text": HTML}, MANY, "transient_error", "web page"),
    Row("a body that was cut", {"text": '{"data": {"teams": {"nod'}, MANY, "transient_error", "not valid JSON"),
    Row("an empty body", {"text": ""}, MANY, "transient_error", "not valid JSON"),
    Row("a dropped connection", {"exc": requests.ConnectionError("reset")}, MANY, "transient_error", "lost"),
    Row(
        "a host name that is unknown",
        {"exc": requests.ConnectionError("NameResolutionError('no such host')")},
        MANY,
        "transient_error",
        "DNS",
    ),
    Row(
        "a connection that is refused",
        {"exc": requests.ConnectionError("NewConnectionError('refused')")},
        MANY,
        "transient_error",
        "refused the connection",
    ),
    Row("a proxy", {"exc": requests.exceptions.ProxyError("proxy")}, MANY, "transient_error", "proxy"),
    Row(
        "a redirect to a login page",
        {"status_code": 302, "headers": {"Location": "http://login.test/"}},
        NEVER,
        "config_error",
        "login page",
    ),
    Row("a wrong argument", errors("Bad id", code="BAD_USER_INPUT"), NEVER, "config_error", "Bad id"),
    Row("no connection in time", {"exc": requests.ConnectTimeout("slow")}, MANY, "transient_error", "in time"),
    Row("no answer in time", {"exc": requests.ReadTimeout("slow")}, MANY, "transient_error", "answer in time"),
    Row("an answer that broke off", {"exc": requests.exceptions.ChunkedEncodingError("cut")}, MANY, "transient_error"),
    Row("a bad certificate", {"exc": requests.exceptions.SSLError("cert")}, MANY, "transient_error", "certificates"),
]


def read_teams(commands: Any, answers: list[dict[str, Any]]) -> tuple[Any, list[Any]]:
    """Read teams; introspection is refused before `answers` begin."""
    with requests_mock_library.Mocker() as mocker:
        mocker.post(ENDPOINT, [REFUSED, *answers])
        output = commands.read(CONFIG, ["teams"])
        return output, mocker.request_history[1:]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)
def test_an_answer_that_is_no_good_ends_as_the_table_says(commands: Any, waits: list[float], row: Row) -> None:
    output, sent = read_teams(commands, [row.answer])
    first, last = output.errors[0].trace.error, output.errors[-1].trace.error
    assert (first.failure_type.value, last.failure_type.value) == (row.failure_type, row.failure_type)
    assert row.says in first.message
    assert first.stream_descriptor.name == "teams"
    if row.retries is WHILE_PATIENT:
        assert len(sent) > MANY
        assert 200 < sum(waits) <= rate_limit.SYNC.seconds + 1
    else:
        assert len(sent) == 1 + row.retries
        assert len(waits) == (0 if row.retries == SEARCHED else row.retries)


@pytest.mark.parametrize(
    "row", [row for row in TABLE if row.retries not in (NEVER, SEARCHED)], ids=lambda row: row.title
)
def test_what_passes_costs_nothing(commands: Any, row: Row) -> None:
    output, sent = read_teams(commands, [row.answer, row.answer, GOOD])
    assert not output.errors
    assert [message.record.data["id"] for message in output.records] == ["1"]
    assert len(sent) == 3


def test_the_waits_grow(commands: Any, waits: list[float]) -> None:
    read_teams(commands, [{"status_code": 503}])
    assert waits[0] < waits[2] < waits[4]
    assert waits[0] < 2 < waits[-1]


def test_a_retry_after_that_is_a_date_is_understood_by_the_clock_of_the_server(
    commands: Any, waits: list[float]
) -> None:
    dates = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After": "Wed, 01 Jan 2020 00:00:20 GMT"}
    output, _ = read_teams(commands, [{"status_code": 429, "headers": dates}, GOOD])
    assert not output.errors
    assert 20 <= sum(waits) < 22


def test_both_timeouts_are_set(commands: Any) -> None:
    _, sent = read_teams(commands, [GOOD])
    connect, read = sent[0].timeout
    assert (connect, read) == (10, 120)


@pytest.mark.parametrize(
    "answer",
    [
        errors("No user ada.lovelace@example.com", data={"teams": {"nodes": [{"name": "ada.lovelace@example.com"}]}}),
        errors('Cannot query field "name": ada.lovelace@example.com', 400),
        {"status_code": 401, "json": {"error": f"AuthenticationError: {KEY} of ada.lovelace@example.com"}},
        {"status_code": 403, "text": "ada.lovelace@example.com may not"},
        {"status_code": 500, "text": "ada.lovelace@example.com"},
        {"text": "<p>ada.lovelace@example.com</p>"},
    ],
)
def test_neither_the_key_nor_an_e_mail_address_is_ever_written(
    commands: Any, capfd: pytest.CaptureFixture[str], answer: dict[str, Any]
) -> None:
    output, _ = read_teams(commands, [answer])
    captured = capfd.readouterr()
    written = captured.out + captured.err + "".join(str(message) for message in output.get_message_iterator())
    assert output.errors
    assert "ada.lovelace@example.com" not in written
    assert KEY not in written


def test_a_read_with_debug_messages_writes_neither_bodies_nor_headers(
    serve: Any, commands: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    site = serve()
    output = commands.read(site.config(), ["users"], debug=True)
    written = capfd.readouterr().err + "".join(log.log.message for log in output.logs)
    emails = {row.record.data.get("email") for row in output.records} - {None}
    assert emails
    assert not [email for email in emails if email in written]
    assert site.config()["api_key"] not in written


def test_a_key_that_looks_like_a_number_is_sent_as_it_is(commands: Any) -> None:
    with requests_mock_library.Mocker() as mocker:
        mocker.post(ENDPOINT, [REFUSED, GOOD])
        commands.read({**CONFIG, "api_key": " 1e5\n"}, ["teams"])
        assert {request.headers["Authorization"] for request in mocker.request_history} == {"Bearer 1e5"}


def test_each_request_is_one_named_operation(commands: Any) -> None:
    _, sent = read_teams(commands, [GOOD])
    body = sent[0].json()
    assert body["operationName"] == "Teams"
    assert body["query"].startswith("query Teams($first: Int!, $after: String) {")
    assert sent[0].headers["Content-Type"] == "application/json"
