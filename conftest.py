"""What the tests of all packages share: the option for whole sweeps, and no trace of one test in the next."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import pytest
from pyrate_limiter import BucketFactory

from lms_shared.privacy import hide_secrets


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="run every case of the heavy sweeps, not a sample of them",
    )
    parser.addoption(
        "--sweeps",
        action="store_true",
        help="run only what is not run without --whole: the other cases of the heavy sweeps",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.option.whole = config.option.whole or config.option.sweeps


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes for two cores (`-n auto`): a test waits for servers and processes a fifth of its time."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the cases of sweeps that are in no sample, or (with --sweeps) all that `make test` runs alike.

    Tests that take `every_case` choose a sample themselves, so they run both ways.
    """
    if config.option.whole and not config.option.sweeps:
        return
    beyond = _beyond_samples(items)
    own_sample = {item for item in items if "every_case" in getattr(item, "fixturenames", ())}
    chosen = beyond | own_sample if config.option.sweeps else set(items) - beyond
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def _beyond_samples(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """The cases of sweeps that `make test` does without."""
    tests: dict[tuple[str, int], list[pytest.Item]] = {}
    for item in items:
        mark = item.get_closest_marker("sweep")
        if mark is not None:
            test = (item.nodeid.partition("[")[0], mark.kwargs.get("kept", 0))
            tests.setdefault(test, []).append(item)
    beyond: set[pytest.Item] = set()
    for (_, kept), cases in tests.items():
        sample = {number * len(cases) // kept for number in range(kept)} if kept else set()
        beyond |= {case for number, case in enumerate(cases) if number not in sample}
    return beyond


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
