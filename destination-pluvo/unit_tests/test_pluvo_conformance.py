"""The conformance suite on destination-pluvo: every promise of the engine over real HTTP, for both kinds of content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from destination_pluvo.destination import DestinationPluvo
from lms_shared.destination.base import ActivationDestination
from lms_shared.dev.sandbox.pluvo import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.dev.testing.bench import Bench
from lms_shared.dev.testing.conformance import ConformanceSuite
from lms_shared.dev.testing.served_bench import UNLIMITED, ServedBench


class PluvoBench(ServedBench):
    """A pretend Pluvo; `config` holds keys beside those of the connection."""

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self._config = config

    def empty(self) -> PluvoSandbox:
        self._sandbox = PluvoSandbox.empty()
        return self._sandbox

    def destination(self) -> ActivationDestination:
        return DestinationPluvo()

    def config(self) -> dict[str, Any]:
        return {
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "base_url": self.server.url,
            "requests_per_minute": UNLIMITED,
            **self._config,
        }

    def title(self, reference: str) -> str | None:
        organization = self._sandbox.organization
        found = organization.trainings.find("ref", reference) or organization.offers.find("ref", reference)
        return None if found is None else found.title

    def rename(self, reference: str, title: str) -> None:
        organization = self._sandbox.organization
        training = organization.trainings.find("ref", reference)
        if training is not None:
            organization.save(organization.trainings, replace(training, title=title))
            return
        offer = organization.offers.find("ref", reference)
        assert offer is not None
        organization.save(organization.offers, replace(offer, title=title))

    def is_open(self, reference: str) -> bool:
        organization = self._sandbox.organization
        training = organization.trainings.find("ref", reference)
        if training is not None:
            return training.is_active and not training.archived
        offer = organization.offers.find("ref", reference)
        return offer is not None and bool(offer.is_active) and offer.archived_at is None

    def close(self, reference: str) -> None:
        organization = self._sandbox.organization
        training = organization.trainings.find("ref", reference)
        if training is not None:
            organization.save(organization.trainings, replace(training, archived=True))
            return
        offer = organization.offers.find("ref", reference)
        assert offer is not None
        organization.save(organization.offers, replace(offer, archived_at=datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.mark.sweep
class TestPluvo(ConformanceSuite):
    steady_writes = False

    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with PluvoBench().opened(monkeypatch) as bench:
            yield bench


class TestPluvoWithOffers(ConformanceSuite):
    steady_writes = False

    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with PluvoBench(content_object="offer").opened(monkeypatch) as bench:
            yield bench
