"""Credentials that wear out: fetched once, renewed before their end, and once when they are refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import requests_mock
from airbyte_cdk.utils import AirbyteTracedException
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets

from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.credentials import BearerToken, Token, token_of

URL = "https://lms.example.com/rows"


class Desk:
    """Hands out tokens one after the other."""

    def __init__(self, life: float = 3600.0) -> None:
        self.handed_out = 0
        self._life = life

    def fetch(self) -> Token:
        self.handed_out += 1
        return Token(f"token-number-{self.handed_out}", frozenset(), self._life)


@pytest.fixture
def server() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker() as mocker:
        yield mocker


def client(auth: BearerToken) -> JsonClient:
    return JsonClient("LMS", "https://lms.example.com", auth, Limits(), max_attempts=2)


def sent(server: requests_mock.Mocker) -> list[str]:
    return [str(one.headers["Authorization"]) for one in server.request_history]


def accepting(*tokens: str) -> Any:
    """An answer that takes some tokens and refuses all others with 401."""

    def answer(request: requests.Request, context: Any) -> dict[str, Any]:
        good = request.headers["Authorization"] in {f"Bearer {token}" for token in tokens}
        context.status_code = 200 if good else 401
        return {"good": good}

    return answer


def test_a_token_is_fetched_once_for_many_calls(server: requests_mock.Mocker) -> None:
    desk = Desk()
    server.get(URL, json=accepting("token-number-1"))
    calls = client(BearerToken(desk.fetch))
    for _ in range(3):
        assert calls.call("GET", "rows").json() == {"good": True}
    assert desk.handed_out == 1


def test_a_token_is_renewed_before_its_end(server: requests_mock.Mocker) -> None:
    now = [0.0]
    desk = Desk(life=86_400)
    server.get(URL, json={})
    calls = client(BearerToken(desk.fetch, clock=lambda: now[0]))
    for hours in (0, 22, 23.5):
        now[0] = hours * 3600
        calls.call("GET", "rows")
    assert sent(server) == ["Bearer token-number-1", "Bearer token-number-1", "Bearer token-number-2"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_token_is_renewed_once_and_the_call_made_again(server: requests_mock.Mocker, method: str) -> None:
    desk = Desk()
    server.register_uri(method, URL, json=accepting("token-number-2"))
    assert client(BearerToken(desk.fetch)).call(method, "rows").json() == {"good": True}
    assert desk.handed_out == 2


def test_credentials_that_are_refused_after_renewal_are_a_config_error(server: requests_mock.Mocker) -> None:
    desk = Desk()
    server.get(URL, json=accepting())
    with pytest.raises(AirbyteTracedException, match="refuses the credentials"):
        client(BearerToken(desk.fetch)).call("GET", "rows")
    assert desk.handed_out == 2


def test_a_refusal_of_an_older_token_does_not_renew_the_newer_one() -> None:
    desk = Desk()
    auth = BearerToken(desk.fetch)
    old = requests.Response()
    old.request = auth(requests.Request("GET", URL).prepare())
    auth.renew(old)
    auth.renew(old)
    assert desk.handed_out == 2


def test_many_threads_fetch_one_token() -> None:
    desk = Desk()
    auth = BearerToken(desk.fetch)
    threads = [threading.Thread(target=auth.token) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert desk.handed_out == 1


def test_a_token_is_masked_wherever_it_would_be_printed() -> None:
    token = BearerToken(Desk().fetch).token()
    assert token.value not in filter_secrets(f"Authorization: Bearer {token.value}")


def test_a_form_is_sent_url_encoded(server: requests_mock.Mocker) -> None:
    server.post(URL, json={})
    JsonClient("LMS", "https://lms.example.com", None, Limits()).call("POST", "rows", form={"a": "1 2"})
    assert server.last_request is not None
    assert server.last_request.text == "a=1+2"
    assert server.last_request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"access_token": "t", "expires_in": 60, "scope": "a b"}, Token("t", frozenset("ab"), 60.0)),
        ({"access_token": "t", "expires_in": 60}, Token("t", frozenset("xy"), 60.0)),
        ({"access_token": "t", "scope": "a"}, Token("t", frozenset("a"), 3600.0)),
        ({"access_token": 7}, None),
        ({"error": "invalid_client"}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_token_of_an_answer(body: Any, wanted: Token | None) -> None:
    assert token_of(body, ("x", "y")) == wanted
