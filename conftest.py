"""What the tests of all packages share: the option for whole sweeps, and no trace of one test in the next."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pyrate_limiter import BucketFactory

from lms_shared.privacy import hide_secrets


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="run every case of the heavy sweeps on the vendors' servers too, not a sample of them",
    )


@pytest.fixture
def every_case(request: pytest.FixtureRequest) -> bool:
    """Whether sweeps take every case, not a sample."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(autouse=True, scope="session")
def _no_leak_threads() -> Iterator[None]:
    """A call-rate policy starts a thread that never ends and forgets old calls; those of tests never get old."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BucketFactory, "schedule_leak", lambda *_: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_power_cuts() -> Iterator[None]:
    """What a test writes need not be on the disk: the computer outlives the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(autouse=True)
def _no_secrets_left() -> Iterator[None]:
    """A process masks the secrets of the last config in all that it prints from then on."""
    yield
    hide_secrets([])
