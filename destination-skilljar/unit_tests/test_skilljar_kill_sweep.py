"""The connector's process is killed at every write, and started again from the last state that it printed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import (
    DEMO_KEY,
    DEMO_V2_CLIENT_ID,
    DEMO_V2_CLIENT_SECRET,
    SkilljarOptions,
    SkilljarSandbox,
)
from lms_shared.dev.sandbox.skilljar.options import LabelsOnCreate
from lms_shared.dev.testing.kill_sweep import SHORT_WAITS, KillSweep, Moment
from lms_shared.dev.testing.processes import ConnectorProcesses
from lms_shared.dev.testing.records import GRACE, a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream

ADOPTED = "Made by hand"
SCENARIO = [
    Stream("users", [a_user(first_name="Ada", external_reference="e-1"), a_user(GRACE)]),
    Stream("groups", [a_group()]),
    Stream("content", [a_course("c-1"), a_course("c-2", ADOPTED), a_course("c-3"), a_course("c-4", active=False)]),
    Stream("group_members", [a_member()]),
    Stream("assignments", [an_assignment(), an_assignment(GRACE, "c-2")]),
    Stream("completions", [a_completion(), a_completion(email=GRACE, course="c-3")]),
]
"""All unified objects: new ones, an adopted course, and three courses of equal title."""
ROWS = ("users", "domain_users", "groups", "group_users", "courses", "labels", "course_labels", "lessons")
LINKS = ("published_courses", "course_enrollments", "course_progress", "signup_values")
SAMPLE = {"before": slice(0, None, 2), "after": slice(1, None, 2)}
"""Which kinds of writes are killed where not all writes are: together each kind once for each way of labels."""


SETTLED = [Stream("users", [a_user(f"{n}@example.com", external_reference=f"e-{n}") for n in (1, 2)])]
EXCHANGED = [Stream("users", [a_user(f"{3 - n}@example.com", external_reference=f"e-{n}") for n in (1, 2)])]
"""Two people, and the same with each other's addresses."""


def sweep(
    processes: ConnectorProcesses,
    folder: Path,
    server: SandboxServer,
    scenario: Sequence[Stream] = SCENARIO,
    *,
    client: bool = False,
) -> KillSweep:
    """The connector on a served academy; `client`: with one of version 2."""
    keys = {"v2_client_id": DEMO_V2_CLIENT_ID, "v2_client_secret": DEMO_V2_CLIENT_SECRET} if client else {}
    config = {
        **keys,
        "v2_base_url": f"{server.url}/v2",
        "api_key": DEMO_KEY,
        "domain_name": "academy.example.com",
        "base_url": f"{server.url}/v1",
        "user_reference_signup_field": "Employee ID",
        "requests_per_minute": 1_000_000,
        "requests_per_hour": 1_000_000,
    }
    return KillSweep(processes, folder, server, scenario, config)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> ConnectorProcesses:
    return ConnectorProcesses("destination_skilljar.run:run", tmp_path_factory.mktemp("processes"), SHORT_WAITS)


def an_organisation(labels: LabelsOnCreate) -> SkilljarSandbox:
    """Empty, but for a course that somebody made by hand."""
    sandbox = SkilljarSandbox.empty(SkilljarOptions(labels_on_create=labels))
    texts = {"title": ADOPTED, "short_description": ADOPTED, "long_description_html": ""}
    times = {"created_at": "2026-01-01T00:00:00Z", "modified_at": "2026-01-01T00:00:00Z"}
    sandbox.store.add("courses", **texts, **times, enforce_sequential_navigation=True)
    return sandbox


def contents(sandbox: SkilljarSandbox) -> dict[str, Any]:
    """Everything that may not differ, and of how much there is how many."""
    state = sandbox.state()
    return {**sandbox.canonical(), "counts": {name: len(state[name]) for name in (*ROWS, *LINKS)}}


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("labels", list(LabelsOnCreate))
def test_killed_at_any_write_and_started_again_from_its_last_state_it_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, every_case: bool, labels: LabelsOnCreate, moment: Moment
) -> None:
    undisturbed = an_organisation(labels)
    with SandboxServer(undisturbed) as server:
        points = sweep(processes, tmp_path, server).undisturbed().chosen(whole=every_case)
    wanted = contents(undisturbed)
    assert wanted["counts"]["courses"] == 4
    assert wanted["counts"]["course_enrollments"] == 3
    for point in points if every_case else points[SAMPLE[moment]]:
        sandbox = an_organisation(labels)
        with SandboxServer(sandbox) as server:
            assert sweep(processes, tmp_path, server).kill_at(point, moment)
        assert contents(sandbox) == wanted, f"killed {moment} write {point} of {points}"


@pytest.mark.sweep
def test_killed_at_any_write_while_a_fifth_of_all_requests_fail_it_still_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, every_case: bool
) -> None:
    undisturbed = an_organisation(LabelsOnCreate.IGNORED)
    with SandboxServer(undisturbed) as server:
        points = sweep(processes, tmp_path, server).undisturbed().chosen(whole=every_case)
    kills = swept = 0
    for point in points if every_case else points[::4]:
        sandbox = an_organisation(LabelsOnCreate.IGNORED)
        with SandboxServer(sandbox) as server:
            kills += sweep(processes, tmp_path, server).kill_at(point, "after", faults=0.2)
        assert contents(sandbox) == contents(undisturbed), f"killed after write {point} of {points}"
        swept += 1
    assert kills > 0.9 * swept


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_people_who_exchange_addresses_are_found_again_wherever_it_is_cut_off(
    processes: ConnectorProcesses, tmp_path: Path, moment: Moment
) -> None:
    undisturbed = SkilljarSandbox.empty()
    with SandboxServer(undisturbed) as server:
        sweep(processes, tmp_path, server, SETTLED).undisturbed()
        server.requests.reset()
        points = sweep(processes, tmp_path, server, EXCHANGED).undisturbed().chosen(whole=True)
    wanted = contents(undisturbed)
    assert {row["signup_fields"][0][1]: row["email"][0] for row in wanted["users"]} == {"e-1": "2", "e-2": "1"}
    assert len(points) == 3
    for point in points:
        sandbox = SkilljarSandbox.empty()
        with SandboxServer(sandbox) as server:
            sweep(processes, tmp_path, server, SETTLED).undisturbed()
            sweep(processes, tmp_path, server, EXCHANGED).kill_at(point, moment)
        assert contents(sandbox) == wanted, f"killed {moment} write {point} of {points}"


DUE = "2026-12-01T00:00:00Z"
BY_BATCHES = [
    Stream("users", [a_user(), a_user(GRACE)]),
    Stream("content", [a_course("c-1"), a_course("c-2", "Writing Python")]),
    Stream(
        "assignments",
        [an_assignment(assigned_at=None, due_date=DUE), an_assignment(GRACE, "c-2", assigned_at=None)],
    ),
    Stream("completions", [a_completion(percentage=80), a_completion(email=GRACE, course="c-2", percentage=None)]),
]
"""What version 2 writes: enrollments with and without a due date, and completions with and without a score."""


def undated(sandbox: SkilljarSandbox) -> dict[str, Any]:
    """The contents, but for the times at which version 2 makes enrollments."""
    held = contents(sandbox)
    enrollments = sorted(({**one, "enrolled_at": ""} for one in held["enrollments"]), key=str)
    due = sorted(str(row.get("due_at")) for row in sandbox.state()["course_enrollments"])
    return {**held, "enrollments": enrollments, "due": due}


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize(("moment", "faults"), [("before", 0.0), ("after", 0.0), ("after", 0.2)])
def test_killed_at_any_write_of_version_two_it_ends_in_the_same_state(
    processes: ConnectorProcesses, tmp_path: Path, every_case: bool, moment: Moment, faults: float
) -> None:
    undisturbed = SkilljarSandbox.empty()
    with SandboxServer(undisturbed) as server:
        points = sweep(processes, tmp_path, server, BY_BATCHES, client=True).undisturbed().chosen(whole=every_case)
    wanted = undated(undisturbed)
    assert wanted["due"] == [DUE, "None"]
    for point in points if every_case else points[-6::2]:
        sandbox = SkilljarSandbox.empty()
        with SandboxServer(sandbox) as server:
            sweep(processes, tmp_path, server, BY_BATCHES, client=True).kill_at(point, moment, faults=faults)
        assert undated(sandbox) == wanted, f"killed {moment} write {point} of {points}"


WITHDRAWN = [
    Stream("users", [a_user(), a_user(GRACE)]),
    Stream("content", [a_course("c-1"), a_course("c-2", "Writing Python")]),
    Stream("assignments", [an_assignment(active=False), an_assignment(GRACE, "c-2", active=False)]),
    Stream("completions", [a_completion(percentage=None), a_completion(email=GRACE, course="c-2", percentage=None)]),
]
"""Learners whose assignments are withdrawn, and who have completed the courses all the same."""


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("client", [False, True], ids=["version_1", "version_2"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("order", [1, -1], ids=["assignments_first", "completions_first"])
def test_killed_while_a_completion_enrolls_for_a_withdrawn_assignment_it_ends_withdrawn(
    processes: ConnectorProcesses, tmp_path: Path, client: bool, moment: Moment, order: int
) -> None:
    scenario = [*WITHDRAWN[:2], *WITHDRAWN[2:][::order]]
    undisturbed = SkilljarSandbox.empty()
    with SandboxServer(undisturbed) as server:
        points = sweep(processes, tmp_path, server, scenario, client=client).undisturbed().chosen(whole=True)
    wanted = undated(undisturbed)
    assert [row["active"] for row in wanted["enrollments"]] == [False, False]
    for point in points[-6:]:
        sandbox = SkilljarSandbox.empty()
        with SandboxServer(sandbox) as server:
            assert sweep(processes, tmp_path, server, scenario, client=client).kill_at(point, moment)
            server.requests.reset()
            sweep(processes, tmp_path, server, scenario, client=client).undisturbed()
            assert server.requests.writes == 0
        assert undated(sandbox) == wanted, f"killed {moment} write {point} of {points}"
