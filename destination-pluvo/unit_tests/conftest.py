"""An organization of a pretend Pluvo behind real HTTP."""

from __future__ import annotations

import pytest

from lms_shared.http import client
from lms_shared.upsert import apply


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (apply, client):
        monkeypatch.setattr(module, "FIRST_WAIT", 0.0)
