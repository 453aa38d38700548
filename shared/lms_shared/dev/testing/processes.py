"""Connectors as processes of their own that start at once, so that tests can kill many of them.

A fresh interpreter needs more than a second to import a connector. Here one server process imports all that are
installed, once, and forks; what it forks is a process like any other, with arguments, standard input and output.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson


def installed_connectors() -> list[str]:
    """The modules that hold the connectors in this environment, with all that their commands need."""
    scripts = [one for one in entry_points(group="console_scripts") if one.name.startswith(("source-", "destination-"))]
    return sorted(f"{one.module.partition('.')[0]}.{one.name.partition('-')[0]}" for one in scripts)


class ConnectorProcesses:
    """Starts a connector's command again and again."""

    def __init__(self, command: str, folder: Path, constants: Mapping[str, Any] | None = None) -> None:
        """`command` is the entry point, such as `package.run:run`; `folder` takes the files of the processes.

        `constants` are values of modules in all processes, by full name, such as `package.module.FIRST_WAIT`.
        """
        self._command = command
        self._constants = dict(constants or {})
        self._folder = folder
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([*installed_connectors(), __name__])
        self._started = 0

    def start(self, *arguments: str, sent: Iterable[Mapping[str, Any] | bytes] = ()) -> ConnectorProcess:
        """Starts the command with messages, or lines as they are, as its standard input."""
        self._started += 1
        streams = Streams(*(self._folder / f"{self._started}.{name}" for name in ("in", "out", "err")))
        streams.given.write_bytes(
            b"".join(one if isinstance(one, bytes) else orjson.dumps(one) + b"\n" for one in sent)
        )
        process = self._context.Process(
            target=_run, args=(self._command, self._constants, list(arguments), streams), daemon=True
        )
        process.start()
        return ConnectorProcess(process, streams)


@dataclass(frozen=True)
class Streams:
    """The files that a process has for its standard streams."""

    given: Path
    printed: Path
    errors: Path


class ConnectorProcess:
    """A running connector."""

    def __init__(self, process: BaseProcess, streams: Streams) -> None:
        self._process = process
        self._streams = streams

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def wait(self) -> int:
        """Its exit code: negative, the signal's number, where it was killed."""
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    @property
    def printed(self) -> bytes:
        """Its standard output."""
        return self._streams.printed.read_bytes()

    @property
    def errors(self) -> bytes:
        """Its standard error."""
        return self._streams.errors.read_bytes()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What it printed; a line that it could not finish is left out."""
        whole = self.printed.rpartition(b"\n")[0]
        return [orjson.loads(line) for line in whole.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The printed messages of a type."""
        return [one for one in self.messages if one["type"] == kind]


def _run(command: str, constants: Mapping[str, Any], arguments: list[str], streams: Streams) -> None:
    os.dup2(os.open(streams.given, os.O_RDONLY), 0)
    for number, path in ((1, streams.printed), (2, streams.errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it is the process's own to the end
    for constant, value in constants.items():
        home, _, name = constant.rpartition(".")
        setattr(importlib.import_module(home), name, value)
    module, _, name = command.partition(":")
    sys.argv = [name, *arguments]
    sys.exit(getattr(importlib.import_module(module), name)())
