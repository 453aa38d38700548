"""`check` succeeds with a key that can read, and otherwise says what to change."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.pluralsight.options import (
    ALPHA_KEY,
    BETA_KEY,
    DELETED_KEY,
    EXPIRED_KEY,
    PROFESSIONAL_KEY,
    PluralsightOptions,
    Refusal,
)
from lms_shared.dev.sandbox.pluralsight.queries import BARE_LISTS, CONNECTIONS
from lms_shared.dev.testing.endless_server import endless_server
from source_pluralsight import source


@pytest.mark.parametrize("key", [None, BETA_KEY, ALPHA_KEY, PROFESSIONAL_KEY, EXPIRED_KEY])
@pytest.mark.parametrize("introspection", [None, Refusal.ERRORS, Refusal.FORBIDDEN])
def test_a_good_key_succeeds_with_and_without_introspection(
    serve: Any, commands: Any, key: str | None, introspection: Refusal | None
) -> None:
    site = serve(PluralsightOptions(introspection_refusal=introspection))
    config = site.config() if key is None else site.config(api_key=key)
    assert commands.check(config) == {"status": "SUCCEEDED"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"api_key": "wrong"}, "api_key"),
        ({"api_key": DELETED_KEY}, "api_key"),
        ({"api_key": " "}, "api_key"),
        ({"api_key": "a b"}, "api_key"),
        ({"api_key": None}, "api_key"),
        ({"partner_name": None}, "partner_name"),
        ({"partner_name": "  "}, "partner_name"),
        ({"partner_name": "株式会社"}, "partner_name"),
        ({"partner_name": "Acme\r\nX: 1"}, "partner_name"),
        ({"connector_type": " "}, "connector_type"),
        ({"content_types": ["VIDEO"]}, "content_types"),
        ({"start_date": "2025-13-45T00:00:00Z"}, "start_date"),
        ({"start_date": "yesterday"}, "yesterday"),
        ({"page_size": 0}, "0"),
        ({"page_size": 10_001}, "10001"),
        ({"lookback_window_days": 31}, "31"),
        ({"num_workers": 21}, "21"),
        ({"endpoint": "pluralsight.com"}, "pluralsight.com"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(serve: Any, commands: Any, change: dict[str, Any], says: str) -> None:
    config = serve().config(**change)
    status = commands.check({key: value for key, value in config.items() if value is not None})
    assert status["status"] == "FAILED"
    assert says in status["message"]


def test_a_host_that_does_not_answer_is_a_failure_that_names_endpoint(serve: Any, commands: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    status = commands.check(serve().config(endpoint=f"http://127.0.0.1:{port}/graphql"))
    assert status["status"] == "FAILED"
    assert "endpoint" in status["message"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n "])
def test_check_answers_in_time_whatever_the_server_does(
    commands: Any, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(source, "CHECK_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def accept() -> None:
            connection, _ = silent.accept()
            kept.append(connection)
            connection.sendall(answer)

        kept: list[socket.socket] = []
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}/graphql"
        status = commands.check({"api_key": "some-key", "partner_name": "Acme", "endpoint": endpoint})
        thread.join()
        for connection in kept:
            connection.close()
    assert status["status"] == "FAILED"
    assert "did not answer within" in status["message"]


def test_check_of_an_address_whose_answers_never_end_says_so_and_does_not_fill_the_memory(commands: Any) -> None:
    with endless_server() as address:
        status = commands.check({"api_key": "some-key", "partner_name": "Acme", "endpoint": f"{address}/graphql"})
    assert status["status"] == "FAILED"
    assert "too large, or never ends. Check endpoint" in status["message"]


def test_what_was_pasted_with_blanks_around_it_is_taken_without(serve: Any, commands: Any) -> None:
    config = serve().config()
    padded = {key: f"  {value}\n" for key, value in config.items()}
    assert commands.check(padded) == {"status": "SUCCEEDED"}


def test_an_unknown_key_is_said_with_the_one_that_was_meant(serve: Any, commands: Any) -> None:
    output = commands.read(serve().config(page_sise=10), ["teams"])
    assert not output.errors
    assert output.is_in_logs("page_sise.*page_size")


def test_a_path_without_an_api_is_a_failure_that_names_endpoint(serve: Any, commands: Any) -> None:
    site = serve()
    status = commands.check(site.config(endpoint=f"{site.server.url}/nothing"))
    assert status["status"] == "FAILED"
    assert "endpoint" in status["message"]


def test_a_web_page_in_place_of_the_api_is_a_failure_that_names_endpoint(serve: Any, commands: Any) -> None:
    site = serve(faults=FaultPlan([FaultRule(FaultKind.HTML)]))
    status = commands.check(site.config())
    assert status["status"] == "FAILED"
    assert "endpoint" in status["message"]


def test_one_list_that_can_be_read_is_enough(serve: Any, commands: Any) -> None:
    refused = frozenset({"Query.planAdmins", "Query.users", "Query.courseCatalog"})
    assert commands.check(serve(PluralsightOptions(beta_fields=refused)).config()) == {"status": "SUCCEEDED"}


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_key_that_may_read_nothing_is_a_failure(serve: Any, commands: Any, refusal: Refusal) -> None:
    refused = frozenset(f"Query.{name}" for name in (*CONNECTIONS, *BARE_LISTS, "planInfo"))
    site = serve(PluralsightOptions(beta_fields=refused, stage_refusal=refusal))
    status = commands.check(site.config())
    assert status["status"] == "FAILED"
    assert "release stage" in status["message"]
