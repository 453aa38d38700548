"""Pretend LMS servers, and pipelines that are run by the installed command."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lms_shared.dev.demo.show import fingerprint
from lms_shared.dev.sandbox.pluralsight import ApiKey, PluralsightOptions, PluralsightSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox

COMMAND = str(Path(sys.executable).with_name("lms-sync"))
PLURALSIGHT_URL, SKILLJAR_URL = "http://pluralsight.test", "http://skilljar.test"
KEYS = {"PLURALSIGHT_API_KEY": "pipeline-test-key", "SKILLJAR_API_KEY": "sk-live-pipeline-test"}


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    events: list[dict[str, Any]]
    error: str

    def of(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.events if one["event"] == event]

    @property
    def end(self) -> dict[str, Any]:
        return self.of("finished")[-1]


@dataclass
class Pipeline:
    """A pipeline from Pluralsight to Skilljar, between pretend servers."""

    folder: Path
    pluralsight: SandboxServer
    skilljar: SandboxServer

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Starts `lms-sync run`."""
        line = [COMMAND, "run", str(self.folder), *options]
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - our own command

    def run(self, *options: str) -> Ended:
        return ended(self.start(*options))

    def change(self, role: str, **values: Any) -> None:
        """Sets keys of a config."""
        path = self.folder / f"{role}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    def states(self) -> dict[str, Any]:
        """The kept states by stream."""
        path = self.folder / "state.json"
        states = json.loads(path.read_text()) if path.exists() else []
        return {one["stream"]["stream_descriptor"]["name"]: one["stream"]["stream_state"] for one in states}

    def wait_for_connectors(self) -> None:
        """Returns once no connector of a run is left."""
        with (self.folder / ".lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    @property
    def end_state(self) -> str:
        return fingerprint(self.skilljar.lms)


def ended(process: subprocess.Popen[bytes]) -> Ended:
    output, error = process.communicate()
    return Ended(process.returncode, [json.loads(line) for line in output.splitlines()], error.decode())


def lms_sync(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - our own command


@contextmanager
def served() -> Iterator[tuple[SandboxServer, SandboxServer]]:
    """A small Pluralsight and an empty Skilljar."""
    source = PluralsightOptions(keys=(ApiKey(KEYS["PLURALSIGHT_API_KEY"]),))
    target = SkilljarOptions(keys=frozenset({KEYS["SKILLJAR_API_KEY"]}))
    with (
        SandboxServer(PluralsightSandbox(seed=1, users=8, courses=6, progress=24, options=source)) as pluralsight,
        SandboxServer(SkilljarSandbox.empty(target, 1)) as skilljar,
    ):
        yield pluralsight, skilljar


def made(folder: Path, pluralsight: SandboxServer, skilljar: SandboxServer) -> Pipeline:
    """A folder as `lms-sync init` writes it, and its keys."""
    folder.mkdir(parents=True)
    for name, text in _written_by_init().items():
        addressed = text.replace(PLURALSIGHT_URL, pluralsight.url).replace(SKILLJAR_URL, skilljar.url)
        (folder / name).write_text(addressed)
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in KEYS.items()))
    return Pipeline(folder, pluralsight, skilljar)


@cache
def _written_by_init() -> Mapping[str, str]:
    """The files by name, with stand-ins for the addresses of the servers. `init` asks the source for its streams, which
    takes seconds, so it is done once."""
    with served() as (pluralsight, skilljar), TemporaryDirectory() as parent:
        folder = Path(parent) / "pipeline"
        options = ["--source", "pluralsight", "--destination", "skilljar", *settings(pluralsight, skilljar)]
        init = lms_sync("init", str(folder), *options)
        assert init.returncode == 0, init.stderr
        texts = {path.name: path.read_text() for path in folder.iterdir()}
    return {
        name: text.replace(pluralsight.url, PLURALSIGHT_URL).replace(skilljar.url, SKILLJAR_URL)
        for name, text in texts.items()
    }


def settings(pluralsight: SandboxServer, skilljar: SandboxServer) -> list[str]:
    values = {
        "source.partner_name": "Acme",
        "source.endpoint": f"{pluralsight.url}/graphql",
        "source.show_off_plan_content": "true",
        "destination.domain_name": "academy.example.com",
        "destination.base_url": f"{skilljar.url}/v1",
        "destination.requests_per_minute": "1000000",
        "destination.requests_per_hour": "1000000",
        "destination.batch_size": "5",
    }
    return [f"--set={name}={value}" for name, value in values.items()]
