"""A connector as a process: an installed command, or a container of its image."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms_shared.activity import INTERVAL_VARIABLE
from lms_shared.pipeline.folder import Folder, Side, write_object
from lms_shared.pipeline.messages import Message, error_of, parsed_lines
from lms_shared.pipeline.problems import PipelineConfigError, PipelineError, TooManyRejects

ENGINES = ("docker", "podman", "nerdctl")
IN_THE_CONTAINER = "/pipeline"
"""Where a container sees the pipeline's folder."""
PROGRESS_SECONDS = 2
"""How often the connectors say how far they are."""
TICK_SECONDS = 0.25
"""How soon a wish to stop is noticed."""
LONGEST_STDERR = 500


@dataclass(frozen=True)
class Containers:
    """Run the connectors as containers. `options` are further options of `docker run`, such as `--network=host`."""

    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandContext:
    """What all processes of one command share."""

    lock: int
    """File descriptor of the folder's lock; they inherit it."""
    stopped: threading.Event
    """Set once someone wants the command to end."""


@dataclass(frozen=True)
class Connector:
    """One side of a pipeline, ready to be started in the pipeline's folder."""

    role: str
    side: Side
    folder: Folder
    containers: Containers | None = None

    @property
    def name(self) -> str:
        return self.side.name

    def command(self, verb: str, **files: Any) -> list[str]:
        """The command line of a verb. Each keyword is an option whose content is written to a file.

        Raises PipelineConfigError if the connector is not installed.
        """
        line = [*self._start(), verb]
        for option, content in files.items():
            line += [f"--{option}", self.working_file(f"{self.role}-{option}.json", content)]
        return line

    def working_file(self, name: str, content: Any) -> str:
        """Writes a file of this run; gives its path as the connector sees it, which starts in the folder."""
        write_object(self.folder.working_files / name, content, mode=0o600)
        return f"{self.folder.working_files.name}/{name}"

    def module(self, module: str) -> list[str]:
        """The command line that runs a module of the connector's package, such as its doctor.

        Raises PipelineConfigError if the connector, or the module, is not there.
        """
        package = self.name.replace("-", "_")
        if self.containers is not None:
            return [*self._container(("--entrypoint", "python")), "-m", f"{package}.{module}"]
        self._executable()
        if importlib.util.find_spec(f"{package}.{module}") is None:
            raise PipelineConfigError(f"{self.name} has no {module}.")
        return [sys.executable, "-m", f"{package}.{module}"]

    def ask(self, verb: str, session: CommandContext, **files: Any) -> list[Message]:
        """Runs a command that ends by itself, and gives what it prints.

        Raises PipelineError, or one of its kinds, with the connector's own message when the command fails.
        """
        code, output, stderr = self.finished(self.command(verb, **files), session)
        said = list(parsed_lines(output.splitlines()))
        if code != 0:
            raise self.failure([error for one in said if (error := error_of(one)) is not None], stderr)
        return said

    def finished(self, command: Sequence[str], session: CommandContext) -> tuple[int, bytes, bytes]:
        """Exit code and output of a command of this connector, once it has ended.

        Raises PipelineError if it has to be stopped.
        """
        process = self.started(command, session, stdin=subprocess.DEVNULL)
        while True:
            try:
                output, stderr = process.communicate(timeout=TICK_SECONDS)
            except subprocess.TimeoutExpired:
                if session.stopped.is_set():
                    process.kill()
                    process.communicate()
                    raise PipelineError("Stopped from outside before anything was read.") from None
            else:
                return process.returncode, output, stderr

    def started(self, command: Sequence[str], session: CommandContext, stdin: int) -> subprocess.Popen[bytes]:
        """Starts a command of this connector in the pipeline's folder."""
        return subprocess.Popen(  # noqa: S603 - a connector of this pipeline
            command,
            cwd=self.folder.path,
            env={**os.environ, INTERVAL_VARIABLE: str(PROGRESS_SECONDS)},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(session.lock,),
            # Ctrl-C reaches the whole group of a terminal; the connectors are told by SIGTERM, and once.
            process_group=0,
        )

    def check(self, session: CommandContext) -> None:
        """Raises PipelineConfigError with the connector's message unless it reaches its LMS."""
        said = self.ask("check", session, config=self.side.config)
        statuses: list[Mapping[str, Any]] = [
            one["connectionStatus"] for one in said if one["type"] == "CONNECTION_STATUS"
        ]
        if not statuses:
            raise PipelineError(f"{self.name}: check gave no answer.")
        if statuses[-1].get("status") != "SUCCEEDED":
            raise PipelineConfigError(f"{self.name}: {statuses[-1].get('message') or 'check failed.'}")

    def discover(self, session: CommandContext) -> dict[str, Any]:
        """The streams that a source offers, by name."""
        catalogs = [
            one["catalog"] for one in self.ask("discover", session, config=self.side.config) if one["type"] == "CATALOG"
        ]
        if not catalogs:
            raise PipelineError(f"{self.name}: discover gave no catalog.")
        return {stream["name"]: stream for stream in catalogs[-1]["streams"]}

    def specification(self, session: CommandContext) -> dict[str, Any]:
        """The JSON schema of the connector's config."""
        specs = [one["spec"] for one in self.ask("spec", session) if one["type"] == "SPEC"]
        if not specs:
            raise PipelineError(f"{self.name}: spec gave no answer.")
        schema: dict[str, Any] = specs[-1]["connectionSpecification"]
        return schema

    def failure(self, errors: Sequence[Message], stderr: bytes) -> PipelineError:
        """The error of a command that failed, from its error traces."""
        if not errors:
            # What a crashed interpreter or container engine says last.
            last = stderr.decode(errors="replace").strip()[-LONGEST_STDERR:]
            return PipelineError(f"{self.name}: {last or 'ended without saying why.'}")
        first = next((one for one in errors if one.get("failure_type") == "config_error"), errors[0])
        text = f"{self.name}: {first.get('message') or 'failed.'}"
        if first.get("failure_type") != "config_error":
            return PipelineError(text)
        return TooManyRejects(text) if "max_rejected" in text else PipelineConfigError(text)

    def _start(self) -> list[str]:
        return [str(self._executable())] if self.containers is None else self._container()

    def _executable(self) -> Path:
        beside = Path(sys.executable).parent / self.name
        found = beside if beside.exists() else shutil.which(self.name)
        if found is None:
            raise PipelineConfigError(f"{self.name} is not installed. Install it beside lms-sync, or use --image.")
        return Path(found)

    def _container(self, options: Sequence[str] = ()) -> list[str]:
        assert self.containers is not None
        engine = next((path for name in ENGINES if (path := shutil.which(name))), None)
        if engine is None:
            raise PipelineConfigError(f"--image needs a container engine: {', '.join(ENGINES)}.")
        folder = self.folder.path.resolve()
        return [
            *(engine, "run", "--rm", "--interactive", "--user", f"{os.getuid()}:{os.getgid()}"),
            *("--volume", f"{folder}:{IN_THE_CONTAINER}", "--workdir", IN_THE_CONTAINER),
            *("--env", f"{INTERVAL_VARIABLE}={PROGRESS_SECONDS}"),
            *self.containers.options,
            *options,
            self.side.image,
        ]
