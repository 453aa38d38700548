"""What the framework of the doctors promises, on a pretend Skilljar over HTTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.doctor import (
    AccessRefused,
    Doctor,
    Guess,
    Observation,
    Probe,
    ReadingSession,
    does_not_hold,
    holds,
    run_doctor,
)
from lms_shared.doctor.report import depersonalized
from lms_shared.doctor.session import BudgetSpent, NoAnswer, WriteRefused

KEY = "sk-live-doctor-test"
OPTIONS = SkilljarOptions(keys=frozenset({KEY}))

PING = Guess("ping", "A ping is answered 200.", "Skilljar reference, section 1.1", "check uses it", True)
CAP = Guess("page_cap", "A page holds up to 3 users.", "section 2", "longer pages are cut", 3)
LABEL = Guess(
    "label", "Labels may come with the create.", "section 5", "else a call more", True, untested="Only a write shows it"
)


@dataclass(frozen=True)
class Account:
    session: ReadingSession
    url: str


Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[SandboxServer] = []

    def start(*rules: FaultRule) -> str:
        server = SandboxServer(SkilljarSandbox(1, 8, 3, OPTIONS), 0, 0.0, FaultPlan(rules))
        servers.append(server)
        return server.__enter__().url + "/v1"

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def connect(config: Mapping[str, Any]) -> Account:
    account = Account(ReadingSession(auth=(config["api_key"], ""), sleep=lambda _: None), config["base_url"])
    if account.session.get(f"{account.url}/domains").status == 401:
        raise AccessRefused(f"Skilljar does not accept the key {config['api_key']}.")
    return account


def ping(account: Account) -> dict[Guess[Any], Observation]:
    status = account.session.get(f"{account.url}/ping").status
    return {PING: holds("It was.") if status == 200 else does_not_hold(f"The answer was {status}.")}


def page_cap(account: Account) -> dict[Guess[Any], Observation]:
    rows = account.session.get(f"{account.url}/users", {"page_size": 5}).body["results"]
    return {CAP: does_not_hold(f"{len(rows)} came, the first {rows[0]['user']['email']}.", page_size=len(rows))}


DOCTOR = Doctor("destination-skilljar", connect, (Probe((PING,), ping), Probe((CAP,), page_cap)), (PING, CAP, LABEL))


def examined(doctor: Doctor[Account], url: str, folder: Path, key: str = KEY) -> tuple[int, dict[str, Any]]:
    config, output = folder / "config.json", folder / "doctor.json"
    config.write_text(json.dumps({"api_key": key, "base_url": url}))
    code = run_doctor(doctor, ["--config", str(config), "--output", str(output)])
    return code, json.loads(output.read_text()) if output.exists() else {}


def findings(report: Mapping[str, Any]) -> dict[str, str]:
    return {row["guess"]: row["finding"] for row in report["findings"]}


def test_each_guess_is_told_with_what_follows_and_the_settings_that_fit(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = examined(DOCTOR, serve(), tmp_path)
    assert code == 0
    assert findings(report) == {"ping": "holds", "page_cap": "does not hold", "label": "could not tell"}
    assert report["proposed_config"] == {"page_size": 5}
    assert report["calls"] == 3
    printed = capsys.readouterr().out
    assert "What follows from it: longer pages are cut (section 2)" in printed
    assert "Only a write shows it" in printed


def test_the_report_names_no_person_even_if_a_probe_does(serve: Serve, tmp_path: Path) -> None:
    _, report = examined(DOCTOR, serve(), tmp_path)
    seen = next(row["seen"] for row in report["findings"] if row["guess"] == "page_cap")
    assert "@" not in seen.replace("***@***", "")


def test_a_refused_key_ends_with_the_code_for_config_and_without_the_key(
    serve: Serve, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = examined(DOCTOR, serve(), tmp_path, key="sk-live-0123456789")
    assert (code, report) == (2, {})
    error = capsys.readouterr().err
    assert "does not accept the key" in error
    assert "0123456789" not in error


def test_a_server_in_trouble_is_asked_once_more_and_is_no_finding(serve: Serve, tmp_path: Path) -> None:
    once = FaultRule(FaultKind.UNAVAILABLE, path="/ping", times=1)
    broken = FaultRule(FaultKind.DROP_BEFORE, path="/users")
    code, report = examined(DOCTOR, serve(once, broken), tmp_path)
    assert code == 0
    assert findings(report) == {"ping": "holds", "page_cap": "could not tell", "label": "could not tell"}


def test_an_answer_of_another_shape_is_could_not_tell_and_the_others_go_on(serve: Serve, tmp_path: Path) -> None:
    doctor = Doctor(
        "destination-skilljar", connect, (Probe((CAP,), page_cap), Probe((PING,), ping)), (PING, CAP, LABEL)
    )
    page = FaultRule(FaultKind.HTML, path="/users")
    _, report = examined(doctor, serve(page), tmp_path)
    assert findings(report) == {"ping": "holds", "page_cap": "could not tell", "label": "could not tell"}


def test_no_more_calls_are_made_than_allowed_and_what_is_left_could_not_be_told(serve: Serve) -> None:
    url = serve()
    session = ReadingSession(auth=(KEY, ""), max_calls=2)
    for _ in range(2):
        assert session.get(f"{url}/ping").status == 200
    with pytest.raises(BudgetSpent):
        session.get(f"{url}/ping")
    assert session.calls == 2


def test_retries_count_as_calls(serve: Serve) -> None:
    url = serve(FaultRule(FaultKind.DROP_BEFORE, path="/ping"))
    session = ReadingSession(auth=(KEY, ""), sleep=lambda _: None)
    with pytest.raises(NoAnswer):
        session.get(f"{url}/ping")
    assert session.calls == 2


def test_no_call_is_made_once_the_time_is_over(serve: Serve) -> None:
    now = [0.0]
    session = ReadingSession(auth=(KEY, ""), clock=lambda: now[0])
    now[0] = 301.0
    with pytest.raises(BudgetSpent):
        session.get(f"{serve()}/ping")


def test_an_answer_of_which_a_byte_comes_now_and_then_ends_with_the_time() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
                while not over.wait(0.02):
                    connection.sendall(b" ")

        server = threading.Thread(target=drip, daemon=True)
        server.start()
        session = ReadingSession(max_seconds=0.3)
        with pytest.raises((NoAnswer, BudgetSpent)):
            session.get(f"http://127.0.0.1:{listener.getsockname()[1]}/ping")
        over.set()
        server.join()


def test_a_pause_that_is_asked_for_is_kept_and_a_long_one_ends_the_look(serve: Serve) -> None:
    rule = FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, path="/ping", times=1, retry_after=3)
    waited: list[float] = []
    session = ReadingSession(auth=(KEY, ""), sleep=waited.append)
    assert session.get(f"{serve(rule)}/ping").status == 200
    assert waited == [3.0]
    long = FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, path="/ping", times=1, retry_after=600)
    with pytest.raises(NoAnswer, match="pause of 600 s"):
        session.get(f"{serve(long)}/ping")


@pytest.mark.parametrize("document", ["mutation { deleteUser }", "# harmless\nquery Q { a }\nmutation M { b }"])
def test_a_mutation_is_refused_before_it_is_sent(document: str) -> None:
    session = ReadingSession()
    with pytest.raises(WriteRefused):
        session.graphql("http://127.0.0.1:9/graphql", document)
    assert session.calls == 0


def test_a_post_is_refused_but_on_the_declared_paths() -> None:
    session = ReadingSession(posts=frozenset({"/oauth/token/"}))
    with pytest.raises(WriteRefused):
        session.post("http://127.0.0.1:9/v1/users", {"email": "x"})
    assert session.calls == 0


@pytest.mark.parametrize(
    ("guesses", "probes"),
    [
        pytest.param((PING, CAP), (Probe((PING,), ping),), id="nobody looks"),
        pytest.param((PING,), (Probe((PING,), ping), Probe((PING,), ping)), id="two look"),
        pytest.param((LABEL,), (Probe((LABEL,), ping),), id="looked at although untested"),
        pytest.param((), (Probe((PING,), ping),), id="not listed"),
        pytest.param((PING, PING), (Probe((PING,), ping),), id="twice the same name"),
    ],
)
def test_a_doctor_with_a_gap_cannot_be_declared(
    guesses: tuple[Guess[Any], ...], probes: tuple[Probe[Account], ...]
) -> None:
    with pytest.raises(ValueError, match=r"guess|name"):
        Doctor("destination-skilljar", connect, probes, guesses)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("ada@example.com came", "a***@*** came"),
        ("id 2rbqhn5v1ykw3 of 12 rows", "id (id) of 12 rows"),
        ("plan 3f0d3c52-6f0e-4d8e-9a52-0d2d3b1f7a01", "plan (id)"),
        ("see https://acme.example.com/a?b=c now", "see (link) now"),
        ("academy.example.com answered 404", "(host) answered 404"),
        ("partner ACME and ACMEX", "partner (from the config) and ACMEX"),
        ("updatedOn of 2026-11-27 in course_progress", "updatedOn of 2026-11-27 in course_progress"),
    ],
)
def test_a_sentence_keeps_its_counts_and_names_of_fields_and_loses_what_identifies(text: str, clean: str) -> None:
    assert depersonalized(text, ("ACME",)) == clean
