"""Creates, changes and deletions of the resources that the other tests of the pretend Skilljar do not write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar import SkilljarSandbox

ACADEMY = "/domains/academy.example.com"


class World:
    """Ids of objects of a seeded organization, on the academy where they belong to a domain."""

    def __init__(self, api: Any) -> None:
        self.state: dict[str, Any] = api.sandbox.state()

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for row in self.state[table] if row.get("domain_name", ACADEMY) in ACADEMY]

    def __getattr__(self, table: str) -> str:
        return str(self.rows(table)[-1]["id"])

    @property
    def user(self) -> str:
        return str(self.rows("domain_users")[0]["user_id"])

    @property
    def enrollment(self) -> str:
        return str(self.rows("course_enrollments")[0]["id"])

    @property
    def other_publication(self) -> str:
        return str(self.rows("published_courses")[-2]["id"])

    @property
    def builder_page(self) -> str:
        return str(next(row["id"] for row in self.rows("catalog_pages") if not row["is_classic"]))

    @property
    def container(self) -> str:
        rows = self.rows("tile_containers")
        return str(next(row["id"] for row in rows if row["catalog_page_id"] == self.builder_page))


@dataclass(frozen=True)
class Case:
    """What is posted where, what is changed then, and the field by which the new item is addressed."""

    path: Callable[[World], str]
    body: Callable[[World], dict[str, Any]]
    change: dict[str, Any] | None = None
    key: str = "id"


def _publication(world: World) -> str:
    return f"{ACADEMY}/published-courses/{world.published_courses}"


def _path(world: World) -> str:
    return f"{ACADEMY}/published-paths/{world.published_paths}"


def _page(world: World) -> str:
    return f"{ACADEMY}/catalog-pages/{world.builder_page}"


TIMES = {"starts_at": "2027-01-01T09:00:00Z", "ends_at": "2027-01-01T10:00:00Z", "timezone": "UTC"}
CASES = {
    "access code pool": Case(
        lambda _: f"{ACADEMY}/access-code-pools", lambda _: {"name": "New"}, {"active": False, "end_date": None}
    ),
    "access code": Case(
        lambda w: f"{ACADEMY}/access-code-pools/{w.access_code_pools}/access-codes",
        lambda _: {"code": "ABC", "max_uses": 3},
        {"max_uses": 5},
    ),
    "catalog page": Case(
        lambda _: f"{ACADEMY}/catalog-pages", lambda _: {"page_title": "Été"}, {"hidden": True, "slug": "summer"}
    ),
    "classic item": Case(
        lambda w: f"{_page(w)}/classic-page-items", lambda w: {"item_plan_id": w.plans, "order": 9}, {"order": 8}
    ),
    "content block": Case(lambda w: f"{_page(w)}/content-blocks", lambda _: {"type": "HTML"}, {"order": 7}),
    "tile": Case(
        lambda w: f"{_page(w)}/tile-container-content-blocks/{w.container}/items",
        lambda w: {"item_published_course_id": w.published_courses},
        {"order": 4},
    ),
    "page tag": Case(lambda w: f"{_page(w)}/tags", lambda w: {"tag": {"id": w.tags}}, key="tag"),
    "page override": Case(
        lambda w: f"{_page(w)}/visibility-overrides",
        lambda w: {"student_group": {"id": w.groups}, "is_visible": False},
        key="student_group",
    ),
    "plan enrollment": Case(
        lambda w: f"{ACADEMY}/plan/{w.plans}/plan-enrollments",
        lambda w: {"user": {"id": w.user}, "enrolled_at": "2024-01-01T00:00:00Z"},
        {"active": False},
    ),
    "path enrollment": Case(
        lambda w: f"{_path(w)}/published-path-enrollments",
        lambda w: {"user": {"id": w.user}, "enrolled_at": "2024-01-01T00:00:00Z"},
        {"expires_at": "2024-02-01T00:00:00Z"},
    ),
    "path item": Case(
        lambda w: f"{_path(w)}/path-items",
        lambda w: {"order": 9, "published_course": {"id": w.published_courses}},
        {"order": 10},
    ),
    "path tag": Case(lambda w: f"{_path(w)}/tags", lambda w: {"tag": {"id": w.tags}}, key="tag"),
    "path override": Case(
        lambda w: f"{_path(w)}/visibility-overrides",
        lambda w: {"student_group": {"id": w.groups}, "is_visible": True},
        key="student_group",
    ),
    "group prerequisite": Case(
        lambda w: f"{_publication(w)}/student-group-prerequisites",
        lambda w: {"student_group": {"id": w.groups}},
        key="student_group",
    ),
    "course tag": Case(lambda w: f"{_publication(w)}/tags", lambda w: {"tag": {"id": w.tags}}, key="tag"),
    "course override": Case(
        lambda w: f"{_publication(w)}/visibility-overrides",
        lambda w: {"student_group": {"id": w.groups}, "is_visible": True},
        key="student_group",
    ),
    "group pool": Case(
        lambda w: f"/groups/{w.groups}/access-code-pools",
        lambda w: {"access_code_pool": {"id": w.access_code_pools}},
        key="access_code_pool",
    ),
    "multi-session event": Case(
        lambda _: "/ilt-multi-session-events",
        lambda w: {"lesson": w.lessons, "display_name": "Days"},
        {"seats_total": 12},
    ),
    "session": Case(
        lambda _: "/ilt-sessions",
        lambda w: {"lesson": w.lessons, "display_name": "S", "instructor_email": "a@example.com", **TIMES},
    ),
    "content item": Case(
        lambda w: f"/lessons/{w.lessons}/content-items",
        lambda _: {"header": "H", "order": 50, "type": "HTML", "content_html": "<p>x</p>"},
        {"header": "G"},
    ),
    "license package": Case(
        lambda _: "/license-packages",
        lambda w: {"domain_id": w.state["domains"][0]["id"], "license_count": 3, "name": "P"},
        {"license_count": 4},
    ),
    "promo code pool": Case(
        lambda _: "/promo-code-pools",
        lambda _: {
            "name": "P",
            "starts_at": "2026-01-01T00:00:00Z",
            "discount_type": "PERCENT_OFF",
            "percent_off": 10,
        },
        {"active": False},
    ),
    "promo code": Case(
        lambda _: "/promo-codes",
        lambda w: {"code": "NEW", "max_uses": 1, "promo_code_pool_id": w.promo_code_pools},
        {"max_uses": 2},
    ),
    "question bank": Case(lambda _: "/question-banks", lambda _: {"name": "B"}, {"name": "C"}),
    "question of a bank": Case(
        lambda _: "/quiz-questions",
        lambda w: {"quiz_question_bank": w.question_banks, "html": "?", "type": "FREEFORM"},
        {"html": "!"},
    ),
    "quiz": Case(lambda _: "/quizzes", lambda _: {"name": "Q"}, {"max_attempts": 3, "time_limit_seconds": None}),
    "tag": Case(lambda _: "/tags", lambda _: {"name": "New Tag"}, {"name": "Newer Tag"}),
    "training credit code": Case(
        lambda _: "/training-credit-codes",
        lambda _: {"training_credit_code": "T", "credits_total": 5},
        {"credits_total": 9, "expiration_date": "2027-01-01T00:00:00Z"},
    ),
    "session registration": Case(
        lambda _: "/vilt-session-registrations",
        lambda w: {"vilt_session": {"id": w.vilt_sessions}, "enrollment_id": w.enrollment},
        {"attended": True},
    ),
    "webhook": Case(
        lambda _: "/webhooks", lambda _: {"target_url": "https://example.com/h"}, {"active": False, "event_type": None}
    ),
}


@pytest.fixture
def seeded(serve: Any) -> Any:
    return serve(SkilljarSandbox(users=12, courses=6))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_created_can_be_read_changed_and_deleted(seeded: Any, case: Case) -> None:
    world = World(seeded)
    path, body = case.path(world), case.body(world)
    created = seeded.post(path, body)
    for name, value in body.items():
        if isinstance(value, dict):
            assert created[name]["id"] == value["id"]
        elif name in created:
            assert created[name] == value
    item = created[case.key] if case.key == "id" else created[case.key]["id"]
    address = f"{path}/{item}"
    read = seeded.get(address)
    assert {name: read[name] for name in created if name in read} == {
        name: created[name] for name in created if name in read
    }
    if case.change is not None:
        changed = seeded.patch(address, case.change)
        assert {name: changed[name] for name in case.change} == case.change
        assert {name: seeded.get(address)[name] for name in case.change} == case.change
    answer = seeded.request("DELETE", address)
    assert answer.status_code in (204, 405)
    assert seeded.request("GET", address).status_code == (404 if answer.status_code == 204 else 200)


def test_a_course_prerequisite_is_another_publication(seeded: Any) -> None:
    world = World(seeded)
    path = f"{_publication(world)}/published-course-prerequisites"
    other = {"published_course": {"id": world.other_publication}}
    assert seeded.post(path, other) == other
    assert seeded.rows(path) == [other]
    seeded.delete(f"{path}/{world.other_publication}")
    assert seeded.rows(path) == []


def test_a_session_is_changed_by_put_alone_and_its_event_moves_along(seeded: Any) -> None:
    world = World(seeded)
    body = {"lesson": world.lessons, "display_name": "S", "instructor_email": "a@example.com", **TIMES}
    session = seeded.post("/ilt-sessions", body)["id"]
    assert seeded.request("PATCH", f"/ilt-sessions/{session}", {}).status_code == 405
    moved = {**body, "starts_at": "2027-02-01T09:00:00Z", "ends_at": "2027-02-01T10:00:00Z"}
    assert seeded.request("PUT", f"/ilt-sessions/{session}", moved).status_code == 200
    assert seeded.refused("PUT", f"/ilt-sessions/{session}", {**moved, "ends_at": "2026-01-01T00:00:00Z"})
    events = seeded.rows(
        "/vilt-session-events", session__lesson__id=world.lessons, starts_at__gte="2027-01-31T00:00:00Z"
    )
    assert [(event["vilt_session"]["id"], event["starts_at"]) for event in events] == [
        (session, "2027-02-01T09:00:00Z")
    ]


def test_events_are_filtered_by_time_and_course(seeded: Any) -> None:
    everything = seeded.rows("/vilt-session-events")
    now = "2026-09-01T00:00:00Z"
    future = seeded.rows("/vilt-session-events", starts_at__gte=now)
    past = seeded.rows("/vilt-session-events", ends_at__lte=now)
    assert future
    assert past
    assert len(future) + len(past) == len(everything)
    course = everything[0]["vilt_session"]["lesson"]["course"]["id"]
    of_course = seeded.rows("/vilt-session-events", session__lesson__course__id=course)
    assert {event["vilt_session"]["lesson"]["course"]["id"] for event in of_course} == {course}
    assert seeded.rows("/vilt-session-events", session__lesson__course__id="nothere") == []


def test_an_instructor_is_addressed_by_a_number_that_the_list_does_not_show(seeded: Any) -> None:
    [row] = seeded.rows("/ilt-instructors", email="instructor@example.com")
    assert "id" not in row
    number = seeded.sandbox.state()["ilt_instructors"][0]["id"]
    assert seeded.patch(f"/ilt-instructors/{number}", {"email": "ana@example.com"})["email"] == "ana@example.com"
    seeded.delete(f"/ilt-instructors/{number}")
    assert seeded.post("/ilt-instructors", {"email": "x@example.com"})["email"] == "x@example.com"
    seeded.refused("POST", "/ilt-instructors", {"email": "X@example.com"})


def test_a_reenrollment_rule_starts_in_the_future_on_the_hour_and_is_one(seeded: Any) -> None:
    path = f"{_publication(World(seeded))}/reenrollment_rule"
    body = {"starts_at": "2999-01-01T09:00:00Z", "cycle_duration": 1, "cycle_duration_unit": "DAYS"}
    assert seeded.request("GET", path).status_code == 404
    assert set(seeded.refused("POST", path, {**body, "starts_at": "2020-01-01T09:00:00Z"})) == {"starts_at"}
    assert set(seeded.refused("POST", path, {**body, "starts_at": "2999-01-01T09:30:00Z"})) == {"starts_at"}
    assert seeded.request("POST", path, body).status_code == 200
    seeded.refused("POST", path, body)
    assert seeded.patch(path, {"cycle_duration": 2})["cycle_duration"] == 2
    seeded.delete(path)
    assert seeded.request("DELETE", path).status_code == 404


def test_seats_are_given_by_id_or_email_until_none_is_left(seeded: Any) -> None:
    world = World(seeded)
    body = {"domain_id": world.state["domains"][0]["id"], "license_count": 2, "name": "P"}
    package = seeded.post("/license-packages", body)["id"]
    path = f"/license-packages/{package}/students"
    by_id = seeded.post(path, {"student": {"id": world.user}})
    by_email = seeded.post(path, {"student": {"email": "new@example.com"}})
    assert (by_id["student"]["id"], by_email["student"]["email"]) == (world.user, "new@example.com")
    seeded.refused("POST", path, {"student": {"email": "third@example.com"}})
    assert seeded.get(f"/license-packages/{package}")["license_seats_remaining"] == 0
    seeded.patch(f"{path}/{world.user}", {"active": False})
    assert seeded.get(f"/license-packages/{package}")["license_seats_remaining"] == 1


def test_offers_are_attached_alone_or_up_to_500_at_once(seeded: Any) -> None:
    world = World(seeded)
    pool = world.promo_code_pools
    path = f"/promo-code-pools/{pool}/offers"
    before = seeded.get(path)["count"]
    offers = [row["id"] for row in world.state["offers"]]
    assert [row["id"] for row in seeded.post(path, {"id": offers[-1]})["offers"]] == [offers[-1]]
    seeded.post(path, [{"id": offers[-1]}, {"id": offers[-2]}])
    assert seeded.get(path)["count"] == before + 2
    seeded.refused("POST", path, [{"id": "nothere"}])
    seeded.refused("POST", path, [{"id": offers[0]}] * 501)
    seeded.delete(f"{path}/{offers[-1]}")
    assert seeded.get(path)["count"] == before + 1


def test_only_the_price_of_a_single_course_can_be_changed(seeded: Any) -> None:
    offers = seeded.rows("/offers")
    course = next(row for row in offers if row["offer_type"] == "published_course")
    plan = next(row for row in offers if row["offer_type"] == "plan")
    seeded.patch(f"/offers/{course['id']}", {"price_cents": 1999, "currency_code": "EUR"})
    publication = seeded.get(f"/domains/{course['domain_name']}/published-courses/{course['published_course_id']}")
    assert publication["offer"]["price"] == {"amount": "19.99", "currency_code": "EUR"}
    seeded.refused("PATCH", f"/offers/{plan['id']}", {"price_cents": 1})


def test_a_purchase_is_changed_and_fulfilled(seeded: Any) -> None:
    purchase = World(seeded).state["purchases"][0]["id"]
    refunded = seeded.patch(f"/purchases/{purchase}", {"state": "REFUNDED", "refund_cents": 100})
    assert (refunded["state"], refunded["refund_cents"]) == ("REFUNDED", 100)
    answer = seeded.request("POST", f"/purchases/{purchase}/fulfill", {"state": "SUCCESS"}).json()
    assert (answer["purchase"]["state"], answer["purchase"]["id"]) == ("SUCCESS", purchase)
    seeded.refused("POST", f"/purchases/{purchase}/fulfill", {})


def test_credit_codes_add_and_remove_groups_and_offers(seeded: Any) -> None:
    world = World(seeded)
    groups = [row["id"] for row in world.state["groups"]]
    body = {"training_credit_code": "T", "credits_total": 5, "student_groups": groups[:2]}
    code = seeded.post("/training-credit-codes", body)["id"]
    change = {"student_groups": {"add": [groups[2]], "remove": [groups[0]]}}
    seeded.patch(f"/training-credit-codes/{code}", change)
    assert seeded.get(f"/training-credit-codes/{code}")["student_groups"] == [groups[1], groups[2]]
    assert len(seeded.rows("/training-credit-codes", training_credit_code="T")) == 1


def test_deleting_a_promo_pool_removes_its_codes(seeded: Any) -> None:
    pool = World(seeded).promo_code_pools
    assert seeded.rows("/promo-codes", promo_code_pool_id=pool)
    assert seeded.rows("/promo-codes", promo_code_pool_id=pool, active="false")
    seeded.delete(f"/promo-code-pools/{pool}")
    assert seeded.rows("/promo-codes", promo_code_pool_id=pool) == []


def test_a_web_package_replaces_another_in_its_lessons(seeded: Any) -> None:
    old, new = (row["id"] for row in World(seeded).state["web_packages"])
    lesson = {"course_id": seeded.course(), "title": "L", "order": 1, "type": "WEB_PACKAGE"}
    lesson_id = seeded.post("/lessons", {**lesson, "content_web_package_id": old})["id"]
    assert seeded.request("PUT", f"/web-packages/{old}/lessons", {"web_package_id": new}).status_code == 200
    assert seeded.get(f"/lessons/{lesson_id}")["content_web_package_id"] == new
    seeded.delete(f"/web-packages/{old}")


def test_the_typed_blocks_of_a_page_are_changed_at_their_own_address(seeded: Any) -> None:
    page = _page(World(seeded))
    blocks = seeded.rows(f"{page}/content-blocks")
    html = next(row["html_content_block_id"] for row in blocks if row["html_content_block_id"])
    assert seeded.patch(f"{page}/html-content-blocks/{html}", {"html": "<b>x</b>"})["html"] == "<b>x</b>"
    hero = next(row["id"] for row in blocks if row["html_content_block_id"] == html)
    seeded.delete(f"{page}/content-blocks/{hero}")
    assert seeded.request("GET", f"{page}/html-content-blocks/{html}").status_code == 404


def test_a_test_event_of_a_webhook_succeeds(seeded: Any) -> None:
    webhook = World(seeded).webhooks
    assert seeded.request("POST", f"/webhooks/{webhook}/ping").json()["succeeded"] is True


def test_a_domain_is_changed_and_stays_under_its_name(seeded: Any) -> None:
    assert seeded.patch(ACADEMY, {"catalog_title": "New", "access": "PRIVATE"})["access"] == "PRIVATE"
    assert seeded.get(ACADEMY)["catalog_title"] == "New"


def test_members_are_found_by_access_code(seeded: Any) -> None:
    path = "/domains/partners.example.com/users"
    members = seeded.rows(path)
    coded = next(row["access_code"] for row in members if row["access_code"])
    for query in (
        {"access_code__id": coded["id"]},
        {"access_code__code": coded["code"]},
        {"access_code__pool__id": coded["pool"]["id"]},
    ):
        found = seeded.rows(path, **query)
        assert found
        assert all(row["access_code"]["pool"]["id"] == coded["pool"]["id"] for row in found)
    without = seeded.rows(path, access_code="null")
    assert without
    assert all(row["access_code"] is None for row in without)


def test_a_code_is_taken_from_a_member_by_sending_null(seeded: Any) -> None:
    path = "/domains/partners.example.com/users"
    member = next(row for row in seeded.rows(path) if row["access_code"])
    answer = seeded.patch(f"{path}/{member['user']['id']}", {"access_code": None})
    assert answer["access_code"] is None
    assert answer["active"] == member["active"]


def test_questions_belong_to_one_quiz_or_one_bank(seeded: Any) -> None:
    state = World(seeded).state
    bank, empty = (row["id"] for row in state["question_banks"])
    listed = {row["id"] for row in seeded.rows(f"/question-banks/{bank}/questions")}
    assert len(listed) == seeded.get(f"/question-banks/{bank}")["question_count"] > 0
    assert seeded.rows(f"/question-banks/{empty}/questions") == []
    for quiz in state["quizzes"]:
        ids = {row["id"] for row in seeded.rows(f"/quizzes/{quiz['id']}/questions")}
        assert ids
        assert ids.isdisjoint(listed)
        listed |= ids
    body = {"html": "?", "type": "FREEFORM"}
    seeded.refused("POST", "/quiz-questions", body)
    seeded.refused("POST", "/quiz-questions", {**body, "quiz": state["quizzes"][0]["id"], "quiz_question_bank": bank})
    seeded.refused("POST", "/quiz-questions", {**body, "type": "MULTIPLE_CHOICE", "quiz_question_bank": bank})
