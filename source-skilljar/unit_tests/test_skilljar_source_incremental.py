"""What an incremental sync reads again, and what it does not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from requests_mock import Mocker

from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from source_skilljar.declarations import declared_streams

NOW = "2026-10-01T10:00:00.500000Z"
LATER = "2026-10-02T10:00:00Z"
USER_STREAMS = ["users", "user_groups", "user_plan_enrollments", "user_course_progress", "user_path_enrollments"]
PER_USER = ("groups", "plan-enrollments", "published-courses", "published-path-enrollments")


def per_user_calls(site: Any) -> dict[str, int]:
    calls = site.calls()
    return {name: calls.get(f"users/{{user_id}}/{name}", 0) for name in PER_USER}


def test_three_syncs_call_only_the_children_of_changed_users(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), USER_STREAMS)
    assert per_user_calls(site) == dict.fromkeys(PER_USER, 60)

    active = site.rows("users")[7]["id"]
    site.change("users", active, latest_activity=NOW)
    second = commands.read(site.config(), USER_STREAMS, first.last_states())
    assert per_user_calls(site) == dict.fromkeys(PER_USER, 1)
    assert second.keys("users", "user_id") == [(active,)]
    assert {row["user_id"] for row in second.records["user_course_progress"]} <= {active}

    third = commands.read(site.config(), USER_STREAMS, second.last_states())
    assert per_user_calls(site) == dict.fromkeys(PER_USER, 0)
    assert not third.records
    assert third.last_states() == second.last_states()


def test_an_enrollment_that_moves_no_activity_stamp_is_noticed(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), USER_STREAMS)
    member = next(row for row in site.rows("domain_users") if row["active"])
    taken = {
        row["published_course_id"] for row in site.rows("course_enrollments") if row["user_id"] == member["user_id"]
    }
    course = next(
        row
        for row in site.rows("published_courses")
        if row["domain_name"] == member["domain_name"] and row["id"] not in taken
    )
    before = next(row for row in site.rows("users") if row["id"] == member["user_id"])["latest_activity"]
    path = f"domains/{member['domain_name']}/published-courses/{course['id']}/enrollments"
    site.call("POST", path, {"user": {"id": member["user_id"]}})
    assert next(row for row in site.rows("users") if row["id"] == member["user_id"])["latest_activity"] == before
    site.calls()

    second = commands.read(site.config(), USER_STREAMS, first.last_states())
    assert per_user_calls(site) == dict.fromkeys(PER_USER, 1)
    assert (member["user_id"], course["id"]) in second.keys("user_course_progress", "user_id", "published_course_id")
    assert second.keys("users", "user_id") == [(member["user_id"],)]


def test_a_new_user_without_activity_is_read_once(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), ["users", "user_groups"])
    created = site.call("POST", "domains/academy.example.com/users", {"user": {"email": "new@example.com"}})
    site.calls()
    second = commands.read(site.config(), ["users", "user_groups"], first.last_states())
    assert second.keys("users", "user_id") == [(created["user"]["id"],)]
    assert per_user_calls(site)["groups"] == 1
    third = commands.read(site.config(), ["users", "user_groups"], second.last_states())
    assert not third.records["users"]
    assert per_user_calls(site)["groups"] == 0


def test_lesson_progress_is_asked_for_changed_users_only(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), ["user_lesson_progress"])
    active = next(row for row in site.rows("course_registrations") if row["published_course_id"])["user_id"]
    site.change("users", active, latest_activity=NOW)
    site.calls()
    second = commands.read(site.config(), ["user_lesson_progress"], first.last_states())
    lists = {row["published_course_id"] for row in site.rows("course_registrations") if row["user_id"] == active}
    assert site.calls() == {
        "users": 1,
        "users/{user_id}/published-courses": 1,
        "users/{user_id}/published-courses/{published_course_id}/lessons": len(lists - {None}),
    }
    assert {row["user_id"] for row in second.records["user_lesson_progress"]} == {active}


LESSON_STREAMS = ["courses", "course_labels", "lessons", "lesson_content_items", "rating_content_blocks"]


def test_lessons_are_listed_each_time_and_their_items_where_a_lesson_changed(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), LESSON_STREAMS)
    lesson = next(row for row in site.rows("lessons") if row["type"] == "MODULAR")
    site.change("lessons", lesson["id"], title="Another title")
    site.calls()
    second = commands.read(site.config(), LESSON_STREAMS, first.last_states())
    courses = len(site.rows("courses"))
    calls = site.calls()
    calls.pop("lessons/{lesson_id}/rating-content-blocks/{rating_content_block_id}", None)
    assert calls == {
        "courses": 1,
        "lessons": courses,
        "courses/{course_id}/labels": courses,
        "lessons/{lesson_id}/content-items": 1,
    }
    assert not second.records["courses"], "the course itself did not change"
    assert second.keys("lessons", "id", "title") == [(lesson["id"], "Another title")]
    assert {row["lesson_id"] for row in second.records["lesson_content_items"]} == {lesson["id"]}
    assert not second.records["course_labels"]


def test_the_lessons_of_a_changed_course_get_its_new_time(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), LESSON_STREAMS)
    course = site.rows("lessons")[0]["course_id"]
    site.change("courses", course, modified_at=NOW)
    site.calls()
    second = commands.read(site.config(), LESSON_STREAMS, first.last_states())
    lessons = [row for row in site.rows("lessons") if row["course_id"] == course and row["type"] != "SECTION"]
    assert site.calls()["lessons/{lesson_id}/content-items"] == len(lessons)
    assert (course, NOW) in second.keys("courses", "id", "modified_at")
    assert {row["course_modified_at"] for row in second.records["lessons"]} == {NOW}
    assert {row["course_modified_at"] for row in second.records["lesson_content_items"]} == {NOW}
    third = commands.read(site.config(), LESSON_STREAMS, second.last_states())
    assert not any(third.records.values())


@pytest.mark.parametrize(
    ("stream", "table", "field"),
    [
        ("published_course_enrollments", "course_enrollments", "expires_at"),
        ("plan_enrollments", "plan_enrollments", "expires_at"),
        ("published_path_enrollments", "path_enrollments", "expires_at"),
        ("domain_users", "domain_users", "expires_at"),
    ],
)
def test_a_row_whose_time_lies_in_the_past_is_read_when_it_is_new_or_changed(
    commands: Any, serve: Any, stream: str, table: str, field: str
) -> None:
    site = serve()
    first = commands.read(site.config(), [stream])
    changed, template, *_ = site.rows(table)
    site.change(table, changed["id"], **{field: "2031-01-01T00:00:00Z"})
    if table != "domain_users":
        new = {**template, "id": "newenrollment", "enrolled_at": "2019-01-01T00:00:00Z"}
        site.sandbox.store.add(table, **new)
    second = commands.read(site.config(), [stream], first.last_states())
    shown = {(row["enrolled_at"], row.get(field)) for row in second.records[stream]}
    assert (changed["enrolled_at"], "2031-01-01T00:00:00Z") in shown
    assert table == "domain_users" or any(enrolled == "2019-01-01T00:00:00Z" for enrolled, _ in shown)
    assert len(second.records[stream]) == (1 if table == "domain_users" else 2)
    assert not commands.read(site.config(), [stream], second.last_states()).records[stream]


def test_children_of_a_changed_path_are_read_again(commands: Any, serve: Any) -> None:
    streams = ["published_path_items", "published_path_tags", "published_path_labels"]
    site = serve()
    first = commands.read(site.config(), streams)
    path = site.rows("published_paths")[0]["id"]
    site.change("published_paths", path, modified_at=NOW)
    site.calls()
    second = commands.read(site.config(), streams, first.last_states())
    assert site.calls() == {
        "domains": 1,
        "domains/{domain_name}/published-paths": 2,
        "domains/{domain_name}/published-paths/{published_path_id}/path-items": 1,
        "domains/{domain_name}/published-paths/{published_path_id}/tags": 1,
        "domains/{domain_name}/published-paths/{published_path_id}/labels": 1,
    }
    assert {row["published_path_id"] for row in second.records["published_path_items"]} == {path}


def test_a_refund_is_noticed_and_only_its_purchase_is_read_again(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), ["purchases"])
    bought = next(row for row in site.rows("purchases") if row["state"] != "REFUNDED")["id"]
    site.change("purchases", bought, state="REFUNDED")
    site.calls()
    second = commands.read(site.config(), ["purchases"], first.last_states())
    assert second.keys("purchases", "id", "state") == [(bought, "REFUNDED")]
    assert site.calls()["purchases/{purchase_id}"] == 1


STAMPED = {
    "published_course_enrollments": ("course_enrollments", "enrolled_at"),
    "plan_enrollments": ("plan_enrollments", "enrolled_at"),
    "published_path_enrollments": ("path_enrollments", "enrolled_at"),
    "domain_users": ("domain_users", "enrolled_at"),
    "license_package_seats": ("license_seats", "enrolled_at"),
    "group_users": ("group_users", "created_at"),
    "group_access_code_pools": ("group_pools", "created_at"),
    "courses": ("courses", "modified_at"),
    "published_paths": ("published_paths", "modified_at"),
}


def test_rows_are_emitted_again_only_from_the_cursor_on(commands: Any, serve: Any) -> None:
    site = serve()
    first = commands.read(site.config(), STAMPED)
    state = first.last_states()
    for table, field in STAMPED.values():
        site.change(table, site.rows(table)[0]["id"], **{field: LATER})
    second = commands.read(site.config(), STAMPED, state)
    for stream, (_, field) in STAMPED.items():
        highest = max(row[field] for row in first.records[stream])
        assert state[stream][field] == highest
        shown = {record[field] for record in second.records[stream]}
        assert LATER in shown, stream
        assert shown == {LATER}, stream
        assert second.last_states()[stream][field] == LATER


def test_scheduled_events_are_asked_for_by_the_api_and_the_future_is_read_again(commands: Any, serve: Any) -> None:
    site = serve()
    first_row, second_row, *_ = site.rows("vilt_session_events")
    site.change("vilt_session_events", first_row["id"], starts_at="2020-01-01T00:00:00Z")
    site.change("vilt_session_events", second_row["id"], starts_at="2100-01-01T00:00:00Z")
    first = commands.read(site.config(), ["vilt_session_events"])
    state = first.last_states()
    assert len(first.records["vilt_session_events"]) == len(site.rows("vilt_session_events"))
    assert state["vilt_session_events"]["starts_at"] < "2100"
    second = commands.read(site.config(), ["vilt_session_events"], state)
    read = {row["id"] for row in second.records["vilt_session_events"]}
    assert second_row["id"] in read
    assert first_row["id"] not in read


def test_the_state_does_not_get_ahead_of_the_moment_at_which_reading_began(commands: Any, serve: Any) -> None:
    site = serve()
    row = site.rows("course_enrollments")[0]
    site.change("course_enrollments", row["id"], enrolled_at="2999-01-01T00:00:00Z")
    first = commands.read(site.config(), ["published_course_enrollments"])
    assert first.last_states()["published_course_enrollments"]["enrolled_at"] < "2100"


STREAMS_WITH_TIMES = [
    "users",
    "published_course_enrollments",
    "user_course_progress",
    "purchases",
    "lesson_content_items",
]


@pytest.mark.parametrize("start", [{}, {"start_date": "2026-06-01T00:00:00Z"}], ids=["no start date", "start date"])
def test_a_state_from_the_future_is_healed_and_warned_of(commands: Any, serve: Any, start: dict[str, str]) -> None:
    site = serve()
    first = commands.read(site.config(**start), STREAMS_WITH_TIMES)
    states = first.last_states()
    for state in states.values():
        state.update({key: "2999-01-01T00:00:00Z" for key, value in state.items() if isinstance(value, str)})
    second = commands.read(site.config(**start), STREAMS_WITH_TIMES, states)
    for name in STREAMS_WITH_TIMES:
        assert len(second.records[name]) == len(first.records[name]) > 0, name
        assert [text for text in second.warnings() if name in text and "future" in text], name
        assert "2999" not in json.dumps(second.last_states()[name])
    third = commands.read(site.config(**start), STREAMS_WITH_TIMES, second.last_states())
    assert not any(third.records.values())


@pytest.mark.parametrize(
    ("state", "is_foreign"),
    [
        ({"cursor": "abc"}, True),
        ({"modified_at": "yesterday"}, True),
        ({"modified_at": None}, True),
        ({}, False),
        ({"__ab_no_cursor_state_message": True}, False),
    ],
    ids=str,
)
def test_a_state_of_a_foreign_form_is_said_and_everything_is_read(
    commands: Any, serve: Any, state: dict[str, Any], is_foreign: bool
) -> None:
    site = serve()
    result = commands.read(site.config(), ["courses"], {"courses": state})
    assert len(result.records["courses"]) == len(site.rows("courses"))
    assert bool([text for text in result.warnings() if "not of a known form" in text]) == is_foreign


def test_no_state_of_any_stream_is_ahead_of_the_clock_although_rows_are(commands: Any, serve: Any) -> None:
    site = serve(replace(SkilljarOptions(), future_rows=True))
    result = commands.read(site.config(), declared_streams())
    assert not result.errors
    assert "2099" in json.dumps(result.records)
    now = datetime.now(UTC).isoformat()
    for name, state in result.last_states().items():
        assert not [value for value in state.values() if isinstance(value, str) and value > now], name


def test_a_row_from_the_future_does_not_hide_later_changes(commands: Any, serve: Any) -> None:
    site = serve()
    poisoned, other, *_ = site.rows("courses")
    site.change("courses", poisoned["id"], modified_at="2099-01-01T00:00:00Z")
    first = commands.read(site.config(), ["courses"])
    assert first.last_states()["courses"]["modified_at"] < "2098"
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    site.change("courses", other["id"], modified_at=later)
    second = commands.read(site.config(), ["courses"], first.last_states())
    assert other["id"] in {row["id"] for row in second.records["courses"]}


def test_rows_before_the_start_date_are_left_out(commands: Any, serve: Any) -> None:
    start = "2026-08-01T00:00:00Z"
    streams = ["courses", "published_course_enrollments", "user_course_progress", "lessons", "user_plan_enrollments"]
    site = serve()
    everything = commands.read(site.config(), streams)
    result = commands.read(site.config(start_date=start), streams)
    fields = {
        "courses": "modified_at",
        "published_course_enrollments": "enrolled_at",
        "lessons": "course_modified_at",
        "user_plan_enrollments": "enrolled_at",
    }
    for stream, field in fields.items():
        wanted = [row for row in everything.records[stream] if row[field] >= start]
        assert sorted(map(json.dumps, result.records[stream])) == sorted(map(json.dumps, wanted)), stream
    shown = result.records["user_course_progress"]
    assert shown
    assert all(row.get("course_progress_latest_activity", start) >= start for row in shown)


def test_the_state_has_no_entry_per_user_and_stays_small(commands: Any, serve: Any) -> None:
    site = serve(users=1000, courses=1)
    state = commands.read(site.config(), ["users"]).last_states()["users"]
    assert sorted(state) == ["fingerprints", "latest_activity"]
    assert len(json.dumps(state)) < 1000 * 2 + 200


def test_a_change_between_the_first_pages_and_the_last_is_read_next_time(commands: Any, requests_mock: Mocker) -> None:
    base = "https://skilljar.test/v1"
    config = {"api_key": "k", "base_url": base, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    served_at = datetime.now(UTC) + timedelta(days=30)
    date = {"Date": format_datetime(served_at, usegmt=True)}
    early, late = ((served_at + timedelta(seconds=seconds)).isoformat() for seconds in (5, 9))

    def user(name: str, stamp: str) -> dict[str, Any]:
        return {"user": {"id": name}, "latest_activity": stamp}

    last = {"count": 2, "next": None, "results": [user("u2", late)]}
    requests_mock.get(re.compile(rf"{base}/users/u\d/groups"), json={"count": 0, "next": None, "results": []})
    state: dict[str, dict[str, Any]] = {}
    for stamp in ("2026-01-01T00:00:00Z", early):
        first = {"count": 2, "next": f"{base}/users?cursor=2", "results": [user("u1", stamp)]}
        requests_mock.get(f"{base}/users", json=first, headers=date)
        requests_mock.get(f"{base}/users?cursor=2", json=last)
        requests_mock.reset_mock()
        result = commands.read(config, ["user_groups"], state)
        assert not result.errors
        state = result.last_states()
    assert any("/users/u1/groups" in call.url for call in requests_mock.request_history)
