"""Counts the files that one completion passes through in each destination: `python -m lms_shared.dev.passage`.

They are counted with the default config, which keeps no reports, and with a folder that keeps them.

A file counts if any of its functions is called more often in a sync with the completion than in the same sync without
it, in whichever thread: what opens and closes any sync is no part of the way. What runs when modules are imported does
not count, and neither do the pretend LMSs and other development tools.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.pluvo import PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_user
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream

PACKAGES = ("lms_shared", "destination_skilljar", "destination_pluvo")

Write = Callable[[list[Stream]], Any]
Calls = Counter[tuple[str, str]]
"""By file and function."""


@contextmanager
def counted() -> Iterator[Calls]:
    """Counts calls of functions, the files as paths below their packages' folders."""
    calls: Calls = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            calls[frame.f_code.co_filename, frame.f_code.co_qualname] += 1

    found: Calls = Counter()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        for (code, function), number in calls.items():
            if (path := _own(Path(code))) is not None:
                found[path, function] += number


def _own(path: Path) -> str | None:
    """A file's path below its package's folder; None for files of others and for development tools."""
    for package in PACKAGES:
        if package in path.parts:
            inside = path.parts[len(path.parts) - 1 - path.parts[::-1].index(package) :]
            return None if "dev" in inside else "/".join(inside)
    return None


def files_of_a_completion(write: Write) -> set[str]:
    """The files that a completion passes, once its learner and content are there."""
    write([Stream("users", [a_user(name="Ada Lovelace")]), Stream("content", [a_course()])])
    write([Stream("completions", [a_completion()])])  # imports what is imported late
    with counted() as without:
        write([Stream("completions")])
    with counted() as found:
        write([Stream("completions", [a_completion("2026-02-01T08:00:00Z")])])
    return {path for (path, function), calls in found.items() if calls > without[path, function]}


def _skilljar(connector: type[ActivationDestination], folder: Path, config: Mapping[str, Any]) -> set[str]:
    sandbox = SkilljarSandbox.empty(SkilljarOptions())
    with SandboxServer(sandbox) as server:
        academy = Academy(sandbox, server, connector, folder)
        found = files_of_a_completion(lambda streams: academy.sync(streams, **config))
        academy.close()
    return found


def _pluvo(connector: type[ActivationDestination], folder: Path, config: Mapping[str, Any]) -> set[str]:
    sandbox = PluvoSandbox.empty(PluvoOptions())
    with SandboxServer(sandbox) as server:
        organization = PluvoOrganization(sandbox, server, connector, folder)
        return files_of_a_completion(lambda streams: organization.sync(streams, **config))


_Way = Callable[[type[ActivationDestination], Path, Mapping[str, Any]], set[str]]
DESTINATIONS: Mapping[str, tuple[str, str, _Way]] = {
    "destination-skilljar": ("destination_skilljar.destination", "DestinationSkilljar", _skilljar),
    "destination-pluvo": ("destination_pluvo.destination", "DestinationPluvo", _pluvo),
}


def walk(name: str, folder: Path, *, reports: bool = False) -> set[str]:
    """The files that a completion passes in a destination; with `reports`, a folder takes those of its syncs."""
    module, connector, way = DESTINATIONS[name]
    config = {} if reports else {"object_storage_config": None}
    return way(getattr(importlib.import_module(module), connector), folder, config)


def main() -> None:
    """Prints the files, by destination."""
    for name in DESTINATIONS:
        with tempfile.TemporaryDirectory() as folder:
            found = walk(name, Path(folder))
            more = walk(name, Path(folder), reports=True) - found
        print(f"{name}: {len(found)} files, and {len(more)} for reports")
        print("\n".join(f"  {path}" for path in sorted(found)))
        print("\n".join(f"  for reports: {path}" for path in sorted(more)))


if __name__ == "__main__":
    main()
