"""Frugality: a page is fetched once per sync, whoever needs it, and nothing is fetched that nobody needs."""

from __future__ import annotations

from typing import Any

import pytest

ONE_DOMAIN_LIST = {"domains": 1}
TWO_DOMAINS = 2
PUBLISHED = 16
USERS = 60


@pytest.mark.parametrize(
    ("streams", "calls"),
    [
        (["domains"], {"domains": 1}),
        (["users"], {"users": 1}),
        (["assets", "labels"], {"assets": 1, "labels": 1}),
        (
            ["published_courses", "plans", "signup_fields", "domains"],
            {
                "domains": 1,
                "domains/{domain_name}/published-courses": 2,
                "domains/{domain_name}/plan": 2,
                "domains/{domain_name}/signup-fields": 2,
            },
        ),
        (
            ["published_course_tags", "published_course_enrollments", "purchases", "published_courses"],
            {
                "domains": 1,
                "domains/{domain_name}/published-courses": 2,
                "domains/{domain_name}/published-courses/{published_course_id}/tags": 16,
                "domains/{domain_name}/published-courses/{published_course_id}/enrollments": 16,
                "domains/{domain_name}/plan": 2,
                "domains/{domain_name}/plan/{plan_id}/plan-enrollments": 2,
                "domains/{domain_name}/published-paths": 2,
                "domains/{domain_name}/published-paths/{published_path_id}/published-path-enrollments": 4,
                "purchases/{purchase_id}": 33,
            },
        ),
        (
            ["users", "user_groups", "user_course_progress", "user_lesson_progress", "user_path_enrollments"],
            {
                "users": 1,
                "users/{user_id}/groups": 60,
                "users/{user_id}/published-courses": 60,
                "users/{user_id}/published-courses/{published_course_id}/lessons": 142,
                "users/{user_id}/published-path-enrollments": 60,
            },
        ),
        (
            ["catalog_page_html_blocks", "catalog_page_tiles", "catalog_page_tile_containers"],
            {
                "domains": 1,
                "domains/{domain_name}/catalog-pages": 2,
                # Two of the four pages are built of blocks.
                "domains/{domain_name}/catalog-pages/{catalog_page_id}/content-blocks": 2,
                "domains/{domain_name}/catalog-pages/{catalog_page_id}/html-content-blocks/{id}": 2,
                "domains/{domain_name}/catalog-pages/{catalog_page_id}/tile-container-content-blocks/{id}": 2,
                "domains/{domain_name}/catalog-pages/{catalog_page_id}"
                "/tile-container-content-blocks/{tile_container_id}/items": 2,
            },
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
def test_a_sync_makes_these_calls_and_no_others(
    commands: Any, serve: Any, streams: list[str], calls: dict[str, int]
) -> None:
    site = serve()
    assert not commands.read(site.config(num_workers=12), streams).errors
    assert site.calls() == calls


def test_all_streams_together_fetch_no_page_twice(whole: Any) -> None:
    calls, records = whole.calls, whole.result.records
    assert {calls[route] for route in calls if "{" not in route and route != "lessons"} == {1}
    assert calls["lessons"] == len(records["courses"])
    parents = {"domains": "domains/{domain_name}/", "users": "users/{user_id}/", "groups": "groups/{group_id}/"}
    for stream, prefix in parents.items():
        counts = {calls[route] for route in calls if route.startswith(prefix) and "{" not in route[len(prefix) :]}
        assert counts == {len(records[stream])}, stream


def test_the_number_of_calls_is_said_before_the_first_record(commands: Any, serve: Any) -> None:
    site = serve()
    result = commands.read(site.config(requests_per_hour=100), ["user_groups", "published_course_tags"])
    said = [text for _, text in result.logs if text.startswith("Expected calls to Skilljar")]
    # domains, users, two lists of published courses, and one call for each user and published course
    assert said[0].startswith(f"Expected calls to Skilljar: about {1 + 1 + 2 + USERS + PUBLISHED}")


def test_the_forecast_costs_no_call(commands: Any, serve: Any) -> None:
    site = serve()
    commands.read(site.config(), ["user_plan_enrollments"])
    assert site.calls() == {"users": 1, "users/{user_id}/plan-enrollments": USERS}


def test_every_call_asks_for_large_pages(commands: Any, serve: Any) -> None:
    site = serve(users=1500, courses=1)
    result = commands.read(site.config(), ["users", "domain_users"])
    assert len(result.records["users"]) == 1500
    assert site.calls() == {"domains": 1, "users": 1, "domains/{domain_name}/users": TWO_DOMAINS}
