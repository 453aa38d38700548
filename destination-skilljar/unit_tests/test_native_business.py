"""Offers, sessions, webhooks and what is common to all native objects: what no table can say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from destination_skilljar.content import web_packages
from lms_shared.dev.sandbox.faults import FaultKind, FaultPlan, FaultRule
from lms_shared.dev.sandbox.skilljar.options import Nesting, RepeatedLink
from lms_shared.dev.testing.skilljar_academy import DOMAIN, OTHER_DOMAIN, Academy
from lms_shared.dev.testing.skilljar_world import World
from lms_shared.dev.testing.syncs import Run

OpenAcademy = Callable[..., Academy]

COURSE = {"title": "Python", "short_description": "All of it", "enforce_sequential_navigation": False}
ANSWERS = [{"answer_text": "Yes", "correct": True}, {"answer_text": "No", "correct": False}]


@pytest.fixture(autouse=True)
def _no_polling_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_packages, "POLL_WAIT", 0.0)


def reject(academy: Academy, name: str, record: dict[str, Any], **how: Any) -> tuple[str, str]:
    line = academy.rejected(name, record, **how)
    return line["code"], f"{line['reason']} {line['remedy']}"


def totals(run: Run) -> dict[str, int]:
    assert run.error is None, run.error
    names = ("created", "updated", "unchanged", "deactivated", "rejected")
    return {name: run.total(name) for name in names if run.total(name)}


def writes_nothing_again(academy: Academy, name: str, *records: dict[str, Any]) -> bool:
    counted = academy.counting()
    return totals(academy.write(name, *records)) == {"unchanged": len(records)} and counted.writes == 0


# Commerce and training


@pytest.mark.parametrize("shape", Nesting)
@pytest.mark.parametrize("repeated", RepeatedLink)
def test_offers_of_a_pool_are_read_in_both_shapes(
    open_academy: OpenAcademy, shape: Nesting, repeated: RepeatedLink
) -> None:
    academy = open_academy(promo_pool_offers=shape, repeated_link=repeated)
    world = World(academy)
    offers = [world.offer, academy.row("published_courses", id=world.other_published_course)["offer_id"]]
    records = [{"promo_code_pool_id": world.promo_code_pool, "offer_id": offer} for offer in offers]
    assert totals(academy.write("promo_code_pool_offers", *records)) == {"created": 2}
    assert writes_nothing_again(academy, "promo_code_pool_offers", *records)


def test_groups_and_offers_of_a_credit_code_change_by_what_is_added_and_removed(academy: Academy) -> None:
    world = World(academy)
    other = academy.admin("POST", "groups", {"name": "Other"})["id"]
    code = {"training_credit_code": "CREDIT", "credits_total": 10, "available_to_all_students": False}
    academy.write("training_credit_codes", {**code, "student_groups": [world.group]})
    academy.write("training_credit_codes", {**code, "student_groups": [other]})
    assert academy.row("training_credit_codes", training_credit_code="CREDIT")["student_groups"] == [other]


def test_a_session_is_changed_by_its_full_set_of_fields(academy: Academy) -> None:
    world = World(academy)
    times = {"starts_at": "2030-01-01T09:00:00Z", "ends_at": "2030-01-01T10:00:00Z", "timezone": "Europe/Berlin"}
    session = {"lesson": world.live_lesson, "display_name": "Live", "instructor_email": "i@example.com", **times}
    academy.write("ilt_sessions", {**session, "location": "Room 5", "seats_total": 20})
    counted = academy.counting()
    academy.write("ilt_sessions", {**session, "seats_total": 30})
    row = academy.row("vilt_sessions", display_name="Live")
    assert (row["seats_total"], row["location"]) == (30, "Room 5")
    assert counted.of("PUT /v1/ilt-sessions/{ilt_session_id}") == 1


@pytest.mark.parametrize("kept", ["2030-01-01T09:00:00.500000Z", "2030-01-01T09:00:00Z"])
def test_a_session_is_found_again_whether_or_not_the_api_keeps_fractions_of_seconds(
    academy: Academy, kept: str
) -> None:
    times = {"starts_at": "2030-01-01T09:00:00.5Z", "ends_at": "2030-01-01T10:00:00Z", "timezone": "Europe/Berlin"}
    lesson = World(academy).live_lesson
    session = {"lesson": lesson, "display_name": "Live", "instructor_email": "i@example.com", **times}
    academy.write("ilt_sessions", session)
    academy.edit("vilt_sessions", academy.row("vilt_sessions", display_name="Live")["id"], starts_at=kept)
    assert writes_nothing_again(academy, "ilt_sessions", session)


def test_an_instructor_without_id_cannot_be_deleted_and_the_reject_says_so(academy: Academy) -> None:
    academy.write("ilt_instructors", {"email": "teacher@example.com"})
    assert academy.rejected("ilt_instructors", {"email": "teacher@example.com"}, mode="hard_delete")["code"] == (
        "REMOTE.NO_ID"
    )


def test_deleting_what_is_gone_already_is_done(academy: Academy) -> None:
    academy.write("tags", {"name": "Old"})
    # The first DELETE is carried out and its answer lost, so the second one meets a 404.
    academy.server.faults = FaultPlan([FaultRule(FaultKind.DROP_AFTER, method="DELETE", times=1)])
    counted = academy.counting()
    assert totals(academy.write("tags", {"name": "Old"}, mode="hard_delete")) == {"deactivated": 1}
    assert counted.of("DELETE /v1/tags/{tag_id}") == 2
    assert academy.rows("tags") == []


def test_the_rule_of_reenrollment_must_begin_in_the_future_on_the_hour(academy: Academy) -> None:
    rule = {"published_course_id": World(academy).published_course, "cycle_duration": 12}
    code, text = reject(academy, "reenrollment_rules", {**rule, "starts_at": "2020-01-01T09:30:00Z"})
    assert code == "REMOTE.400"
    assert "in the future, on the hour" in text


# Webhooks


SECRETS = ("tok-en-1", "hush-hush-2", "head-er-3")
HOOK = {
    "target_url": "https://hooks.example.com/in?token=tok-en-1",
    "basic_auth_username": "hook",
    "basic_auth_password": "hush-hush-2",
    "additional_headers": {"X-Token": "head-er-3"},
}


def test_secrets_of_webhooks_are_in_no_log_plan_or_reason(academy: Academy, tmp_path: Path) -> None:
    storage = {"storage_type": "LOCAL", "path": str(tmp_path)}
    runs = [
        academy.write("webhooks", HOOK, object_storage_config=storage),
        academy.write("webhooks", {**HOOK, "basic_auth_password": "hush-hush-2b"}, object_storage_config=storage),
        academy.write("webhooks", HOOK, object_storage_config=storage, mode="hard_delete"),
    ]
    assert academy.rows("webhooks") == []
    bad = {**HOOK, "target_url": "http:///tok-en-1"}
    run = academy.try_to_write("webhooks", bad, object_storage_config=storage)
    assert run.rejects
    shown = ["\n".join(one.log) for one in (*runs, run)]
    shown += [json.dumps([one["reason"], one["remedy"], one["candidates"]]) for one in run.rejects]
    shown += [path.read_text() for path in tmp_path.rglob("*") if path.is_file() and "rejects" not in path.name]
    assert [secret for secret in SECRETS for text in shown if secret in text] == []


def test_a_webhook_without_event_type_is_for_all_events_and_is_made_once(academy: Academy) -> None:
    academy.write("webhooks", HOOK, {**HOOK, "event_type": "COURSE_COMPLETION"})
    events = [row.get("event_type") for row in academy.rows("webhooks")]
    assert sorted(map(str, events)) == ["COURSE_COMPLETION", "None"]
    assert writes_nothing_again(academy, "webhooks", {**HOOK, "event_type": "ALL"}, HOOK | {"active": True})


# What is common


def test_what_a_record_links_is_given_as_object_or_as_id(academy: Academy) -> None:
    world = World(academy)
    academy.write("course_labels", {"course_id": world.course, "label": world.label})
    link = {"course_id": world.course, "label": {"id": world.label, "name": "a label"}}
    assert writes_nothing_again(academy, "course_labels", link)


def test_rows_below_a_parent_that_is_not_there_are_rejects(academy: Academy) -> None:
    assert reject(academy, "group_users", {"group_id": "none", "user": "nobody"})[0] == "REFERENCE.NOT_FOUND"
    assert reject(academy, "tags", {"id": "none", "name": "x"})[0] == "REFERENCE.NOT_FOUND"
    elsewhere = {"domain_name": "no.example.com", "course": academy.add_course("Python", published=False)}
    assert reject(academy, "published_courses", elsewhere)[0] == "REMOTE.404"


@pytest.mark.parametrize("bad", ["..", "."])
def test_what_is_no_id_never_becomes_a_path(academy: Academy, bad: str) -> None:
    counted = academy.counting()
    assert reject(academy, "group_users", {"group_id": bad, "user": "u"})[0] == "INPUT.VALUE"
    assert counted.reads == 0


def test_a_path_in_an_id_is_looked_up_as_an_id(academy: Academy) -> None:
    code, _ = reject(academy, "courses", {"id": "../groups/1", **COURSE})
    assert code == "REFERENCE.NOT_FOUND"


def test_records_of_another_domain_are_written_there(academy: Academy) -> None:
    academy.write("access_code_pools", {"name": "Pool", "domain_name": OTHER_DOMAIN}, {"name": "Pool"})
    assert sorted(row["domain_name"] for row in academy.rows("access_code_pools")) == sorted([DOMAIN, OTHER_DOMAIN])


def test_an_override_is_made_anew_where_it_changes(academy: Academy) -> None:
    world = World(academy)
    override = {"published_course_id": world.published_course, "student_group": world.group}
    academy.write("published_course_visibility_overrides", {**override, "is_visible": True})
    academy.write("published_course_visibility_overrides", {**override, "is_visible": False})
    assert academy.row("published_course_overrides", student_group_id=world.group)["is_visible"] is False


def test_a_refused_feature_fails_the_sync_with_a_sentence(open_academy: OpenAcademy) -> None:
    academy = open_academy(refused_features=frozenset({"license-packages"}))
    run = academy.try_to_write("license_packages", {"name": "Seats", "domain_id": "d", "license_count": 1})
    assert isinstance(run.error, AirbyteTracedException)
    assert run.error.failure_type is FailureType.config_error
    assert "feature" in str(run.error.message)
