"""The adapter that CONTRIBUTING starts with runs, and keeps the promises of all destinations."""

from __future__ import annotations

import importlib.util
import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from lms_shared.dev.testing.records import a_user
from lms_shared.dev.testing.syncs import Run, Stream, sync

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "chalk.py"


class Chalk(ThreadingHTTPServer):
    """The made-up LMS."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.learners: dict[str, dict[str, Any]] = {}
        self.ids = itertools.count(1)
        self.writes = 0


class _Handler(BaseHTTPRequestHandler):
    server: Chalk

    def do_GET(self) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        rows = [row for row in self.server.learners.values() if all(row[key] == value for key, value in asked.items())]
        self._answer(rows)

    def do_POST(self) -> None:
        number = str(next(self.server.ids))
        self._write(number, {"id": number, "mail": None, "full_name": None})

    def do_PATCH(self) -> None:
        number = self.path.rpartition("/")[2]
        self._write(number, self.server.learners[number])

    def _write(self, number: str, row: dict[str, Any]) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.writes += 1
        self.server.learners[number] = {**row, **body}
        self._answer(self.server.learners[number])

    def _answer(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def chalk() -> Iterator[Chalk]:
    server = Chalk()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chalk", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(example: ModuleType, chalk: Chalk, *records: dict[str, Any]) -> Run:
    """A sync by a new process."""
    config = {"base_url": f"http://127.0.0.1:{chalk.server_port}", "api_key": "some-long-key"}
    return sync(example.DestinationChalk(), config, [Stream("users", records)])


def test_a_second_sync_writes_nothing_and_a_changed_field_is_one_write(example: ModuleType, chalk: Chalk) -> None:
    people = [a_user(name="Ada"), a_user("grace.hopper@example.com", name="Grace")]
    assert write(example, chalk, *people).total("created") == 2
    again = write(example, chalk, *people)
    assert (again.total("unchanged"), chalk.writes) == (2, 2)
    changed = write(example, chalk, {**people[0], "name": "Ada L."}, people[1])
    assert (changed.total("updated"), changed.total("unchanged"), chalk.writes) == (1, 1, 3)
    assert sorted(row["full_name"] for row in chalk.learners.values()) == ["Ada L.", "Grace"]


def test_a_record_that_chalk_cannot_take_is_a_reject(example: ModuleType, chalk: Chalk) -> None:
    run = write(example, chalk, {"name": "Nobody"}, a_user(name="Ada"))
    assert run.error is None
    assert (run.total("created"), run.total("rejected")) == (1, 1)


def test_check_and_form_follow_from_the_declaration(example: ModuleType, chalk: Chalk) -> None:
    destination = example.DestinationChalk()
    destination.adapter({"base_url": f"http://127.0.0.1:{chalk.server_port}", "api_key": "some-long-key"}).check()
    assert {"base_url", "api_key", "dry_run"} <= set(destination.form()["properties"])


def test_the_adapter_itself_is_about_fifty_lines() -> None:
    lines = EXAMPLE.read_text().partition("PLACES = ")[2].partition("class ChalkConfig")[0].splitlines()
    assert len([line for line in lines if line.strip()]) <= 50
