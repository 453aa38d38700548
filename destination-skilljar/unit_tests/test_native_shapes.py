"""Records in the shapes of the API's own pages, and without what is optional there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from destination_skilljar.content import web_packages
from lms_shared.dev.testing.skilljar_academy import Academy
from lms_shared.dev.testing.skilljar_world import World

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _no_polling_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_packages, "POLL_WAIT", 0.0)


@pytest.fixture
def world(academy: Academy) -> World:
    return World(academy)


def is_made_once(academy: Academy, name: str, record: Row) -> bool:
    made = academy.write(name, record).total("created")
    counted = academy.counting()
    return (made, academy.write(name, record).total("unchanged"), counted.writes) == (1, 1, 0)


FILE = "https://files.example.com/handbook.pdf"


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("assets", {"content_url": FILE, "asset": {"name": "Handbook", "sync_completion": True}}),
        ("assets", {"content_url": FILE, "asset": json.dumps({"name": "Handbook"})}),
        ("assets", {"asset": {"name": "Film", "embed_link_url": "https://films.example.com/1"}}),
        ("assets", {"content_url": FILE}),
        ("web_packages", {"content_url": "https://files.example.com/scorm.zip", "web_package": {"title": "scorm"}}),
        ("domain_users", {"user": {"email": "ada@example.com", "first_name": "Ada"}}),
        ("domain_users", {"user_email": "ada@example.com"}),
        ("published_paths", {"slug": "python", "path": {"title": "Python"}}),
        ("published_paths", {"slug": "python", "path_title": "Python"}),
    ],
)
def test_the_shape_of_the_apis_own_example_is_taken(academy: Academy, name: str, record: Row) -> None:
    assert is_made_once(academy, name, record)


def test_an_asset_without_a_name_is_named_by_its_address(academy: Academy) -> None:
    academy.write("assets", {"content_url": FILE})
    assert [row["name"] for row in academy.rows("assets")] == ["handbook.pdf"]


def test_an_offer_of_a_promo_pool_is_named_by_id_as_in_the_api(academy: Academy, world: World) -> None:
    assert is_made_once(
        academy, "promo_code_pool_offers", {"promo_code_pool_id": world.promo_code_pool, "id": world.offer}
    )
    assert [row["offer_id"] for row in academy.rows("promo_pool_offers")] == [world.offer]


def test_groups_of_a_credit_code_are_added_and_removed_as_in_the_api(academy: Academy, world: World) -> None:
    other, third = (academy.admin("POST", "groups", {"name": name})["id"] for name in ("Engineers", "Writers"))
    code = {"training_credit_code": "T-1", "credits_total": 5, "available_to_all_students": False}

    def groups(**said: Any) -> set[str]:
        record = {**code, "available_for_all_offers": True, "student_groups": said}
        academy.write("training_credit_codes", record)
        counted = academy.counting()
        academy.write("training_credit_codes", record)
        assert counted.writes == 0
        return set(academy.rows("training_credit_codes")[0]["student_groups"])

    assert groups(add=[world.group, "Engineers"]) == {world.group, other}
    assert groups(add=["Writers"], remove=["Engineers"]) == {world.group, third}
    assert groups(remove=["Engineers", "Writers"]) == {world.group}


def test_domains_of_a_group_are_removed_where_the_record_says_so(academy: Academy, world: World) -> None:
    academy.write("group_email_domain_rules", {"group_id": world.group, "add": ["One.example.com", "two.example.com"]})
    academy.write("group_email_domain_rules", {"group_id": world.group, "add": [], "remove": ["one.example.com"]})
    assert {row["email_domain"] for row in academy.rows("group_email_domains")} == {"two.example.com"}


def test_a_registration_is_made_by_enrollment_alone(academy: Academy, world: World) -> None:
    registration = {"vilt_session": {"id": world.session}, "enrollment_id": world.enrollment}
    assert is_made_once(academy, "vilt_session_registrations", registration)
    wrong = academy.rejected("vilt_session_registrations", {**registration, "enrollment_id": "nothing"})
    assert wrong["code"] == "REFERENCE.NOT_FOUND"


def test_an_enrollment_without_a_date_is_the_one_that_is_there_or_made_once(academy: Academy, world: World) -> None:
    undated = {"published_course_id": world.published_course, "user": {"id": world.user}}
    assert is_made_once(academy, "published_course_enrollments", undated)
    dated = {**undated, "enrolled_at": "2026-01-05T09:00:00Z"}
    assert is_made_once(academy, "published_course_enrollments", dated)
    assert len(academy.rows("course_enrollments")) == 2
    assert academy.rejected("published_course_enrollments", undated)["code"] == "REMOTE.AMBIGUOUS"


def test_a_block_of_a_page_is_found_by_its_type_where_no_order_is_given(academy: Academy, world: World) -> None:
    assert is_made_once(academy, "catalog_page_content_blocks", {"catalog_page_id": world.builder_page, "type": "HERO"})
