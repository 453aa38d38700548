"""Each failure of a connection says what it is, since what to look at differs from case to case."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock
from requests import exceptions

from lms_shared.http import client as http_client
from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.outcome import CallFailed, told


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "TIMEOUTS_SOON", (1.0, 0.05))
    monkeypatch.setattr(http_client, "FIRST_WAIT", 0.001)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        yield port


def failure(address: str) -> str:
    with pytest.raises(CallFailed) as caught:
        JsonClient("Acme", address, None, Limits(), max_attempts=1).call("GET", "things")
    return str(caught.value.message)


@pytest.mark.usefixtures("soon")
def test_a_server_that_accepts_and_is_silent_is_told_from_one_that_refuses(silent: int) -> None:
    assert "accepts the connection and does not answer in time" in failure(f"http://127.0.0.1:{silent}")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    assert "the connection is refused" in failure(f"http://127.0.0.1:{closed}")


@pytest.mark.usefixtures("soon")
def test_an_unknown_host_name_is_told() -> None:
    assert "host name cannot be found (DNS)" in failure("https://nowhere.invalid")


@pytest.mark.usefixtures("soon")
def test_a_server_that_does_not_speak_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        assert "(TLS)" in failure(f"https://127.0.0.1:{listener.getsockname()[1]}")


def test_a_web_page_in_place_of_data_is_told(requests_mock: requests_mock.Mocker) -> None:
    requests_mock.get(
        "https://api.example.com/things", text="<html>Sign in</html>", headers={"Content-Type": "text/html"}
    )
    message = failure("https://api.example.com")
    assert "answers with a web page in place of data" in message
    assert "Sign in" not in message


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.ProxyError("refused"), "the proxy"),
        (exceptions.ConnectTimeout("slow"), "firewall"),
        (exceptions.SSLError("certificate verify failed"), "certificate"),
        (exceptions.ChunkedEncodingError("cut"), "in the middle of an answer"),
        (exceptions.ConnectionError("HTTPConnectionPool: Read timed out."), "does not finish it in time"),
        (exceptions.ConnectionError("Remote end closed connection"), "connection lost, timeout, cut body"),
    ],
)
def test_what_an_error_says_is_told_and_else_the_rule(error: Any, said: str) -> None:
    assert said in told("connection lost, timeout, cut body", None, error)
