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
    parser.addoption(
        "--sweeps",
        action="store_true",
        help="run the heavy sweeps alone, every case of them",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.option.whole = config.option.whole or config.option.sweeps


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --sweeps, tests that take no `every_case` are left out: they are the same with and without --whole."""
    if not config.option.sweeps:
        return
    is_sweep = [("every_case" in getattr(item, "fixturenames", ())) for item in items]
    config.hook.pytest_deselected(items=[item for item, sweep in zip(items, is_sweep, strict=True) if not sweep])
    items[:] = [item for item, sweep in zip(items, is_sweep, strict=True) if sweep]


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
