"""The server, its counters, its write hook and its control routes, over real HTTP."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from lms_shared.dev.sandbox.lms import Table
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.sandbox.server import SandboxServer


class NotesLms:
    """The smallest LMS there can be: it keeps notes."""

    name = "notes"

    def __init__(self) -> None:
        self.notes: list[str] = []
        notes = [
            Route("/notes", self._list, methods=["GET"]),
            Route("/notes", self._add, methods=["POST"]),
            Route("/notes/latest", self._one, methods=["GET"]),
            Route("/notes/{number:int}", self._one, methods=["GET"]),
        ]
        self.app = Starlette(routes=[Mount("/v1", routes=notes)])

    async def _list(self, _: Request) -> Response:
        return JSONResponse(self.notes)

    async def _add(self, request: Request) -> Response:
        self.notes.append((await request.body()).decode())
        return JSONResponse({"count": len(self.notes)}, 201)

    async def _one(self, request: Request) -> Response:
        return JSONResponse(self.notes[request.path_params.get("number", -1)])

    def state(self) -> dict[str, Any]:
        return {"notes": list(self.notes)}

    def summary(self) -> Sequence[Table]:
        return [Table("Notes", ("Text", "Long"), [(note, len(note) > 3) for note in self.notes])]


NEW_NOTE = b"POST /v1/notes HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\none"


def connect(server: SandboxServer) -> socket.socket:
    """A bare connection, for what an HTTP client hides."""
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port))


@pytest.fixture
def lms() -> NotesLms:
    return NotesLms()


@pytest.fixture
def server(lms: NotesLms) -> Iterator[SandboxServer]:
    with SandboxServer(lms) as running:
        yield running


def test_requests_are_counted_by_method_and_route_template(server: SandboxServer) -> None:
    for text in ("one", "two"):
        requests.post(f"{server.url}/v1/notes", data=text)
    for path in ("notes/0", "notes/1", "notes/latest", "notes", "nowhere/3", "nowhere/4"):
        requests.get(f"{server.url}/v1/{path}")
    assert server.requests.by_route == {
        "POST /v1/notes": 2,
        "GET /v1/notes/{number}": 2,
        "GET (no such route)": 2,
        "GET /v1/notes/latest": 1,
        "GET /v1/notes": 1,
    }
    assert (server.requests.reads, server.requests.writes, server.requests.total) == (6, 2, 8)


def test_counters_start_anew_after_a_reset_and_control_requests_are_never_counted(
    server: SandboxServer,
) -> None:
    requests.post(f"{server.url}/v1/notes", data="one")
    assert requests.get(f"{server.url}/_sandbox/requests").json() == {
        "total": 1,
        "reads": 0,
        "writes": 1,
        "by_route": {"POST /v1/notes": 1},
        "by_status": {"201": 1},
        "faults": {},
    }
    assert requests.post(f"{server.url}/_sandbox/requests/reset").json()["total"] == 0
    assert server.requests.by_route == {}


def test_state_is_shown_as_json(server: SandboxServer) -> None:
    requests.post(f"{server.url}/v1/notes", data="größe")
    assert requests.get(f"{server.url}/_sandbox/state").json() == {"notes": ["größe"]}


def test_the_page_shows_the_tables_and_counts_and_escapes_what_it_shows(server: SandboxServer) -> None:
    requests.post(f"{server.url}/v1/notes", data="<script>alert(1)</script>")
    for address in ("/_sandbox/", "/_sandbox"):
        page = requests.get(server.url + address)
        assert page.headers["content-type"].startswith("text/html")
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>" not in page.text
        assert "POST /v1/notes" in page.text


def test_the_page_says_how_many_rows_there_are_when_it_shows_only_the_first(
    server: SandboxServer, lms: NotesLms
) -> None:
    lms.notes = [f"note {number}" for number in range(500)]
    page = requests.get(f"{server.url}/_sandbox/").text
    assert "first 200 of 500" in page
    assert "note 199" in page
    assert "note 200" not in page


def test_each_write_is_announced_before_it_is_executed_and_after_it_was_committed(
    server: SandboxServer, lms: NotesLms
) -> None:
    seen: list[tuple[WriteEvent, int]] = []
    server.on_write = lambda event: seen.append((event, len(lms.notes)))
    requests.post(f"{server.url}/v1/notes", data="one")
    requests.get(f"{server.url}/v1/notes")
    requests.post(f"{server.url}/v1/notes", data="two")
    assert seen == [
        (WriteEvent("before", 1, "POST", "/v1/notes", "POST /v1/notes"), 0),
        (WriteEvent("after", 1, "POST", "/v1/notes", "POST /v1/notes", 201), 1),
        (WriteEvent("before", 2, "POST", "/v1/notes", "POST /v1/notes"), 1),
        (WriteEvent("after", 2, "POST", "/v1/notes", "POST /v1/notes", 201), 2),
    ]


def test_the_answer_to_a_write_is_unsent_while_the_hook_runs(server: SandboxServer) -> None:
    with connect(server) as client:
        answered: list[bool] = []
        server.on_write = lambda _: answered.append(bool(select.select([client], [], [], 0)[0]))
        client.sendall(NEW_NOTE)
        client.recv(4096)
    assert answered == [False, False]


def test_one_connection_serves_many_requests(server: SandboxServer) -> None:
    with connect(server) as client:
        for _ in range(3):
            client.sendall(b"GET /v1/notes HTTP/1.1\r\nhost: test\r\n\r\n")
            received = b""
            while not received.endswith(b"[]"):
                received += client.recv(4096)
            assert b"connection: close" not in received.lower()


def test_a_stopped_server_closes_its_port_and_can_start_again_on_it(lms: NotesLms) -> None:
    server = SandboxServer(lms)
    with requests.Session() as session:
        with server:
            assert session.get(f"{server.url}/v1/notes").ok
        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}/v1/notes")
        with server:
            assert session.get(f"{server.url}/v1/notes").ok
    server.stop()


def test_a_port_in_use_is_an_error_at_the_start(lms: NotesLms, server: SandboxServer) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        SandboxServer(lms, port=port).start()


def test_latency_holds_a_request_up_before_it_is_executed(server: SandboxServer, lms: NotesLms) -> None:
    server.latency = 0.02
    response = requests.post(f"{server.url}/v1/notes", data="one")
    assert response.elapsed.total_seconds() >= 0.02
    assert lms.notes == ["one"]


def test_requests_wait_out_their_latency_side_by_side(server: SandboxServer) -> None:
    phases: list[str] = []
    server.on_write = lambda event: phases.append(event.phase)
    server.latency = 0.3
    with connect(server) as one, connect(server) as other:
        one.sendall(NEW_NOTE)
        other.sendall(NEW_NOTE)
        one.recv(4096)
        other.recv(4096)
    assert phases == ["before", "before", "after", "after"]
