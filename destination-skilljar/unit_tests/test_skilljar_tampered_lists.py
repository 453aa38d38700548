"""Each list that the destination reads, with its answer spoiled in each way: nothing is lost, doubled or forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.sandbox.faults import FaultKind
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Run, Stream, messages
from lms_shared.dev.testing.tamper_walk import Walk

REFERENCE_FIELD = {"user_reference_signup_field": "Employee ID"}


def streams(first: int, last: int) -> list[Stream]:
    """People, groups and courses by number, each person in the group and the course of the same number, and all of them
    in the first course, so that the list of its learners has several pages."""
    numbers = range(first, last)
    emails = {number: f"person{number}@example.com" for number in numbers}
    return [
        Stream("users", [a_user(emails[one], external_reference=f"e-{one}", name=f"Person {one}") for one in numbers]),
        Stream("groups", [a_group(f"Group {one}") for one in numbers]),
        Stream("group_members", [a_member(emails[one], f"Group {one}") for one in numbers]),
        Stream("content", [a_course(f"c-{one}", f"Course {one}") for one in numbers]),
        Stream("assignments", [an_assignment(emails[one], f"c-{to}") for one in numbers for to in sorted({0, one})]),
        Stream("completions", [a_completion(email=emails[one], course=f"c-{one}") for one in numbers]),
    ]


class Written:
    """An academy that four people and their courses were synced to, and a second sync with two more."""

    def __init__(self, academy: Academy, batch_size: int, saved: bytes | None, *, client: bool) -> None:
        """`saved` is what such an academy holds, so that it need not be made again."""
        self._academy = academy
        self.server = academy.server
        self._how = {**REFERENCE_FIELD, "batch_size": batch_size, **(academy.client() if client else {})}
        if saved is None:
            run = academy.sync(streams(0, 4), **self._how)
            assert (run.error, run.rejects) == (None, [])
            academy.add_course("Course 4")
        else:
            academy.sandbox.load(saved)
        self.server.requests.reset()

    def write(self, since: Mapping[str, int] | None = None) -> Run:
        sent = streams(0, 6)
        return self._academy.sync(sent, messages(sent, state_every=1, since=since), **self._how)

    def held(self) -> Any:
        return self._academy.sandbox.canonical()


def opened(
    folder: pytest.TempPathFactory, batch_size: int, *, client: bool = False
) -> Callable[[], AbstractContextManager[Written]]:
    """Opens the same academy again and again; batches of one record ask for each key, large ones list."""
    saved: bytes | None = None

    @contextmanager
    def open_one() -> Iterator[Written]:
        nonlocal saved
        sandbox = SkilljarSandbox.empty(SkilljarOptions(largest_page=2, clock=lambda: 1_780_000_000.0))
        with SandboxServer(sandbox) as server:
            academy = Academy(sandbox, server, DestinationSkilljar, folder.mktemp("reports"))
            written = Written(academy, batch_size, saved, client=client)
            saved = saved or sandbox.saved()
            yield written
            academy.close()

    return open_one


@pytest.mark.sweep(kept=1)
@pytest.mark.parametrize("client", [False, True], ids=["version 1", "with a client of version 2"])
@pytest.mark.parametrize("batch_size", [1, 50])
def test_a_spoiled_answer_of_any_list_call_loses_and_doubles_nothing(
    tmp_path_factory: pytest.TempPathFactory, batch_size: int, client: bool, every_case: bool
) -> None:
    assert Walk(opened(tmp_path_factory, batch_size, client=client)).all_calls(whole=every_case) >= 6


def test_an_empty_answer_to_the_list_of_courses_creates_none_a_second_time(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    walk = Walk(opened(tmp_path_factory, 50))
    calls, wanted = walk.undisturbed()
    (courses,) = [one for one in calls if one.label == "GET /v1/courses" and not one.later]
    walk.spoil(courses, FaultKind.EMPTY_BODY, wanted)
    walk.spoil(courses, FaultKind.ROWS_HALF, wanted)
    walk.spoil(courses, FaultKind.EMPTY_BODY, wanted, times=None)
