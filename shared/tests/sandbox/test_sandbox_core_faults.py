"""Every kind of fault as a client meets it, and the rules that say which request meets one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lms_shared.dev.sandbox.faults import REFUSING, SPOILED, FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.lms import Table
from lms_shared.dev.sandbox.server import SandboxServer


class CounterLms:
    """Counts what was executed."""

    name = "counter"

    def __init__(self) -> None:
        self.executed = 0
        self.app = Starlette(
            routes=[
                Route("/items", self._execute, methods=["GET", "POST"]),
                Route("/other", self._execute, methods=["GET"]),
            ]
        )

    async def _execute(self, _: Request) -> Response:
        self.executed += 1
        return JSONResponse({"executed": self.executed, "padding": "x" * 100})

    def state(self) -> dict[str, Any]:
        return {"executed": self.executed}

    def summary(self) -> Sequence[Table]:
        return []


@pytest.fixture
def lms() -> CounterLms:
    return CounterLms()


@pytest.fixture
def server(lms: CounterLms) -> Iterator[SandboxServer]:
    with SandboxServer(lms) as running:
        yield running


def post(server: SandboxServer, body: str = "") -> requests.Response:
    return requests.post(f"{server.url}/items", data=body)


JSON = "application/json"
PAGE = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("rule", "answer", "executed"),
    [
        (FaultRule(FaultKind.TOO_MANY_REQUESTS), (429, JSON, None), 0),
        (FaultRule(FaultKind.TOO_MANY_REQUESTS, retry_after=7), (429, JSON, "7"), 0),
        (FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER), (429, JSON, "0"), 0),
        (FaultRule(FaultKind.TOO_MANY_REQUESTS_RETRY_AFTER, retry_after=2), (429, JSON, "2"), 0),
        (FaultRule(FaultKind.SERVER_ERROR), (500, JSON, None), 0),
        (FaultRule(FaultKind.UNAVAILABLE, retry_after=1), (503, JSON, "1"), 0),
        (FaultRule(FaultKind.ERROR_AFTER), (500, JSON, None), 1),
        (FaultRule(FaultKind.HTML), (200, PAGE, None), 0),
        (FaultRule(FaultKind.HTML_503), (503, PAGE, None), 0),
        (FaultRule(FaultKind.SLOW, delay=0.01), (200, JSON, None), 1),
    ],
    ids=lambda value: value.kind if isinstance(value, FaultRule) else None,
)
def test_an_answered_fault_has_its_status_and_headers(
    server: SandboxServer,
    lms: CounterLms,
    rule: FaultRule,
    answer: tuple[int, str, str | None],
    executed: int,
) -> None:
    server.faults = FaultPlan([rule])
    response = post(server)
    headers = response.headers
    assert (response.status_code, headers["content-type"], headers.get("retry-after")) == answer
    assert lms.executed == executed


@pytest.mark.parametrize(("kind", "executed"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
def test_a_dropped_connection_brings_no_byte(
    server: SandboxServer, lms: CounterLms, kind: FaultKind, executed: int
) -> None:
    server.faults = FaultPlan([FaultRule(kind, times=1)])
    with pytest.raises(requests.ConnectionError):
        post(server)
    assert lms.executed == executed
    assert post(server).json()["executed"] == executed + 1


def test_a_cut_body_is_shorter_than_announced_and_status_200(server: SandboxServer, lms: CounterLms) -> None:
    server.faults = FaultPlan([FaultRule(FaultKind.CUT_BODY)])
    with requests.post(f"{server.url}/items", stream=True) as response:
        assert response.status_code == 200
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
            _ = response.content
    assert lms.executed == 1


def test_a_write_that_a_fault_kept_from_being_executed_is_announced_but_never_reported_done(
    server: SandboxServer,
) -> None:
    phases: list[str] = []
    server.on_write = lambda event: phases.append(event.phase)
    server.faults = FaultPlan([FaultRule(FaultKind.SERVER_ERROR, times=1), FaultRule(FaultKind.ERROR_AFTER, times=1)])
    post(server)
    post(server)
    assert phases == ["before", "before", "after"]


def test_skip_times_method_and_path_choose_the_requests(server: SandboxServer) -> None:
    server.faults = FaultPlan([FaultRule(FaultKind.UNAVAILABLE, method="get", path="^/it", skip=1, times=2)])

    def statuses(method: str, path: str, count: int) -> list[int]:
        return [requests.request(method, server.url + path).status_code for _ in range(count)]

    assert statuses("GET", "/other", 2) == [200, 200]
    assert statuses("POST", "/items", 2) == [200, 200]
    assert statuses("GET", "/items", 4) == [200, 503, 503, 200]


def test_faults_are_counted_with_the_requests_that_met_them(server: SandboxServer) -> None:
    server.faults = FaultPlan([FaultRule(FaultKind.TOO_MANY_REQUESTS, times=2)])
    for _ in range(3):
        post(server)
    counts = server.requests.to_json()
    assert counts["faults"] == {"429": 2}
    assert counts["by_status"] == {"200": 1}
    assert counts["by_route"] == {"POST /items": 3}


def test_faults_are_set_shown_and_cleared_over_http_and_never_hit_control_requests(
    server: SandboxServer,
) -> None:
    address = f"{server.url}/_sandbox/faults"
    plan = {"rules": [{"kind": "503", "path": "."}], "seed": 3}
    assert requests.put(address, json=plan).json()["rules"][0]["kind"] == "503"
    assert post(server).status_code == 503
    assert requests.get(address).json()["rules"][0]["hits"] == 1
    assert requests.delete(address).json()["rules"] == []
    assert post(server).status_code == 200
    assert len(requests.put(address, json={"rate": 0.3, "seed": 3}).json()["rules"]) > 5


@pytest.mark.parametrize(
    "plan",
    [
        {"rules": [{"kind": "no such kind"}]},
        {"rules": [{"path": "/x"}]},
        {"rules": [{"kind": "503", "color": "red"}]},
        {"rules": [{"kind": "503", "path": "("}]},
        {"rate": 3},
        ["503"],
    ],
)
def test_a_fault_plan_that_makes_no_sense_is_refused_and_changes_nothing(server: SandboxServer, plan: Any) -> None:
    response = requests.put(f"{server.url}/_sandbox/faults", data=json.dumps(plan))
    assert response.status_code == 400
    assert response.json()["error"]
    assert post(server).status_code == 200


def decisions(plan: FaultPlan, count: int) -> list[FaultKind | None]:
    rules = [plan.decide("GET", "/items", b"", str(number).encode()) for number in range(count)]
    return [rule.kind if rule else None for rule in rules]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert decisions(FaultPlan.mixed(0.5, seed=4), 200) == decisions(FaultPlan.mixed(0.5, seed=4), 200)
    assert decisions(FaultPlan.mixed(0.5, seed=4), 200) != decisions(FaultPlan.mixed(0.5, seed=5), 200)


def test_the_mixed_plan_hits_the_asked_share_of_requests_with_every_kind_of_trouble() -> None:
    kinds = Counter(decisions(FaultPlan.mixed(0.2, seed=1), 10_000))
    assert 0.18 < 1 - kinds[None] / 10_000 < 0.22
    assert set(kinds) == {None, *FaultKind} - {FaultKind.HTML, FaultKind.SLOW} - REFUSING - SPOILED


def test_the_mixed_plan_lets_a_repeated_request_through_at_the_fourth_try_even_at_full_rate() -> None:
    plan = FaultPlan.mixed(1.0, seed=1)
    hit = [plan.decide("POST", "/items", b"", b"same") is not None for _ in range(8)]
    assert hit == [True, True, True, False, True, True, True, False]
