"""An organization of a pretend Pluvo behind real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from destination_pluvo import batch
from destination_pluvo.destination import DestinationPluvo
from lms_shared.dev.sandbox.pluvo import PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.http import client
from lms_shared.upsert.apply import apply

Open = Callable[..., PluvoOrganization]


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (apply, client):
        monkeypatch.setattr(module, "FIRST_WAIT", 0.0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents wait for calls so long that a busy machine does not change what is in them."""
    monkeypatch.setattr(batch, "QUIET", 0.5)


@pytest.fixture
def open_organization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Opens empty organizations with switches of the pretend Pluvo, until the test is over."""
    with ExitStack() as stack:

        def start(**switches: Any) -> PluvoOrganization:
            sandbox = PluvoSandbox.empty(PluvoOptions(**switches))
            server = stack.enter_context(SandboxServer(sandbox))
            return PluvoOrganization(sandbox, server, DestinationPluvo, tmp_path_factory.mktemp("rejects"))

        yield start


@pytest.fixture
def organization(open_organization: Open) -> PluvoOrganization:
    """An empty organization that behaves as expected."""
    return open_organization()
