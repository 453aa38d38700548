"""All streams hold all rows of the organization, whole, keyed and without secrets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from requests_mock import Mocker

from lms_shared.dev.sandbox.faults import FaultPlan
from lms_shared.dev.sandbox.skilljar import SkilljarOptions
from lms_shared.dev.sandbox.skilljar.options import Nesting, UserLists
from source_skilljar.declarations import declared_streams

SCHEMAS = Path(__file__).parents[1] / "source_skilljar" / "schemas"
NAMES = sorted(declared_streams())

Rows = Callable[[Any], list[tuple[Any, ...]]]


def table(name: str, *fields: str, where: Callable[[dict[str, Any]], bool] = lambda row: True) -> Rows:
    """The values of some fields of the sandbox's own rows."""
    return lambda site: sorted(tuple(row[field] for field in fields) for row in site.rows(name) if where(row))


def series_rows(site: Any) -> list[tuple[Any, ...]]:
    rows = site.rows("published_courses")
    return sorted((row["course_series_id"], row["id"]) for row in rows if row.get("course_series_id"))


def bank_questions(site: Any) -> list[tuple[Any, ...]]:
    return sorted((row["question_bank_id"], row["id"]) for row in site.rows("questions") if row.get("question_bank_id"))


def quiz_questions(site: Any) -> list[tuple[Any, ...]]:
    return sorted((row["quiz_id"], row["id"]) for row in site.rows("questions") if row.get("quiz_id"))


def code_users(site: Any) -> list[tuple[Any, ...]]:
    rows = site.rows("domain_users")
    return sorted({(row["access_code_id"], row["user_id"]) for row in rows if row.get("access_code_id")})


def progress(site: Any) -> list[tuple[Any, ...]]:
    rows = [(row["user_id"], row["published_course_id"] or "") for row in site.rows("course_registrations")]
    return sorted(rows)


# Stream: fields of its records, and the rows of the sandbox that they must equal. A stream that is not here has rows.
EXPECTED: dict[str, tuple[tuple[str, ...], Rows]] = {
    "assets": (("id",), table("assets", "id")),
    "courses": (("id", "title", "modified_at"), table("courses", "id", "title", "modified_at")),
    "course_labels": (("course_id", "label_id"), table("course_labels", "course_id", "label_id")),
    "lessons": (("course_id", "id", "title"), table("lessons", "course_id", "id", "title")),
    "lesson_content_items": (("lesson_id", "id"), table("content_items", "lesson_id", "id")),
    "rating_content_blocks": (("lesson_id", "id"), table("rating_blocks", "lesson_id", "id")),
    "domains": (("id", "name"), table("domains", "id", "name")),
    "domain_details": (("id", "name"), table("domains", "id", "name")),
    "access_code_users": (("access_code_id", "user_id"), code_users),
    "access_code_pools": (("domain_name", "id"), table("access_code_pools", "domain_name", "id")),
    "access_codes": (
        ("domain_name", "access_code_pool_id", "id"),
        table("access_codes", "domain_name", "access_code_pool_id", "id"),
    ),
    "catalog_pages": (("domain_name", "id"), table("catalog_pages", "domain_name", "id")),
    "catalog_page_classic_items": (("catalog_page_id", "id"), table("classic_page_items", "catalog_page_id", "id")),
    "catalog_page_content_blocks": (("catalog_page_id", "id"), table("page_content_blocks", "catalog_page_id", "id")),
    "catalog_page_tiles": (("tile_container_id", "id"), table("tile_items", "tile_container_id", "id")),
    "catalog_page_tags": (("catalog_page_id", "tag_id"), table("catalog_page_tags", "catalog_page_id", "tag_id")),
    "catalog_page_visibility_overrides": (
        ("catalog_page_id", "student_group_id"),
        table("catalog_page_overrides", "catalog_page_id", "student_group_id"),
    ),
    "catalog_page_html_blocks": (("catalog_page_id", "id"), table("html_blocks", "catalog_page_id", "id")),
    "catalog_page_component_blocks": (("catalog_page_id", "id"), table("component_blocks", "catalog_page_id", "id")),
    "catalog_page_tile_containers": (("catalog_page_id", "id"), table("tile_containers", "catalog_page_id", "id")),
    "course_series": (("domain_name", "id"), table("course_series", "domain_name", "id")),
    "course_series_published_courses": (("course_series_id", "id"), series_rows),
    "plans": (("domain_name", "id"), table("plans", "domain_name", "id")),
    "plan_enrollments": (
        ("domain_name", "plan_id", "id"),
        table("plan_enrollments", "domain_name", "plan_id", "id"),
    ),
    "published_courses": (("domain_name", "id"), table("published_courses", "domain_name", "id")),
    "published_course_details": (("domain_name", "id"), table("published_courses", "domain_name", "id")),
    "published_course_enrollments": (
        ("domain_name", "published_course_id", "id", "enrolled_at"),
        table("course_enrollments", "domain_name", "published_course_id", "id", "enrolled_at"),
    ),
    "published_course_prerequisites": (
        ("published_course_id", "prerequisite_published_course_id"),
        table("course_prerequisites", "published_course_id", "prerequisite_id"),
    ),
    "published_course_group_prerequisites": (
        ("published_course_id", "student_group_id"),
        table("group_prerequisites", "published_course_id", "student_group_id"),
    ),
    "published_course_tags": (
        ("published_course_id", "tag_id"),
        table("published_course_tags", "published_course_id", "tag_id"),
    ),
    "published_course_visibility_overrides": (
        ("published_course_id", "student_group_id"),
        table("published_course_overrides", "published_course_id", "student_group_id"),
    ),
    "reenrollment_rules": (("published_course_id",), table("reenrollment_rules", "published_course_id")),
    "published_paths": (("domain_name", "id"), table("published_paths", "domain_name", "id")),
    "published_path_labels": (
        ("published_path_id", "label_id"),
        table("published_path_labels", "published_path_id", "label_id"),
    ),
    "published_path_items": (("published_path_id", "id"), table("path_items", "published_path_id", "id")),
    "published_path_enrollments": (
        ("domain_name", "published_path_id", "id"),
        table("path_enrollments", "domain_name", "published_path_id", "id"),
    ),
    "published_path_tags": (
        ("published_path_id", "tag_id"),
        table("published_path_tags", "published_path_id", "tag_id"),
    ),
    "published_path_visibility_overrides": (
        ("published_path_id", "student_group_id"),
        table("published_path_overrides", "published_path_id", "student_group_id"),
    ),
    "signup_fields": (("domain_name", "id"), table("signup_fields", "domain_name", "id")),
    "domain_users": (("domain_name", "user_id"), table("domain_users", "domain_name", "user_id")),
    "domain_user_invites": (("domain_name", "user_id", "id"), table("invites", "domain_name", "user_id", "id")),
    "domain_user_signup_fields": (
        ("domain_name", "user_id", "signup_field_id", "value"),
        table("signup_values", "domain_name", "user_id", "signup_field_id", "value"),
    ),
    "group_categories": (("id",), table("group_categories", "id")),
    "groups": (("id", "name"), table("groups", "id", "name")),
    "group_access_code_pools": (
        ("group_id", "access_code_pool_id"),
        table("group_pools", "group_id", "access_code_pool_id"),
    ),
    "group_email_domain_rules": (("group_id",), table("groups", "id")),
    "group_users": (("group_id", "user_id"), table("group_users", "group_id", "user_id")),
    "ilt_instructors": (("email",), table("ilt_instructors", "email")),
    "ilt_multi_session_events": (("id",), table("multi_session_events", "id")),
    "ilt_sessions": (("id",), table("vilt_sessions", "id")),
    "labels": (("id", "name"), table("labels", "id", "name")),
    "license_packages": (("id",), table("license_packages", "id")),
    "license_package_seats": (("license_package_id", "id"), table("license_seats", "license_package_id", "id")),
    "offers": (("id",), table("offers", "id")),
    "paths": (("id", "title"), table("paths", "id", "title")),
    "path_items": (("path_id", "id"), table("path_items", "path_id", "id")),
    "progress_tokens": (("id",), table("progress_tokens", "id")),
    "promo_code_pools": (("id",), table("promo_code_pools", "id")),
    "promo_code_pool_offers": (
        ("promo_code_pool_id", "id"),
        table("promo_pool_offers", "promo_code_pool_id", "offer_id"),
    ),
    "promo_codes": (("id", "code"), table("promo_codes", "id", "code")),
    "purchases": (("id",), table("purchases", "id")),
    "question_banks": (("id",), table("question_banks", "id")),
    "question_bank_questions": (("question_bank_id", "id"), bank_questions),
    "quizzes": (("id",), table("quizzes", "id")),
    "quiz_question_banks": (("quiz_id", "id"), table("quiz_banks", "quiz_id", "question_bank_id")),
    "quiz_questions": (("quiz_id", "id"), quiz_questions),
    "tags": (("id", "slug"), table("tags", "id", "slug")),
    "training_credit_codes": (("id",), table("training_credit_codes", "id")),
    "training_credit_code_details": (("id",), table("training_credit_codes", "id")),
    "users": (("user_id",), table("users", "id")),
    "user_groups": (("user_id", "group_id"), table("group_users", "user_id", "group_id")),
    "user_plan_enrollments": (("user_id", "enrollment_id"), table("plan_enrollments", "user_id", "id")),
    "user_course_progress": (("user_id", "published_course_id"), progress),
    "user_lesson_progress": (
        ("user_id", "published_course_id", "lesson_id"),
        table(
            "lesson_progress",
            "user_id",
            "published_course_id",
            "lesson_id",
            where=lambda row: bool(row["published_course_id"]),
        ),
    ),
    "user_path_enrollments": (("user_id", "enrollment_id"), table("path_enrollments", "user_id", "id")),
    "vilt_session_events": (("id",), table("vilt_session_events", "id")),
    "vilt_session_registrations": (("id",), table("vilt_registrations", "id")),
    "web_packages": (("id",), table("web_packages", "id")),
    "webhooks": (("id",), table("webhooks", "id")),
}


def shown(result: Any, name: str, fields: tuple[str, ...]) -> list[tuple[Any, ...]]:
    if name == "user_groups":
        return sorted((record["user_id"], record["group"]["id"]) for record in result.records[name])
    return list(result.keys(name, *fields))


def assert_equal(result: Any, site: Any) -> None:
    assert set(result.ends.values()) == {"COMPLETE"}
    assert_same(result, site, NAMES)


def test_every_stream_gives_the_rows_of_the_organization(whole: Any) -> None:
    assert set(EXPECTED) <= set(NAMES)
    assert_equal(whole.result, whole.site)


def test_with_faults_on_every_seventh_call_the_rows_are_the_same(commands: Any, serve: Any) -> None:
    site = serve(faults=FaultPlan.mixed(0.15, seed=3), users=25)
    assert_equal(commands.read(site.config(), NAMES), site)
    assert site.server.requests.to_json()["faults"]


def assert_same(result: Any, site: Any, names: list[str]) -> None:
    assert not result.errors
    for name in names:
        assert result.records[name], f"{name} shows nothing"
        if name in EXPECTED:
            fields, rows = EXPECTED[name]
            assert shown(result, name, fields) == rows(site), name


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (
            SkilljarOptions(user_lists=UserLists.ENVELOPE, promo_pool_offers=Nesting.FLAT),
            [
                "user_course_progress",
                "user_lesson_progress",
                "user_plan_enrollments",
                "user_path_enrollments",
                "promo_code_pool_offers",
            ],
        ),
        (
            SkilljarOptions(plans=Nesting.NESTED, paths=Nesting.NESTED),
            ["plans", "plan_enrollments", "paths", "path_items"],
        ),
    ],
    ids=["enveloped user lists and flat offers", "nested plans and paths"],
)
def test_older_and_newer_shapes_give_the_same_rows(
    commands: Any, serve: Any, options: SkilljarOptions, names: list[str]
) -> None:
    site = serve(options, users=20)
    assert_same(commands.read(site.config(), names), site, names)


def test_one_worker_reads_the_same(commands: Any, serve: Any) -> None:
    names = ["lesson_content_items", "user_lesson_progress", "purchases", "catalog_page_tiles", "domain_user_invites"]
    site = serve(users=20)
    assert_same(commands.read(site.config(num_workers=1), names), site, names)


def test_records_fit_their_schemas_and_every_field_of_a_record_is_in_its_schema(whole: Any) -> None:
    for name in NAMES:
        schema = json.loads((SCHEMAS / f"{name}.json").read_text())
        validator = Draft7Validator(strict(schema), format_checker=FormatChecker())
        for record in whole.result.records[name]:
            problems = [f"{name}: {error.json_path} {error.message}" for error in validator.iter_errors(record)]
            assert not problems


def strict(schema: Any) -> Any:
    """The schema without room for other fields."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    narrowed = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and isinstance(schema.get("type"), str | list):
        narrowed["additionalProperties"] = False
    return narrowed


@pytest.mark.parametrize("name", NAMES)
def test_a_declared_primary_key_is_unique_in_the_data_and_never_null(whole: Any, name: str) -> None:
    fields = [path[0] for path in whole.catalog[name].source_defined_primary_key]
    records = whole.result.records[name]
    assert all(isinstance(record.get(field), str) for record in records for field in fields)
    assert len({tuple(record[field] for field in fields) for record in records}) == len(records) > 0


def test_a_row_with_a_null_in_its_key_is_left_out_counted_and_warned_of_once(
    commands: Any, requests_mock: Mocker
) -> None:
    base = "https://skilljar.test/v1"
    config = {"api_key": "k", "base_url": base, "requests_per_minute": 10**6, "requests_per_hour": 10**6}
    users = [{"user": {"id": "u1"}, "latest_activity": None}]
    progress = [
        {"published_course_id": None, "course_progress": {"course_progress_id": "p1"}},
        {"published_course_id": "c2", "course_progress": {"course_progress_id": None}},
        {"published_course_id": "c3", "course_progress": None},
    ]
    requests_mock.get(f"{base}/users", json={"count": 1, "next": None, "results": users})
    requests_mock.get(f"{base}/users/u1/published-courses", json=progress)
    result = commands.read(config, ["user_course_progress"])
    assert not result.errors
    assert result.keys("user_course_progress", "course_progress_id") == [("p1",)]
    assert [text for text in result.warnings() if "2 rows were left out" in text] == result.warnings()
    assert len(result.warnings()) == 1


def test_no_secret_leaves(whole: Any) -> None:
    site, result = whole.site, whole.result
    secrets = {str(row[field]) for row in site.rows("invites") for field in ("token", "invite_url")}
    for hook in site.rows("webhooks"):
        secrets |= {str(value) for name in ("target_url", "basic_auth_password") if (value := hook.get(name))}
        secrets |= {str(value) for value in (hook.get("additional_headers") or {}).values()}
    secrets |= {str(row["download_url"]) for row in site.rows("assets") + site.rows("web_packages")} - {"None"}
    written = json.dumps(result.records, ensure_ascii=False)
    assert len(secrets) > 10
    assert not [secret for secret in secrets if secret in written]


def test_a_progress_row_without_publication_is_emitted_and_has_no_children(whole: Any) -> None:
    orphans = [row for row in whole.result.records["user_course_progress"] if "published_course_id" not in row]
    assert orphans
    assert all(row["published_course_id"] for row in whole.result.records["user_lesson_progress"])


def test_signup_values_come_with_the_members(whole: Any) -> None:
    assert any(row["signup_fields"] for row in whole.result.records["domain_users"])


def test_only_the_chosen_domains_are_read(commands: Any, serve: Any) -> None:
    site = serve()
    names = ["domains", "domain_users", "offers", "published_course_enrollments", "user_course_progress", "users"]
    result = commands.read(site.config(domains=["Partners.example.com"]), names)
    assert not result.errors
    named = {record["domain_name"] for rows in result.records.values() for record in rows if record.get("domain_name")}
    assert named == {"partners.example.com"}
    assert result.keys("domains", "name") == [("partners.example.com",)]
    called = site.calls()
    assert called["domains/{domain_name}/users"] == 1
    assert result.records["users"], "the organization's own lists are read in any case"
