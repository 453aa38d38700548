"""An academy of a pretend Skilljar behind real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from destination_skilljar.destination import DestinationSkilljar
from destination_skilljar.learning import batch_writer
from destination_skilljar.users import bulk_users
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.http import client
from lms_shared.upsert.apply import apply

OpenAcademy = Callable[..., Academy]


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (apply, client, bulk_users, batch_writer):
        monkeypatch.setattr(module, "FIRST_WAIT", 0.0)


@pytest.fixture
def open_academy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAcademy]:
    """Opens empty academies with switches of the pretend Skilljar, until the test is over."""
    with ExitStack() as stack:

        def start(**switches: Any) -> Academy:
            sandbox = SkilljarSandbox.empty(SkilljarOptions(**switches))
            server = stack.enter_context(SandboxServer(sandbox))
            academy = Academy(sandbox, server, DestinationSkilljar, tmp_path_factory.mktemp("rejects"))
            stack.callback(academy.close)
            return academy

        yield start


@pytest.fixture
def academy(open_academy: OpenAcademy) -> Academy:
    """An empty academy of an organization that behaves as expected."""
    return open_academy()
