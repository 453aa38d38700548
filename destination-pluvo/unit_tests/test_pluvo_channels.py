"""Channels of Pluralsight as trainings that list links, and their members as participants where that is switched on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.kept_texts import KeptTexts
from lms_shared.dev.sandbox.requests_log import WriteEvent
from lms_shared.dev.testing.pluvo_organization import PluvoOrganization
from lms_shared.dev.testing.syncs import Stream
from lms_shared.model.markup import links

PERSON = {"psUserId": "ps-1", "email": "ada@example.com", "firstName": "Ada", "lastName": "L", "isOnAccount": True}
MEMBERS = [
    Stream("channel_members", [{"channelId": "ch-1", "psUserId": "ps-1"}]),
    Stream("channels", [{"id": "ch-1", "name": "Basics", "description": "First steps.", "ownerPsUserId": "ps-1"}]),
    Stream("users", [PERSON]),
]
ACTIVE = {"name": "Active", "replacementCourseId": None}
COURSES = [
    {"id": f"c-{n}", "title": f"Course {n} & more", "url": f"/library/c-{n}?a=1&b=2", "courseStatus": ACTIVE}
    for n in (1, 2, 3)
]
SITE = "https://app.pluralsight.com"
LISTED = [{"channelId": "ch-1", "contentId": f"c-{n}", "contentType": "COURSE", "order": n} for n in (1, 2, 3)]
CATALOG = [Stream("course_catalog", COURSES), MEMBERS[1], Stream("channel_content", LISTED)]


def sync(organization: PluvoOrganization, streams: Sequence[Stream], **config: Any) -> dict[str, int]:
    mappings = [{"stream": one.name, "preset": "pluralsight"} for one in streams]
    run = organization.sync(streams, stream_mappings=mappings, **config)
    assert (run.error, run.rejects) == (None, [])
    names = ("created", "updated", "unchanged", "deactivated")
    return {name: run.total(name) for name in names if run.total(name)}


def training(organization: PluvoOrganization, title: str = "Basics") -> dict[str, Any]:
    return next(one for one in organization.rows("trainings") if one["title"] == title)


def listed(organization: PluvoOrganization) -> list[tuple[str, str]]:
    return [(one.words, one.address) for one in links(training(organization)["introduction"])]


def write_by_hand(organization: PluvoOrganization, introduction: str) -> None:
    query = "mutation($id: UUID, $training: UpdateTrainingInput!) "
    query += "{ updateTraining(id: $id, training: $training) { training { id } } }"
    organization.admin(query, id=training(organization)["id"], training={"introduction": introduction})


def link(number: int, title: str | None = None) -> tuple[str, str]:
    return title or f"Course {number} & more", f"{SITE}/library/c-{number}?a=1&b=2"


@pytest.mark.parametrize("content_object", ["training", "offer"])
@pytest.mark.parametrize("seed", range(4))
def test_a_channel_lists_its_courses_in_any_order_of_streams_and_rows(
    organization: PluvoOrganization, seed: int, content_object: str
) -> None:
    dice = random.Random(seed)
    streams = [Stream(one.name, dice.sample(one.records, len(one.records))) for one in dice.sample(CATALOG, 3)]
    config: dict[str, Any] = {"batch_size": seed + 1, "content_object": content_object}
    assert sync(organization, streams, **config) == {"created": 7}
    kind, text = ("trainings", "introduction") if content_object == "training" else ("offers", "description")
    (channel,) = [one for one in organization.rows(kind) if one["title"] == "Basics"]
    assert [(one.words, one.address) for one in links(channel[text])] == [link(1), link(2), link(3)]
    assert channel[text].startswith("First steps.")
    writes = organization.writes
    assert sync(organization, CATALOG, **config) == {"unchanged": 7}
    assert organization.writes == writes


def test_the_links_of_a_channel_are_written_with_its_text_in_one_call(organization: PluvoOrganization) -> None:
    sync(organization, CATALOG[:2])
    before = organization.documents("updateTraining")
    assert sync(organization, CATALOG[2:]) == {"created": 3}
    assert organization.documents("updateTraining") - before == 1


def test_what_an_admin_has_made_of_the_list_stays(organization: PluvoOrganization) -> None:
    sync(organization, CATALOG)
    text = training(organization)["introduction"]
    first, second, third = (line for line in text.splitlines() if line.startswith("<li>"))
    own = '<li><a href="https://example.com/own">Our own page</a></li>'
    renamed = second.replace("Course 2 &amp; more", "Start <b>here</b>")
    ordered = f"{third}\n{own}\n{renamed}\n{first.replace('</li>', ' (for all)</li>')}"
    changed = text.replace(f"{first}\n{second}\n{third}", ordered)
    assert changed != text
    write_by_hand(organization, changed)
    held, writes = training(organization)["introduction"], organization.writes
    assert sync(organization, CATALOG) == {"unchanged": 7}
    assert (training(organization)["introduction"], organization.writes) == (held, writes)
    # Another description and another course leave the list as the admin has it.
    channel = Stream("channels", [{**CATALOG[1].records[0], "description": "Anew."}])
    courses = Stream("course_catalog", [*COURSES, {**COURSES[0], "id": "c-4", "title": "Four", "url": "/four"}])
    rows = Stream("channel_content", [*LISTED, {**LISTED[0], "contentId": "c-4", "order": 4}])
    assert sync(organization, [rows, channel, courses]) == {"created": 2, "updated": 1, "unchanged": 6}
    ours = [link(3), ("Our own page", "https://example.com/own"), link(2, "Start here"), link(1)]
    assert listed(organization) == [*ours, ("Four", f"{SITE}/four")]
    text = training(organization)["introduction"]
    assert text.startswith("Anew.")
    assert "First steps." not in text
    assert "(for all)" in text
    writes = organization.writes
    assert sync(organization, [rows, channel, courses]) == {"unchanged": 9}
    assert organization.writes == writes


def test_a_link_follows_its_content_and_its_place(organization: PluvoOrganization) -> None:
    sync(organization, CATALOG)
    courses = Stream("course_catalog", [{**COURSES[0], "title": "One", "url": "/one"}, *COURSES[1:]])
    rows = Stream("channel_content", [{**LISTED[0], "order": 9}, *LISTED[1:]])
    assert sync(organization, [rows, courses, CATALOG[1]]) == {"updated": 2, "unchanged": 5}
    assert listed(organization) == [link(2), link(3), ("One", f"{SITE}/one")]
    assert sync(organization, [rows, courses, CATALOG[1]]) == {"unchanged": 7}


@pytest.mark.parametrize("mode", ["soft_delete", "hard_delete"])
def test_a_link_that_somebody_else_has_listed_is_enough_and_stays(organization: PluvoOrganization, mode: str) -> None:
    by_hand = f'<ol><li><a title="x" href="{link(2)[1].replace("&", "&amp;")}">Two</a></li></ol>'
    described = [CATALOG[0], Stream("channels", [{**CATALOG[1].records[0], "description": by_hand}]), CATALOG[2]]
    assert sync(organization, described) == {"created": 6, "unchanged": 1}
    assert listed(organization) == [link(2, "Two"), link(1), link(3)]
    writes = organization.writes
    assert sync(organization, described) == {"unchanged": 7}
    organization.write("collection_items", {"collectionRef": "ch-1", "contentRef": "c-2"}, mode=mode)
    organization.write("collection_items", {"collectionRef": "ch-1", "contentRef": "c-2", "active": False})
    assert organization.writes == writes


@pytest.mark.parametrize("mode", ["soft_delete", "hard_delete"])
def test_a_link_is_taken_out_of_the_list(organization: PluvoOrganization, mode: str) -> None:
    sync(organization, CATALOG)
    pairs = [{"collectionRef": "ch-1", "contentRef": f"c-{n}"} for n in (1, 3)]
    organization.write("collection_items", *pairs, mode=mode)
    assert listed(organization) == [link(2)]
    organization.write("collection_items", {"collectionRef": "ch-1", "contentRef": "c-2", "active": False})
    assert training(organization)["introduction"] == "First steps."
    writes = organization.writes
    organization.write("collection_items", *pairs, mode=mode)
    assert organization.writes == writes


def test_what_is_no_content_is_left_out_and_what_is_missing_is_told(organization: PluvoOrganization) -> None:
    rows = [*LISTED, {**LISTED[0], "contentId": "lab-1", "contentType": "LAB"}, {**LISTED[0], "contentId": "c-9"}]
    streams = [*CATALOG[:2], Stream("channel_content", rows)]
    run = organization.sync(streams, stream_mappings=[{"stream": one.name, "preset": "pluralsight"} for one in streams])
    assert run.error is None
    assert [(one["code"], one["record"]["record"]["data"]["contentId"]) for one in run.rejects] == [
        ("REFERENCE.NOT_FOUND", "c-9")
    ]
    assert "show_off_plan_content" in run.rejects[0]["remedy"]
    assert listed(organization) == [link(1), link(2), link(3)]
    reject = organization.rejected("collection_items", {"collectionRef": "ch-1", "contentRef": "ch-1"})
    assert reject["code"] == "INPUT.VALUE"


def test_content_without_an_address_is_listed_by_its_title(organization: PluvoOrganization) -> None:
    courses = Stream("course_catalog", [{**COURSES[0], "url": None}, *COURSES[1:]])
    sync(organization, [courses, *CATALOG[1:]])
    assert "Course 1 &amp; more</a></li>" in training(organization)["introduction"]
    writes = organization.writes
    assert sync(organization, [courses, *CATALOG[1:]]) == {"unchanged": 7}
    assert organization.writes == writes


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_channel_whose_sync_is_cut_off_at_any_write_lists_each_course_once(
    open_organization: Callable[..., PluvoOrganization], moment: str
) -> None:
    for write in itertools.count(1):
        organization = open_organization()

        def cut(event: WriteEvent, organization: PluvoOrganization = organization, write: int = write) -> None:
            if event.number >= write and event.phase == moment:
                organization.server.faults = FaultPlan([FaultRule(FaultKind.DROP_BEFORE)])

        organization.server.on_write = cut
        mappings = [{"stream": one.name, "preset": "pluralsight"} for one in CATALOG]
        died = organization.sync(CATALOG, stream_mappings=mappings, operations_per_document=1, num_workers=1)
        organization.server.on_write, organization.server.faults = None, FaultPlan()
        sync(organization, CATALOG)
        assert listed(organization) == [link(1), link(2), link(3)], f"cut off {moment} write {write}"
        if died.error is None:
            assert write >= 5
            return


def test_members_of_a_channel_take_part_in_its_training(organization: PluvoOrganization) -> None:
    run = organization.sync(
        MEMBERS,
        stream_mappings=[{"stream": one.name, "preset": "pluralsight"} for one in MEMBERS],
        assign_channel_content=True,
    )
    assert (run.error, run.rejects, run.total("created")) == (None, [], 3)
    held = organization.only("trainings")
    assert (held["ref"], held["title"], held["participants"]) == ("ch-1", "Basics", ["ada@example.com"])
    writes = organization.writes
    assert sync(organization, MEMBERS, assign_channel_content=True) == {"unchanged": 3}
    assert organization.writes == writes


def test_without_the_switch_the_members_are_refused_before_the_first_write(organization: PluvoOrganization) -> None:
    mappings = [{"stream": one.name, "preset": "pluralsight"} for one in MEMBERS]
    run = organization.sync(MEMBERS, stream_mappings=mappings)
    assert isinstance(run.error, AirbyteTracedException)
    assert "assign_channel_content" in str(run.error.message)
    assert organization.writes == 0


def test_a_dry_run_plans_the_links_of_what_is_there_and_of_what_is_not(organization: PluvoOrganization) -> None:
    assert sync(organization, CATALOG, dry_run=True) == {"created": 7}
    assert organization.writes == 0
    sync(organization, CATALOG[:2])
    writes = organization.writes
    assert sync(organization, CATALOG, dry_run=True) == {"created": 3, "unchanged": 4}
    assert organization.writes == writes


@pytest.mark.parametrize("order", ["first", None, "", 1.5])
def test_a_place_that_is_no_number_costs_the_place_alone(organization: PluvoOrganization, order: object) -> None:
    rows = Stream("channel_content", [{**LISTED[0], "order": order}, *LISTED[1:]])
    assert sync(organization, [*CATALOG[:2], rows]) == {"created": 7}
    assert listed(organization) == [link(2), link(3), link(1)]


@pytest.mark.parametrize("mode", [KeptTexts.TIDIED, KeptTexts.CLEANED])
def test_a_pluvo_that_writes_texts_anew_lists_each_course_once(
    open_organization: Callable[..., PluvoOrganization], mode: KeptTexts
) -> None:
    organization = open_organization(kept_texts=mode)
    assert sync(organization, CATALOG) == {"created": 7}
    writes = organization.writes
    assert sync(organization, CATALOG) == {"unchanged": 7}
    assert (organization.writes, listed(organization)) == (writes, [link(1), link(2), link(3)])
