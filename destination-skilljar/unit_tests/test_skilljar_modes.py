"""Modes, policies, dry run and thresholds on the objects of Skilljar."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.testing.catalogue import catalogue
from lms_shared.dev.testing.records import (
    ADA,
    GRACE,
    Record,
    a_completion,
    a_course,
    a_group,
    a_member,
    a_user,
    an_assignment,
)
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.syncs import Stream, messages
from lms_shared.model.declarations import Mode

OBJECTS = ("users", "groups", "content", "group_members", "assignments", "completions")
BRAKE_OFF = {"max_deactivated": 100, "max_deactivated_share": 1}
KNOWN: dict[str, Record] = {
    "users": a_user(first_name="Ada"),
    "groups": a_group(),
    "content": a_course(),
    "group_members": a_member(),
    "assignments": an_assignment(),
    "completions": a_completion(),
}
CHANGED: dict[str, Record] = {
    "users": a_user(first_name="Augusta"),
    "groups": a_group(),
    "content": a_course(title="Reading Python 2"),
    "group_members": a_member(active=False),
    "assignments": an_assignment(active=False),
    "completions": a_completion("2026-02-01T08:00:00Z"),
}
NEW: dict[str, Record] = {
    "users": a_user(GRACE),
    "groups": a_group("Managers"),
    "content": a_course("c-2", "Writing Python"),
    "group_members": a_member(GRACE),
    "assignments": an_assignment(GRACE),
    "completions": a_completion(email=GRACE),
}


def fill(academy: Academy) -> None:
    """One of each object, and a second learner."""
    academy.add_member(GRACE)
    academy.sync([Stream(name, [record]) for name, record in KNOWN.items()])


def write(academy: Academy, name: str, mode: Mode, *records: Record) -> Any:
    if mode in (Mode.UPDATE, Mode.SOFT_DELETE):
        return academy.try_to_write(name, *records, sync_mode=mode.value)
    return academy.try_to_write(name, *records, mode=mode.value)


def able() -> list[tuple[str, Mode]]:
    """Every object and mode, from the declarations."""
    return [(name, mode) for name in OBJECTS for mode in Mode]


@pytest.mark.parametrize(("name", "mode"), able())
def test_each_object_does_the_modes_that_it_declares_and_refuses_the_others_before_the_first_write(
    academy: Academy, name: str, mode: Mode
) -> None:
    fill(academy)
    declaration = DestinationSkilljar().adapter(academy.config()).sinks[name].declaration
    counted = academy.counting()
    run = write(academy, name, mode, KNOWN[name])
    if mode in declaration.modes:
        assert run.error is None
        assert run.total("rejected") == 0
        return
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert (counted.reads, counted.writes) == (0, 0)


def test_no_object_refuses_a_mode_without_a_reason(academy: Academy) -> None:
    for sink in DestinationSkilljar().adapter(academy.config()).sinks.values():
        declaration = sink.declaration
        assert declaration.refusals.keys() == set(Mode) - declaration.modes, declaration.name
        assert all(declaration.refusals.values())


@pytest.mark.parametrize("name", OBJECTS)
def test_update_changes_what_is_there_and_rejects_what_is_not(academy: Academy, name: str) -> None:
    fill(academy)
    academy.write("users", a_user(GRACE, active=True))
    new = {**NEW, "users": a_user("new@example.com")}[name]
    before = academy.sandbox.canonical()
    run = write(academy, name, Mode.UPDATE, CHANGED[name], new)
    assert run.error is None
    assert run.total("created") == 0
    assert [one["code"] for one in run.rejects] == ["POLICY.NO_MATCH"]
    assert (academy.sandbox.canonical() == before) is (name == "groups")


@pytest.mark.parametrize("name", OBJECTS)
def test_create_only_creates_and_changes_nothing_that_exists(academy: Academy, name: str) -> None:
    fill(academy)
    new = {**NEW, "users": a_user("new@example.com")}[name]
    run = write(academy, name, Mode.CREATE_ONLY, CHANGED[name], new)
    assert run.error is None
    assert (run.total("created"), run.total("updated"), run.total("deactivated")) == (1, 0, 0)
    after = academy.sandbox.canonical()
    assert write(academy, name, Mode.CREATE_ONLY, CHANGED[name], new).total("unchanged") == 2
    assert academy.sandbox.canonical() == after


def test_overwrite_is_refused(academy: Academy) -> None:
    run = academy.try_to_write("users", a_user(), sync_mode="overwrite")
    assert "overwrite" in str(run.error)
    assert academy.held("users") == []


MIRRORED: dict[str, Any] = {"mode": "mirror", "mirror": BRAKE_OFF}


class TestMirror:
    """Mode mirror of content."""

    def test_own_content_that_the_source_no_longer_has_is_hidden(self, academy: Academy) -> None:
        academy.write("content", *(a_course(f"c-{n}", f"Course {n}") for n in range(4)), **MIRRORED)
        kept = [a_course(f"c-{n}", f"Course {n}") for n in range(3)]
        run = academy.write("content", *kept, mode="mirror", mirror=BRAKE_OFF)
        assert run.total("deactivated") == 1
        hidden = {one["title"]: one["publications"][0]["hidden"] for one in academy.held("courses")}
        assert hidden == {"Course 0": False, "Course 1": False, "Course 2": False, "Course 3": True}
        assert academy.write("content", *kept, mode="mirror", mirror=BRAKE_OFF).total("deactivated") == 0

    def test_own_content_that_is_hidden_alone_is_closed_once_the_source_no_longer_has_it(
        self, academy: Academy
    ) -> None:
        academy.write("content", *(a_course(f"c-{n}", f"Course {n}") for n in range(2)), **MIRRORED)
        publication = academy.publication("Course 1")
        academy.edit("published_courses", publication["id"], hidden=True)
        assert academy.write("content", a_course("c-0", "Course 0"), **MIRRORED).total("deactivated") == 1
        assert academy.publication("Course 1")["strict_enforce_group_visibility"]
        assert academy.write("content", a_course("c-0", "Course 0"), **MIRRORED).total("deactivated") == 0

    def test_the_mark_of_the_stream_is_a_label_beside_the_reference(self, academy: Academy) -> None:
        academy.write("content", a_course())
        counted = academy.counting()
        assert academy.write("content", a_course(), **MIRRORED).total("updated") == 1
        assert academy.only("courses")["labels"] == ["ext:airbyte:c-1", "set:airbyte:content"]
        assert counted.writes == 2
        assert academy.write("content", a_course(), **MIRRORED).total("unchanged") == 1
        assert counted.writes == 2

    def test_content_of_others_is_never_hidden(self, academy: Academy) -> None:
        academy.add_course("Made by hand")
        academy.add_course("Of another connection", "ext:other:c-9")
        run = academy.write("content", a_course(), mode="mirror", mirror=BRAKE_OFF)
        assert run.total("deactivated") == 0
        assert not any(one["publications"][0]["hidden"] for one in academy.held("courses"))

    def test_past_the_brake_nothing_is_hidden_and_the_sync_fails_with_the_names(self, academy: Academy) -> None:
        academy.write("content", *(a_course(f"c-{n}", f"Course {n}") for n in range(4)), **MIRRORED)
        run = academy.try_to_write("content", a_course("c-0", "Course 0"), mode="mirror", mirror={"max_deactivated": 2})
        assert isinstance(run.error, AirbyteTracedException)
        assert run.error.failure_type is FailureType.config_error
        assert all(one in str(run.error.message) for one in ("c-1", "c-2", "c-3"))
        assert not any(one["publications"][0]["hidden"] for one in academy.held("courses"))
        assert len(run.states) == 1

    def test_a_stream_that_is_empty_or_did_not_end_well_hides_nothing(self, academy: Academy) -> None:
        academy.write("content", a_course(), **MIRRORED)
        mirror = [{"stream": "content", "mode": "mirror"}]
        for sent in ([], list(messages([Stream("content", [a_course("c-2", "Other")])]))[:-1]):
            run = academy.sync([Stream("content")], sent, stream_mappings=mirror, mirror=BRAKE_OFF)
            assert run.error is None
            assert run.total("deactivated") == 0
        assert academy.course("Reading Python")["publications"][0]["hidden"] is False

    def test_content_that_is_not_published_on_the_domain_is_left_alone(self, academy: Academy) -> None:
        academy.add_course("Unpublished", "ext:airbyte:c-9", published=False)
        run = academy.write("content", a_course(), mode="mirror", mirror=BRAKE_OFF)
        assert run.total("deactivated") == 0
        assert academy.course("Unpublished")["publications"] == []

    def test_own_content_is_found_with_two_lists_however_much_there_is(self, academy: Academy) -> None:
        records = [a_course(f"c-{n}", f"Course {n}", content_url=None) for n in range(12)]
        academy.write("content", *records, **MIRRORED)
        counted = academy.counting()
        academy.write("content", records[0], mode="mirror", mirror=BRAKE_OFF)
        # One label that says so, and for each course its link and the two settings.
        assert counted.writes == 1 + 2 * (len(records) - 1)
        assert counted.of("GET /v1/domains/{domain_name}/published-courses") <= 3


def test_dry_run_writes_nothing_and_plans_what_the_sync_does(academy: Academy) -> None:
    streams = catalogue(frozenset(OBJECTS))
    counted = academy.counting()
    planned = academy.sync(streams, dry_run=True)
    assert counted.writes == 0
    done = academy.sync(streams)
    names = ("created", "updated", "unchanged", "deactivated", "rejected")
    assert [[one[name] for name in names] for one in planned.summaries] == [
        [one[name] for name in names] for one in done.summaries
    ]


def test_dry_run_of_changes_writes_nothing(academy: Academy) -> None:
    fill(academy)
    before = academy.sandbox.canonical()
    counted = academy.counting()
    run = academy.sync([Stream(name, [CHANGED[name]]) for name in OBJECTS], dry_run=True)
    assert run.error is None
    assert counted.writes == 0
    assert academy.sandbox.canonical() == before
    assert (run.total("updated"), run.total("deactivated"), run.total("unchanged")) == (3, 2, 1)


def test_policy_never_keeps_an_admins_title(academy: Academy) -> None:
    academy.write("content", a_course())
    course = academy.row("courses")["id"]
    academy.admin("PATCH", f"courses/{course}", {"title": "A better title"})
    never = [{"object": "content", "field": "title", "policy": "never"}]
    assert academy.write("content", a_course(), field_policies=never).total("unchanged") == 1
    assert academy.only("courses")["title"] == "A better title"


def test_policy_fill_if_empty_fills_an_empty_description_and_keeps_one_that_is_there(academy: Academy) -> None:
    fill_if_empty = [{"object": "content", "field": "description", "policy": "fill_if_empty"}]
    academy.write("content", a_course())
    academy.write("content", a_course(description="First"), field_policies=fill_if_empty)
    assert academy.only("courses")["long_description_html"] == "First"
    academy.write("content", a_course(description="Second"), field_policies=fill_if_empty)
    assert academy.only("courses")["long_description_html"] == "First"


def test_an_unknown_object_or_field_of_a_policy_is_a_config_error(academy: Academy) -> None:
    for policy in ({"object": "lectures", "field": "title"}, {"object": "content", "field": "headline"}):
        run = academy.try_to_write("content", a_course(), field_policies=[{**policy, "policy": "never"}])
        assert isinstance(run.error, AirbyteTracedException)
        assert run.error.failure_type is FailureType.config_error
    assert academy.held("courses") == []


def test_past_max_rejected_the_states_that_are_safe_go_out_and_the_sync_fails(academy: Academy) -> None:
    records = [a_user("no address"), a_user(), a_user("neither this")]
    sent = messages([Stream("users", records)], state_every=1)
    run = academy.sync([Stream("users")], sent, max_rejected=1)
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert len(run.rejects) == 2
    assert academy.only("users")["email"] == ADA


def test_requests_for_a_record_of_the_first_and_of_the_second_sync(academy: Academy) -> None:
    """The cost model: see the table of the docs."""
    people = [f"learner{n}@example.com" for n in range(50)]
    courses = [f"c-{n}" for n in range(20)]
    streams = [
        Stream("users", [a_user(one, first_name="A") for one in people]),
        Stream("groups", [a_group()]),
        Stream("group_members", [a_member(one) for one in people]),
        Stream("content", [a_course(one, f"Course {one}") for one in courses]),
        Stream("assignments", [an_assignment(one, "c-0") for one in people]),
        Stream("completions", [a_completion(email=one, course="c-0") for one in people]),
    ]
    counted = academy.counting()
    first = academy.sync(streams)
    assert first.total("rejected") == 0
    learners_at_once = 1
    assert counted.writes == learners_at_once + 1 + 50 + 3 * 20 + 50 + 50
    # Two looks for the last learner of the call for many, and one list of all, are among them.
    lists, reads_of_learners = 12, 50
    assert counted.reads <= lists + reads_of_learners
    counted = academy.counting()
    assert academy.sync(streams).total("unchanged") == 50 + 1 + 50 + 20 + 50 + 50
    assert counted.writes == 0
    assert counted.of("GET /v1/lessons") == 20
    assert counted.of("GET /v1/users/{user_id}/published-courses") == 50
    assert counted.reads <= 20 + 50 + lists
