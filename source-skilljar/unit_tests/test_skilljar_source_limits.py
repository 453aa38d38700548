"""How many calls an organization of a few hundred learners costs, all streams together (benchmark of bench_sync.py)."""

from __future__ import annotations

from typing import Any

import pytest

from source_skilljar.declarations import declared_streams

USERS, COURSES = 540, 56
CHANGED = "2026-10-01T10:00:00Z"


@pytest.mark.sweep
def test_all_streams_again_after_some_changes_cost_a_fraction_of_the_first_sync(commands: Any, serve: Any) -> None:
    site = serve(users=USERS, courses=COURSES)
    names = list(declared_streams())
    first = commands.read(site.config(), names)
    first_calls = sum(site.calls().values())
    for user in site.rows("users")[: USERS // 50]:
        site.change("users", user["id"], latest_activity=CHANGED)
    course, *_ = site.rows("courses")
    site.change("courses", course["id"], modified_at=CHANGED)
    for row in site.rows("course_enrollments")[:20]:
        site.change("course_enrollments", row["id"], active=not row["active"])
    for lesson in site.rows("lessons")[:5]:
        site.change("lessons", lesson["id"], title="Another title")
    site.calls()
    second = commands.read(site.config(), names, first.last_states())
    assert not first.errors + second.errors
    assert first_calls <= 5_430
    assert sum(site.calls().values()) <= 380
    assert len(second.records["published_course_enrollments"]) == 20
    assert "Another title" in {row["title"] for row in second.records["lessons"]}


def test_signup_values_cost_no_call_beside_the_list_of_users(commands: Any, serve: Any) -> None:
    site = serve()
    result = commands.read(site.config(), ["domain_users", "domain_user_signup_fields"])
    assert len(result.records["domain_user_signup_fields"]) == len(site.rows("signup_values")) > 0
    assert site.calls() == {"domains": 1, "domains/{domain_name}/users": 2}


def test_a_list_of_users_without_their_answers_is_not_taken_for_no_answers(commands: Any, requests_mock: Any) -> None:
    base = "https://skilljar.test/v1"
    config = {"api_key": "k", "base_url": base, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    one = {"count": 1, "next": None, "previous": None}
    requests_mock.get(f"{base}/domains", json={**one, "results": [{"id": "d1", "name": "a.example.com"}]})
    requests_mock.get(f"{base}/domains/a.example.com/users", json={**one, "results": [{"user": {"id": "u1"}}]})
    result = commands.read(config, ["domain_user_signup_fields"])
    assert [kind for _, kind in result.errors] == ["transient_error"]
    assert "signup_fields" in result.errors[0][0]
