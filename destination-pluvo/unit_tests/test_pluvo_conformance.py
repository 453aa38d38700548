"""The conformance suite on destination-pluvo: every promise of the engine over real HTTP, for both kinds of content."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests.adapters import HTTPAdapter

from destination_pluvo.destination import DestinationPluvo
from lms_shared.testing.bench import Bench
from lms_shared.testing.conformance import ConformanceSuite
from lms_shared.testing.pluvo_bench import PluvoBench


@pytest.fixture
def _opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PluvoBench]]:
    """Benches that end with the test; their deaths reach the destination through its transport."""
    opened: list[PluvoBench] = []
    send = HTTPAdapter.send
    monkeypatch.setattr(HTTPAdapter, "send", lambda *args, **kwargs: opened[0].call(send, *args, **kwargs))
    yield opened
    for bench in opened:
        bench.close()


class TestPluvo(ConformanceSuite):
    steady_writes = False

    @pytest.fixture
    def bench(self, _opened: list[PluvoBench]) -> Bench:
        _opened.append(PluvoBench(DestinationPluvo))
        return _opened[0]


class TestPluvoWithOffers(ConformanceSuite):
    steady_writes = False

    @pytest.fixture
    def bench(self, _opened: list[PluvoBench]) -> Bench:
        _opened.append(PluvoBench(DestinationPluvo, content_object="offer"))
        return _opened[0]
