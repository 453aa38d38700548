"""Every native object against the pretend Skilljar: each declared ability, and the refusal of each other one.

The records are made from the declarations; what they refer to is in `World`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar import native
from destination_skilljar.destination import DestinationSkilljar
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.server import SandboxServer
from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.skilljar_world import World
from lms_shared.dev.testing.syncs import Run
from lms_shared.dev.testing.tamper_walk import INCOMPLETE, UNREADABLE, list_calls
from lms_shared.model.declarations import Mode, ObjectDeclaration
from lms_shared.model.fields import Kind
from lms_shared.model.keys import KeyKind
from lms_shared.resources.resource import Attribute, Resource
from lms_shared.resources.rest import RestCalls

Record = dict[str, Any]

RESOURCES = {one.name: one for one in native.RESOURCES}
DECLARED = native.declarations()


def rest(resource: Resource) -> RestCalls:
    assert isinstance(resource.calls, RestCalls)
    return resource.calls


REFERENCES: dict[str, Callable[[World], str]] = {
    "access_code": lambda world: world.access_code,
    "access_code_pool": lambda world: world.access_code_pool,
    "access_code_pool_id": lambda world: world.access_code_pool,
    "course": lambda world: world.unpublished_course(),
    "course_id": lambda world: world.course,
    "domain_id": lambda world: world.domain,
    "enrollment_id": lambda world: world.enrollment,
    "group_id": lambda world: world.group,
    "item_published_course_id": lambda world: world.published_course,
    "label": lambda world: world.label,
    "lesson": lambda world: world.live_lesson,
    "lesson_id": lambda world: world.modular_lesson,
    "license_package_id": lambda world: world.license_package,
    "offer_id": lambda world: world.offer,
    "plan_id": lambda world: world.plan,
    "promo_code_pool_id": lambda world: world.promo_code_pool,
    "published_course": lambda world: world.other_published_course,
    "published_course_id": lambda world: world.published_course,
    "published_path_id": lambda world: world.published_path,
    "quiz": lambda world: world.quiz,
    "quiz_question_bank": lambda world: world.question_bank,
    "signup_field": lambda world: world.signup_field,
    "student_group": lambda world: world.group,
    "tag": lambda world: world.tag,
    "tile_container_id": lambda world: world.tile_container,
    "user": lambda world: world.user,
    "user_id": lambda world: world.user,
    "vilt_session": lambda world: world.session,
}
"""What a field refers to, by its name."""

A_PURCHASE = {"purchase_price": {"amount": "10.00", "currency_code": "EUR"}, "purchase_state": "SUCCESS"}

OWN: dict[str, Callable[[World], Record]] = {
    "assets": lambda _: {"content_url": "https://files.example.com/handbook.pdf"},
    "catalog_page_classic_items": lambda world: {"catalog_page_id": world.classic_page},
    "catalog_page_component_blocks": lambda world: {
        "id": world.block("IN_PROGRESS_COURSES", "component_content_block_id")
    },
    "catalog_page_html_blocks": lambda world: {"id": world.block("HTML", "html_content_block_id")},
    "catalog_page_tile_containers": lambda world: {"id": world.tile_container},
    "plan_enrollments": lambda _: {"purchase": A_PURCHASE},
    "published_course_enrollments": lambda _: {"purchase": A_PURCHASE},
    "published_path_enrollments": lambda _: {"purchase": A_PURCHASE},
    "license_packages": lambda world: {"offers": [world.offer]},
    "domain_users": lambda _: {"user": {"email": "member@example.com", "first_name": "Mem"}},
    "domains": lambda _: {"name": "partners.example.com"},
    "lesson_content_items": lambda _: {"type": "HTML"},
    "lesson_progress": lambda world: {"id": world.lesson_progress},
    "lessons": lambda _: {"type": "HTML"},
    "license_package_seats": lambda _: {"student": {"email": "seat@example.com"}},
    "offers": lambda world: {"id": world.offer},
    "paths": lambda world: {"id": world.path},
    "progress_tokens": lambda world: {"id": world.progress_token},
    "promo_code_pools": lambda _: {"discount_type": "PERCENT_OFF", "percent_off": 10},
    "published_paths": lambda _: {"path": {"title": "A new path"}},
    "purchases": lambda world: {"id": world.purchase},
    "rating_content_blocks": lambda _: {"rating_scale": 5},
    "reenrollment_rules": lambda _: {"starts_at": "2035-01-01T09:00:00Z"},
    "training_credit_codes": lambda world: {"student_groups": [world.group], "offers": [world.offer]},
    "user_course_progress": lambda world: {"user_id": world.enrolled, "enrollment": world.enrollment},
    "user_lesson_progress": lambda world: {"user_id": world.enrolled, "lesson": world.followed_lesson},
    "vilt_session_registrations": lambda world: {"user": world.enrolled},
    "web_packages": lambda _: {"title": "handbook", "content_url": "https://files.example.com/handbook.zip"},
}
"""What the record of an object needs beside examples by kind."""

CHANGED: dict[str, Record] = {
    "courses": {"labels": ["new"]},
    "domain_users": {"user": {"email": "member@example.com", "first_name": "Other"}},
    "domains": {"catalog_title": "Another title"},
    "group_email_domain_rules": {"email_domains": ["other.example.com"]},
    "published_paths": {"path": {"title": "Another title"}},
    "reenrollment_rules": {"starts_at": "2036-01-01T09:00:00Z"},
    "training_credit_codes": {"credits_total": 77},
    "user_course_progress": {"course_progress": {"score": 7}},
    "user_lesson_progress": {"lesson_progress": {"custom_data": "else"}},
}
"""The change of an object, where no plain field serves."""

EXAMPLES: dict[Kind, tuple[Any, Any]] = {
    Kind.TEXT: ("some-text", "other-text"),
    Kind.HTML: ("<p>some &amp; all</p>", "<p>else</p>"),
    Kind.EMAIL: ("someone@example.com", "else@example.com"),
    Kind.URL: ("https://example.com/some", "https://example.com/else"),
    Kind.INSTANT: ("2030-01-01T09:00:00Z", "2031-01-01T09:00:00+01:00"),
    Kind.BOOLEAN: (True, False),
    Kind.INTEGER: (5, 6),
    Kind.TEXT_LIST: (["one.example.com"], ["two.example.com"]),
}
"""A value of each kind, and another one."""


def example(one: Attribute, which: int = 0) -> Any:
    """A value of a field."""
    if one.choices:
        return one.choices[which + (1 if one.null_word else 0)]
    if one.kind is Kind.NESTED_LIST:
        return [{member.name: example(member, which) for member in one.members}]
    if one.kind is Kind.NESTED:
        return {member.name: example(member, which) for member in one.members} or {"X-Note": EXAMPLES[Kind.TEXT][which]}
    value = EXAMPLES[one.kind][which]
    return value[: one.max_length] if one.max_length and isinstance(value, str) else value


def a_record(resource: Resource, world: World) -> Record:
    """A record with a value in every field that the object can hold."""
    own = OWN[resource.name](world) if resource.name in OWN else {}
    record: Record = {}
    for name in resource.parents:
        if name != "domain_name":
            builder = resource.name.startswith("catalog_page") and name == "catalog_page_id"
            record[name] = (
                world.builder_page if builder else (REFERENCES[name](world) if name not in own else own[name])
            )
    for one in resource.attributes:
        if one.name in own or one.name in resource.lifts:
            continue
        if one.name in REFERENCES and one.kind in (Kind.LINK, Kind.REFERENCE):
            value = REFERENCES[one.name](world)
            record[one.name] = {"id": value} if one.kind is Kind.LINK else value
        elif one.kind is not Kind.REFERENCE and (one.required or one.compared or one.unread):
            record[one.name] = example(one)
    if resource.name == "promo_code_pools":
        del record["price_cents"]
    if resource.name == "ilt_sessions":
        record["event_link"] = "https://meet.example.com/1"
    if resource.soft is not None:
        record[resource.soft.field] = not resource.soft.off
    return {**record, **own}


def a_change(resource: Resource, record: Record) -> Record:
    """The record with another value in one field."""
    if resource.name in CHANGED:
        return {**record, **CHANGED[resource.name]}
    one = next(
        one
        for one in reversed(resource.attributes)
        if one.compared and not one.fixed and one.kind not in (Kind.LINK, Kind.REFERENCE)
    )
    return {**record, one.name: example(one, 1)}


SYNC_MODES: dict[Mode, dict[str, str]] = {
    Mode.UPSERT: {"sync_mode": "append_dedup"},
    Mode.UPDATE: {"sync_mode": "update"},
    Mode.SOFT_DELETE: {"sync_mode": "soft_delete"},
}
"""Modes that are sync modes of Airbyte; the others are modes of a mapping."""


def able(name: str, mode: Mode) -> bool:
    return mode in DECLARED[name].modes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory) as opened:
        yield opened


@pytest.fixture(scope="module")
def other_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory) as opened:
        yield opened


@pytest.fixture(scope="module")
def spoiled_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory) as opened:
        yield opened


@contextmanager
def a_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    sandbox = SkilljarSandbox.empty(SkilljarOptions(reads_until_processed=0))
    with SandboxServer(sandbox) as server:
        academy = Academy(sandbox, server, DestinationSkilljar, tmp_path_factory.mktemp("reports"))
        yield World(academy)
        academy.close()


def write(world: World, name: str, record: Record, **how: Any) -> Run:
    """Writes a record, which must be taken."""
    run = world.academy.try_to_write(name, record, **how)
    assert run.error is None, run.error
    assert run.total("rejected") == 0, [(one["code"], one["reason"]) for one in run.rejects[-1:]]
    return run


def counts(run: Run) -> dict[str, int]:
    (summary,) = run.summaries
    return {name: summary[name] for name in ("created", "updated", "unchanged", "deactivated") if summary[name]}


def usual(name: str) -> dict[str, str]:
    """The way to write an object: an upsert where it can be made."""
    return {} if able(name, Mode.UPSERT) else {"sync_mode": "update"}


@pytest.mark.sweep(kept=8)
@pytest.mark.parametrize("name", RESOURCES)
def test_a_spoiled_answer_of_any_list_call_changes_nothing_of_what_is_there(
    spoiled_world: World, name: str, every_case: bool
) -> None:
    world = spoiled_world
    kinds = (*UNREADABLE, *INCOMPLETE)
    record = a_record(RESOURCES[name], world)
    run = world.academy.try_to_write(name, record, **usual(name))
    assert (run.error, run.total("rejected")) == (None, 0)
    server = world.academy.server
    server.requests.reset()
    server.note_lists = True
    assert unchanged(world, name, record, **usual(name))
    server.note_lists = False
    for call in list_calls(server):
        for kind in kinds if every_case else kinds[len(name) % len(kinds) :][:1]:
            writes = server.requests.writes
            server.faults = FaultPlan([call.rule(kind, times=1)])
            run = world.academy.try_to_write(name, record, **usual(name))
            struck = server.faults.to_json()["rules"][0]["hits"]
            server.faults = FaultPlan()
            failed = isinstance(run.error, AirbyteTracedException)
            assert struck, f"{kind} at {call}: never asked"
            assert failed or counts(run) == {"unchanged": 1}, f"{kind} at {call}: {run.error!r} {counts(run)}"
            assert server.requests.writes == writes, f"{kind} at {call}"


@pytest.mark.sweep(kept=16)
@pytest.mark.parametrize("name", RESOURCES)
def test_an_object_is_made_once_changed_once_and_removed_once(world: World, name: str) -> None:
    resource = RESOURCES[name]
    record = a_record(resource, world)
    first = counts(write(world, name, record, **usual(name)))
    assert first in ([{"created": 1}] if rest(resource).create == "POST" else [{"created": 1}, {"updated": 1}]), first
    assert unchanged(world, name, record, **usual(name))
    record = with_id(world, resource, record)
    assert unchanged(world, name, record, **usual(name))
    if able(name, Mode.UPDATE):
        record = a_change(resource, record)
        changed = counts(write(world, name, record, sync_mode="update"))
        assert changed in ({"updated": 1}, {"deactivated": 1})
        assert unchanged(world, name, record, **usual(name))
    if able(name, Mode.SOFT_DELETE):
        assert resource.soft is not None
        if any(record[field] is not resource.soft.off for field in resource.soft.fields):
            assert counts(write(world, name, record, sync_mode="soft_delete")) == {"deactivated": 1}
        assert unchanged(world, name, record, sync_mode="soft_delete")
    if able(name, Mode.HARD_DELETE):
        assert counts(write(world, name, record, mode="hard_delete")) == {"deactivated": 1}
        assert unchanged(world, name, record, mode="hard_delete")
        if able(name, Mode.UPSERT) and any(key.kind is not KeyKind.IDENTIFIER for key in resource.keys):
            record = {field: value for field, value in record.items() if field != "id"}
            assert counts(write(world, name, record)) == {"created": 1}


@pytest.mark.sweep(kept=8)
@pytest.mark.parametrize("name", [name for name, one in RESOURCES.items() if rest(one).create == "POST"])
def test_a_row_whose_creation_got_no_answer_is_looked_up_and_never_made_twice(other_world: World, name: str) -> None:
    record = a_record(RESOURCES[name], other_world)
    other_world.academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_AFTER, method="POST", times=1)])
    assert counts(write(other_world, name, record)) == {"created": 1}
    assert unchanged(other_world, name, record)


@pytest.mark.parametrize("name", RESOURCES)
def test_a_record_without_what_its_object_needs_is_rejected_and_never_sent(world: World, name: str) -> None:
    declaration = DECLARED[name]
    record = a_record(RESOURCES[name], world)
    needed = declaration.required or (tuple(key.field for key in declaration.keys),)
    lacking = [{field: value for field, value in record.items() if field not in group} for group in needed]
    counted = world.academy.counting()
    run = world.academy.try_to_write(name, *lacking, **usual(name))
    assert run.error is None, run.error
    assert [one["code"] for one in run.rejects[-len(lacking) :]] == ["INPUT.MISSING"] * len(lacking)
    assert counted.writes == 0


@pytest.mark.parametrize("name", [name for name, one in DECLARED.items() if one.field_references])
def test_a_reference_that_fits_nothing_is_rejected_before_any_write(world: World, name: str) -> None:
    declaration = DECLARED[name]
    record = a_record(RESOURCES[name], world)
    wrong = list(misleading(declaration, record))
    assert wrong
    counted = world.academy.counting()
    run = world.academy.try_to_write(name, *wrong, **usual(name))
    assert run.error is None, run.error
    assert [one["code"] for one in run.rejects[-len(wrong) :]] == ["REFERENCE.NOT_FOUND"] * len(wrong), run.rejects
    assert counted.writes == 0


def misleading(declaration: ObjectDeclaration, record: Record) -> Iterator[Record]:
    """The record with each of its references in turn to something that there is not, by id and by each name."""
    for one in declaration.field_references:
        if one.field not in record:
            continue
        dropped = {one.field, "id"} if Mode.UPSERT in declaration.modes else {one.field}
        rest_of_it = {field: value for field, value in record.items() if field not in dropped}
        if one.many:
            yield {**rest_of_it, one.field: ["nothing"]}
            continue
        # Nothing tells in which pool an access code is.
        if Mode.UPSERT in declaration.modes and not one.takes and one.object_name != "access_codes":
            yield {**rest_of_it, one.field: "nothing"}
        where = {
            mine: "nothing" for _, mine in one.scope if mine.endswith(("_id", "block_type")) and mine not in record
        }
        for each in one.selectors:
            yield {
                **rest_of_it,
                **where,
                each.field: _NOTHING.get(declaration.field_by_name[each.field].kind, "nothing"),
            }


_NOTHING = {Kind.INTEGER: 99, Kind.INSTANT: "1999-01-01T00:00:00Z"}


@pytest.mark.parametrize("name", RESOURCES)
def test_a_mode_that_the_api_cannot_do_is_refused_with_the_reason_before_any_request(world: World, name: str) -> None:
    declaration = DECLARED[name]
    counted = world.academy.counting()
    for mode in set(Mode) - declaration.modes:
        run = world.academy.try_to_write(name, **(SYNC_MODES.get(mode) or {"mode": mode.value}))
        assert isinstance(run.error, AirbyteTracedException)
        assert run.error.failure_type is FailureType.config_error
        assert declaration.refusals[mode] in str(run.error.message)
    assert (counted.reads, counted.writes) == (0, 0)


def unchanged(world: World, name: str, record: Record, **how: Any) -> bool:
    counted = world.academy.counting()
    return counts(write(world, name, record, **how)) == {"unchanged": 1} and counted.writes == 0


def with_id(world: World, resource: Resource, record: Record) -> Record:
    """The record with the id that its row has in the API."""
    if "id" in record or all(key.kind is not KeyKind.IDENTIFIER for key in resource.keys):
        return record
    if resource.name == "ilt_instructors":
        return {**record, "id": world.academy.row("ilt_instructors", email=record["email"])["id"]}
    values = {"domain_name": DOMAIN, **record}
    query = {parameter: values[name] for parameter, name in rest(resource).query.items()}
    listed = rest(resource).list
    assert listed is not None
    answer = world.academy.admin("GET", listed.format(**values), page_size="1000", **query)
    return {**record, "id": answer["results"][-1]["id"]}
