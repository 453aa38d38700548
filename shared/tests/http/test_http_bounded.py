"""An answer that never ends is cut off before it fills the memory."""

from __future__ import annotations

import gc
import gzip
import threading
import weakref
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests

from lms_shared.dev.testing.endless_server import endless_server
from lms_shared.http import client as http_client
from lms_shared.http.bounded import MIB, AnswerTooLarge, BoundedAdapter
from lms_shared.http.client import JsonClient, Limits
from lms_shared.http.outcome import CallFailed


def session(largest: int) -> requests.Session:
    session = requests.Session()
    session.mount("http://", BoundedAdapter(connections=1, largest=largest))
    return session


@pytest.fixture
def packed() -> Iterator[str]:
    """The address of a server that sends 4 MiB of blanks as some thousand bytes."""
    body = gzip.compress(b" " * (4 * MIB))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_without_an_end_is_cut_off(chunked: bool) -> None:
    with endless_server(chunked=chunked) as address, pytest.raises(AnswerTooLarge):
        session(MIB).get(address)


def test_what_counts_is_the_size_of_an_answer_when_it_is_unpacked(packed: str) -> None:
    with pytest.raises(AnswerTooLarge):
        session(4 * MIB - 1).get(packed)
    assert len(session(4 * MIB).get(packed).content) == 4 * MIB


def test_an_answer_that_was_read_is_gone_when_nobody_needs_it_any_more(packed: str) -> None:
    gc.disable()
    try:
        answer = session(4 * MIB).get(packed)
        gone = weakref.ref(answer)
        del answer
        assert gone() is None
    finally:
        gc.enable()


def test_a_client_says_of_an_answer_without_an_end_that_it_is_not_the_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "LARGEST_FOR_CHECK", MIB)
    monkeypatch.setattr(http_client, "FIRST_WAIT", 0.001)
    with endless_server() as address, pytest.raises(CallFailed) as caught:
        JsonClient("Acme", address, None, Limits(), max_attempts=2).call("GET", "things")
    assert "larger than 1 MiB, or never ends" in str(caught.value.message)
