"""The connector's process is killed at every write, and started again from the last state that it printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, PluvoSandbox
from lms_shared.dev.sandbox.pluvo.records import Training
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.kill_sweep import SHORT_WAITS, KillSweep, Moment
from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream

ADOPTED = "Made by hand"
SCENARIO = [
    Stream("users", [a_user(name="Ada", external_reference="e-1"), a_user(GRACE, name="Grace", active=False)]),
    Stream("groups", [a_group(external_reference="g-1")]),
    Stream("content", [a_course("c-1"), a_course("c-2", ADOPTED), a_course("c-3"), a_course("c-4", active=False)]),
    Stream("group_members", [a_member()]),
    Stream("assignments", [an_assignment(), an_assignment(GRACE, "c-2")]),
    Stream("completions", [a_completion(), a_completion(email=GRACE, course="c-3")]),
]
"""All unified objects: new ones, adopted content, content of equal title, and what is inactive from the start."""
SAMPLE = {("before", 0.0): slice(0, None, 2), ("after", 0.0): slice(1, None, 2), ("after", 0.2): slice(0, None, 4)}
"""Which kinds of writes are killed where not all writes are: together each kind at least once."""


SETTLED = [Stream("users", [a_user(f"{n}@example.com", name=f"No. {n}", external_reference=f"u-{n}") for n in (1, 2)])]
EXCHANGED = [
    Stream("users", [a_user(f"{3 - n}@example.com", name=f"No. {n}", external_reference=f"u-{n}") for n in (1, 2)])
]
"""Two people, and the same with each other's addresses."""


def sweep(
    processes: ConnectorProcesses,
    folder: Path,
    server: SandboxServer,
    content_object: str = "training",
    scenario: Sequence[Stream] = SCENARIO,
) -> KillSweep:
    """The connector on a served organization."""
    config = {
        "client_id": DEMO_CLIENT_ID,
        "client_secret": DEMO_CLIENT_SECRET,
        "base_url": server.url,
        "content_object": content_object,
        "certificate_id": DEMO_CERTIFICATE_ID,
        "requests_per_minute": 1_000_000,
    }
    return KillSweep(processes, folder, server, scenario, config)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> ConnectorProcesses:
    return ConnectorProcesses("destination_pluvo.run:run", tmp_path_factory.mktemp("processes"), SHORT_WAITS)


def an_organization() -> PluvoSandbox:
    """Empty, but for a training that somebody made by hand."""
    sandbox = PluvoSandbox.empty()
    organization = sandbox.organization
    identity = organization.new_identity(None)
    organization.save(organization.trainings, Training(**identity, title=ADOPTED, is_active=True))
    return sandbox


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize(("moment", "faults"), [("before", 0.0), ("after", 0.0), ("after", 0.2)])
@pytest.mark.parametrize("content_object", ["training", "offer"])
def test_killed_at_any_write_and_started_again_from_its_last_state_it_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, every_case: bool, content_object: str, moment: Moment, faults: float
) -> None:
    undisturbed = an_organization()
    with SandboxServer(undisturbed) as server:
        points = sweep(processes, tmp_path, server, content_object).undisturbed().chosen(whole=every_case)
    wanted = undisturbed.canonical()
    assert len(wanted["portfolio_items"]) == 4
    assert len(wanted["issued_certificates"]) == 2
    kills = swept = 0
    for point in points if every_case else points[SAMPLE[moment, faults]]:
        sandbox = an_organization()
        with SandboxServer(sandbox) as server:
            kills += sweep(processes, tmp_path, server, content_object).kill_at(point, moment, faults)
        assert sandbox.canonical() == wanted, f"killed {moment} write {point} of {points}"
        swept += 1
    assert kills > swept / 2


@pytest.mark.sweep
@pytest.mark.parametrize("moment", ["before", "after"])
def test_people_who_exchange_addresses_are_found_again_wherever_it_is_cut_off(
    processes: ConnectorProcesses, tmp_path: Path, moment: Moment
) -> None:
    undisturbed = PluvoSandbox.empty()
    with SandboxServer(undisturbed) as server:
        sweep(processes, tmp_path, server, scenario=SETTLED).undisturbed()
        server.requests.reset()
        points = sweep(processes, tmp_path, server, scenario=EXCHANGED).undisturbed().chosen(whole=True)
    wanted = undisturbed.canonical()
    assert {row["ref"]: row["email"][0] for row in wanted["users"]} == {"u-1": "2", "u-2": "1"}
    assert len(points) == 3
    for point in points:
        sandbox = PluvoSandbox.empty()
        with SandboxServer(sandbox) as server:
            sweep(processes, tmp_path, server, scenario=SETTLED).undisturbed()
            sweep(processes, tmp_path, server, scenario=EXCHANGED).kill_at(point, moment)
        assert sandbox.canonical() == wanted, f"killed {moment} write {point} of {points}"
