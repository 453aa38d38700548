"""The folder of a pipeline: what it holds, and the lock that keeps two runs apart."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lms_shared.pipeline.problems import PipelineConfigError, PipelineError
from lms_shared.pipeline.secrets import filled, known_values

REPORTS = "reports"
"""Where rejected records, plan and report page go, unless destination.json says otherwise."""


@dataclass(frozen=True)
class Side:
    """One of the two connectors: its name, the image it may be run as, and its config with all values filled in."""

    name: str
    image: str
    config: Mapping[str, Any]


@dataclass(frozen=True)
class Folder:
    """A pipeline on disk."""

    path: Path

    @property
    def pipeline_file(self) -> Path:
        """Names of the connectors and of their images."""
        return self.path / "pipeline.json"

    @property
    def catalog_file(self) -> Path:
        return self.path / "catalog.json"

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    @property
    def env_file(self) -> Path:
        return self.path / ".env"

    @property
    def last_run_file(self) -> Path:
        """How the last run ended, and under which number."""
        return self.path / ".last-run.json"

    @property
    def discovered_file(self) -> Path:
        """The streams that the source offers, as it described them last."""
        return self.path / ".discovered.json"

    @property
    def doctor_file(self) -> Path:
        return self.path / "doctor.json"

    @property
    def working_files(self) -> Path:
        """Files of the run that is going on. They hold secrets, so they are readable by the owner alone."""
        return self.path / ".run"

    def config_file(self, role: str) -> Path:
        """`source.json` or `destination.json`."""
        return self.path / f"{role}.json"

    def side(self, role: str) -> Side:
        """The connector of a role, `source` or `destination`.

        Raises PipelineConfigError if a file is missing or broken, or if a value is not set.
        """
        connectors = read_object(self.pipeline_file)
        entry = connectors.get(role)
        if not isinstance(entry, dict) or not isinstance(entry.get("connector"), str):
            raise PipelineConfigError(f'{self.pipeline_file} must say "{role}": {{"connector": NAME}}.')
        name = entry["connector"]
        config = filled(read_object(self.config_file(role)), known_values(self.env_file))
        return Side(name, str(entry.get("image") or f"{name}:dev"), config)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keeps other runs out; gives the lock's file descriptor.

        Connectors inherit the descriptor. If `lms-sync` itself is killed, the folder stays locked until they have
        ended as well, so that a new run never writes beside an old one.

        Raises PipelineError if another run has the lock, and PipelineConfigError if there is no such folder.
        """
        if not self.path.is_dir():
            raise PipelineConfigError(f"{self.path} is not a folder. Make one with: lms-sync init {self.path}")
        lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise PipelineError(
                    f"Another run of {self.path} is still going on, or its connectors have not ended yet."
                ) from error
            self._remove_working_files()
            self.working_files.mkdir(mode=0o700)
            try:
                yield lock
            finally:
                self._remove_working_files()
        finally:
            os.close(lock)

    def _remove_working_files(self) -> None:
        """Those that a killed run left behind included."""
        if self.working_files.exists():
            shutil.rmtree(self.working_files)


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises PipelineConfigError if there is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PipelineConfigError(f"{path} is missing. lms-sync init writes it.") from error
    except OSError as error:
        raise PipelineConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise PipelineConfigError(f"{path} is not a UTF-8 text file.") from error
    except json.JSONDecodeError as error:
        raise PipelineConfigError(f"{path} is not valid JSON (line {error.lineno}).") from error
    if not isinstance(value, dict):
        raise PipelineConfigError(f"{path} must hold a JSON object.")
    return value


def write_object(path: Path, value: Any, mode: int = 0o644) -> None:
    """Writes a file that appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    partial.replace(path)
