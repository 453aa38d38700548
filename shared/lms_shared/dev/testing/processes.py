"""Connectors as processes of their own that start at once, so that tests can kill many of them.

A fresh interpreter needs more than a second to import a connector. Here one server process imports it once and forks;
what it forks is a process like any other, with arguments, standard input and standard output.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Iterable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import orjson


class ConnectorProcesses:
    """Starts a connector's command again and again. One for each test process: the server is started once."""

    def __init__(self, command: str, folder: Path, constants: Mapping[str, Any] | None = None) -> None:
        """`command` is the entry point, such as `package.run:run`; `folder` takes the files of the processes.

        `constants` are values of modules in all processes, by full name, such as `package.module.FIRST_WAIT`.
        """
        self._command = command
        self._constants = dict(constants or {})
        self._folder = folder
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([command.partition(":")[0], __name__])
        self._started = 0

    def start(self, *arguments: str, sent: Iterable[Mapping[str, Any]]) -> ConnectorProcess:
        """Starts the command with messages as its standard input."""
        self._started += 1
        given, printed = (self._folder / f"{self._started}.{name}" for name in ("in", "out"))
        given.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in sent))
        printed.touch()
        target = (self._command, self._constants, list(arguments), str(given), str(printed))
        process = self._context.Process(target=_run, args=target, daemon=True)
        process.start()
        return ConnectorProcess(process, printed)


class ConnectorProcess:
    """A running connector."""

    def __init__(self, process: BaseProcess, printed: Path) -> None:
        self._process = process
        self._printed = printed

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
    def messages(self) -> list[dict[str, Any]]:
        """What it printed; a line that it could not finish is left out."""
        whole = self._printed.read_bytes().rpartition(b"\n")[0]
        return [orjson.loads(line) for line in whole.splitlines()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The printed messages of a type."""
        return [one for one in self.messages if one["type"] == kind]


def _run(command: str, constants: Mapping[str, Any], arguments: list[str], given: str, printed: str) -> None:
    os.dup2(os.open(given, os.O_RDONLY), 0)
    output = os.open(printed, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - it is the process's own to the end
    for constant, value in constants.items():
        home, _, name = constant.rpartition(".")
        setattr(importlib.import_module(home), name, value)
    module, _, name = command.partition(":")
    sys.argv = [name, *arguments]
    getattr(importlib.import_module(module), name)()
