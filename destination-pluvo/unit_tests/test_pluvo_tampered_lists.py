"""Each list that the destination reads, with its answer spoiled in each way: nothing is lost, doubled or forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from destination_pluvo import api
from destination_pluvo.destination import DestinationPluvo
from destination_pluvo.operations import OPERATIONS
from lms_shared.dev.sandbox.faults import FaultKind
from lms_shared.dev.sandbox.pluvo import DEMO_CERTIFICATE_ID, PluvoOptions, PluvoSandbox
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Run, Stream, messages
from lms_shared.dev.testing.tamper_walk import Walk

SITE = {"ref": "x-1", "name": "Site", "categoryType": "TEXT", "forModelTypes": ["USER"]}


def streams(first: int, last: int) -> list[Stream]:
    """People, groups and courses by number, each person in the groups and courses of two numbers."""
    numbers = range(first, last)
    emails = {number: f"person{number}@example.com" for number in numbers}
    people = [
        a_user(emails[one], external_reference=f"e-{one}", name=f"Person {one}", Site=f"Site {one}") for one in numbers
    ]
    pairs = [(one, other) for one in numbers for other in {one, max(first, one - 1)}]
    return [
        Stream("extra_categories", [SITE]),
        Stream("users", people),
        Stream("groups", [a_group(f"Group {one}", external_reference=f"g-{one}") for one in numbers]),
        Stream("group_members", [a_member(emails[one], f"Group {other}") for one, other in pairs]),
        Stream("content", [a_course(f"c-{one}", f"Course {one}") for one in numbers]),
        Stream("assignments", [an_assignment(emails[one], f"c-{other}") for one, other in pairs]),
        Stream("completions", [a_completion(email=emails[one], course=f"c-{other}") for one, other in pairs]),
        Stream("enrollments", [{"userRef": "e-0", "offerEventRef": "n-1"}]),
        Stream("offers", [{"ref": "o-1", "title": "Offered"}]),
        Stream("offer_events", [{"ref": "n-1", "offerRef": "o-1", "type": "MEETING"}]),
        Stream("group_managers", [{"groupRef": "g-0", "userRef": "e-0"}]),
        Stream("training_trainers", [{"trainingRef": "c-0", "userRef": "e-0"}] if first == 0 else []),
    ]


class Written:
    """An organization that two people and their courses were synced to, and a second sync with one more."""

    def __init__(self, organization: PluvoOrganization, how: Mapping[str, Any], saved: bytes | None) -> None:
        """`saved` is what such an organization holds, so that it need not be made again."""
        self._organization = organization
        self.server = organization.server
        mapping = {"stream": "users", "object": "users", "fields": [{"source": "Site", "target": "extra:Site"}]}
        self._how = {**how, "stream_mappings": [mapping], "certificate_id": DEMO_CERTIFICATE_ID}
        if saved is None:
            self._make()
        else:
            organization.sandbox.load(saved)
        self.server.requests.reset()

    def _make(self) -> None:
        organization = self._organization
        assert organization.write("extra_categories", SITE).error is None
        run = organization.sync(self._of_content(streams(0, 2)), None, **self._how)
        assert (run.error, run.rejects) == (None, [])
        organization.add_training("Course 2")
        query = "mutation($group: CreateGroupInput!) { createGroup(group: $group) { group { id } } }"
        organization.admin(query, group={"name": "Group 2"})

    def _of_content(self, sent: list[Stream]) -> list[Stream]:
        """Offers hold no trainers."""
        if self._how.get("content_object") != "offer":
            return sent
        return [one for one in sent if one.name != "training_trainers"]

    def write(self, since: Mapping[str, int] | None = None) -> Run:
        sent = self._of_content(streams(0, 3))
        return self._organization.sync(sent, messages(sent, state_every=1, since=since), **self._how)

    def held(self) -> Any:
        return self._organization.sandbox.canonical()


def opened(
    folder: pytest.TempPathFactory, switches: Mapping[str, Any], how: Mapping[str, Any]
) -> Callable[[], AbstractContextManager[Written]]:
    """Opens the same organization again and again."""
    saved: bytes | None = None

    @contextmanager
    def open_one() -> Iterator[Written]:
        nonlocal saved
        sandbox = PluvoSandbox.empty(PluvoOptions(**switches))
        with SandboxServer(sandbox) as server:
            organization = PluvoOrganization(sandbox, server, DestinationPluvo, folder.mktemp("reports"))
            written = Written(organization, how, saved)
            saved = saved or sandbox.saved()
            yield written

    return open_one


WAYS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "trainings": ({}, {}),
    "trainings, each asked for its participants": ({"trainings_of_users_shown": False}, {}),
    "offers": ({}, {"content_object": "offer"}),
    "one look-up a call, so that users are listed": ({}, {"operations_per_document": 1}),
}
"""What Pluvo shows to the client, and the config."""


@pytest.mark.sweep
@pytest.mark.parametrize("way", WAYS)
def test_a_spoiled_answer_of_any_list_call_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory, way: str, every_case: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE_SIZE", 1)
    switches, how = WAYS[way]
    assert Walk(opened(tmp_path_factory, switches, how)).all_calls(whole=every_case) >= 6


def test_a_null_in_place_of_a_connection_doubles_no_group(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    walk = Walk(opened(tmp_path_factory, {}, {}))
    calls, wanted = walk.undisturbed()
    (groups,) = [one for one in calls if one.field == "paginatedGroups" and not one.later]
    walk.spoil(groups, FaultKind.ROOT_NULL, wanted)
    walk.spoil(groups, FaultKind.ROOT_NULL, wanted, times=None)


def test_every_list_of_the_operations_is_declared_to_be_one() -> None:
    declared = {name for name, one in OPERATIONS.items() if one.lists}
    asked = {name for name, one in OPERATIONS.items() if one.is_query and ("edges" in one.source or name.endswith("s"))}
    assert asked - declared <= {"UserAfasIds"}
