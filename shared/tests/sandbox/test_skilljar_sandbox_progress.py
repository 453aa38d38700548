"""Enrollments and progress of the pretend Skilljar."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.sandbox.skilljar.options import DeletedPublication, UserLists

ACADEMY = "/domains/academy.example.com"
PARTNERS = "/domains/partners.example.com"


def _complete(api: Any, user: str, publication: str, **fields: Any) -> Any:
    return api.patch(f"/users/{user}/published-courses/{publication}", {"course_progress": fields})


def test_an_enrollment_is_one_per_user_and_enrolled_at(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    first = api.enrollment(publication, user, enrolled_at="2024-01-01T00:00:00Z")
    assert api.enrollment(publication, user, enrolled_at="2024-01-01T01:00:00+01:00") == first
    other = api.enrollment(publication, user, enrolled_at="2024-01-02T00:00:00Z")
    assert other["id"] != first["id"]
    assert api.get(f"{ACADEMY}/published-courses/{publication}/enrollments")["count"] == 2


def test_without_enrolled_at_every_enrollment_is_another_one_dated_now(serve: Any) -> None:
    times = iter(range(1_700_000_000, 1_800_000_000))
    api = serve(SkilljarSandbox.empty(SkilljarOptions(clock=lambda: float(next(times)))))
    publication, user = api.publication(api.course()), api.user()
    moments = {api.enrollment(publication, user)["enrolled_at"] for _ in range(3)}
    assert len(moments) == 3


def test_only_members_of_the_domain_can_be_enrolled(api: Any) -> None:
    publication, stranger = api.publication(api.course()), api.user(domain=PARTNERS)
    path = f"{ACADEMY}/published-courses/{publication}/enrollments"
    assert set(api.refused("POST", path, {"user": {"id": stranger}})) == {"user"}
    assert set(api.refused("POST", path, {"user": {"id": "nothere"}})) == {"user"}
    assert api.get(path)["count"] == 0


def test_a_repeated_enrollment_changes_nothing_and_a_patch_withdraws_access(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    path = f"{ACADEMY}/published-courses/{publication}/enrollments"
    enrollment = api.enrollment(publication, user, enrolled_at="2024-01-01T00:00:00Z")
    api.patch(f"{path}/{enrollment['id']}", {"active": False})
    again = api.enrollment(publication, user, enrolled_at="2024-01-01T00:00:00Z", active=True)
    assert (again["id"], again["active"]) == (enrollment["id"], False)


def test_a_purchase_comes_with_the_enrollment_and_is_readable_by_id(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    price = {"amount": "12.50", "currency_code": "EUR"}
    purchase = api.enrollment(publication, user, purchase={"purchase_price": price})["purchase"]
    assert purchase["purchase_price"] == price
    read = api.get(f"/purchases/{purchase['purchase_id']}")
    assert (read["price_cents"], read["currency_code"], read["user"]["id"]) == (1250, "EUR", user)


def test_the_courses_of_a_user_are_a_bare_array_with_one_row_for_each_publication(api: Any) -> None:
    course, user = api.course(), api.user()
    publication = api.publication(course)
    assert api.get(f"/users/{user}/published-courses") == []
    first = api.enrollment(publication, user, enrolled_at="2024-03-01T00:00:00Z")
    second = api.enrollment(publication, user, enrolled_at="2024-01-01T00:00:00Z")
    [row] = api.get(f"/users/{user}/published-courses")
    assert (row["published_course_id"], row["course"]["id"]) == (publication, course)
    assert (row["enrollment_id"], row["enrolled_at"]) == (first["id"], "2024-03-01T00:00:00Z")
    assert {entry["enrollment_id"] for entry in row["all_enrollments"]} == {first["id"], second["id"]}
    assert len({entry["course_progress_id"] for entry in row["all_enrollments"]}) == 1


def test_the_lists_of_a_user_can_be_enveloped(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(user_lists=UserLists.ENVELOPE)))
    user = api.user()
    for name in ("published-courses", "plan-enrollments", "published-path-enrollments"):
        assert api.get(f"/users/{user}/{name}") == {"count": 0, "next": None, "previous": None, "results": []}


def test_completed_at_is_taken_as_sent_and_counted(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    _complete(api, user, publication, completed_at="2020-02-01T03:04:05Z", score=8, max_score=10)
    [row] = api.get(f"/users/{user}/published-courses")
    progress = row["course_progress"]
    assert (progress["completed_at"], progress["score"], progress["max_score"]) == ("2020-02-01T03:04:05Z", 8, 10)
    account = api.get(f"/users/{user}")
    assert (account["registration_count"], account["completion_count"]) == (1, 1)
    _complete(api, user, publication, success_status="PASSED")
    assert api.get(f"/users/{user}/published-courses")[0]["course_progress"]["score"] == 8
    _complete(api, user, publication, completed_at=None)
    assert api.get(f"/users/{user}")["completion_count"] == 0


@pytest.mark.parametrize(
    "fields",
    [{"completed_at": "soon"}, {"score": 1.5}, {"success_status": "OK"}, {"credits_earned": "x" * 21}],
)
def test_progress_of_a_wrong_type_is_refused(api: Any, fields: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    path = f"/users/{user}/published-courses/{publication}"
    errors = api.refused("PATCH", path, {"course_progress": fields})
    assert set(errors["course_progress"]) == set(fields)


@pytest.mark.parametrize("status", [404, 400])
def test_progress_without_an_enrollment_is_refused(serve: Any, status: int) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(progress_without_enrollment_status=status)))
    publication, user = api.publication(api.course()), api.user()
    path = f"/users/{user}/published-courses/{publication}"
    body = {"course_progress": {"completed_at": "2024-01-01T00:00:00Z"}}
    assert api.request("PATCH", path, body).status_code == status
    assert api.get(f"/users/{user}/published-courses") == []


@pytest.mark.parametrize("moves", [False, True])
def test_a_completion_by_api_moves_the_latest_activity_only_when_switched_on(serve: Any, moves: bool) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(completing_moves_latest_activity=moves)))
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    _complete(api, user, publication, completed_at="2024-01-01T00:00:00Z")
    [row] = api.get(f"/users/{user}/published-courses")
    assert (row["course_progress"]["latest_activity"] is not None) is moves
    assert (api.get(f"/users/{user}")["latest_activity"] is not None) is moves


def test_the_item_read_may_answer_the_publication_on_another_domain(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(progress_read_resolves_by_course=True)))
    course, user = api.course(), api.user()
    api.user(domain=PARTNERS)
    here, there = api.publication(course), api.publication(course, PARTNERS)
    api.enrollment(here, user)
    api.enrollment(there, user, PARTNERS)
    assert api.get(f"/users/{user}/published-courses/{here}")["published_course_id"] == there
    listed = {row["published_course_id"] for row in api.get(f"/users/{user}/published-courses")}
    assert listed == {here, there}


def test_with_unique_progress_each_enrollment_starts_anew(api: Any) -> None:
    publication, user = api.publication(api.course(), unique_progress_per_enrollment=True), api.user()
    api.enrollment(publication, user, enrolled_at="2024-01-01T00:00:00Z")
    _complete(api, user, publication, completed_at="2024-01-02T00:00:00Z")
    api.enrollment(publication, user, enrolled_at="2024-02-01T00:00:00Z")
    [row] = api.get(f"/users/{user}/published-courses")
    assert row["course_progress"]["completed_at"] is None
    assert len({entry["course_progress_id"] for entry in row["all_enrollments"]}) == 2


def _lesson(api: Any, course: str, order: int, **fields: Any) -> str:
    body = {"course_id": course, "title": f"L{order}", "order": order, "type": "HTML", **fields}
    lesson_id: str = api.post("/lessons", body)["id"]
    return lesson_id


def test_the_last_required_lesson_completes_the_course(api: Any) -> None:
    course, user = api.course(), api.user()
    lessons = [_lesson(api, course, 1), _lesson(api, course, 2), _lesson(api, course, 3, optional=True)]
    publication = api.publication(course)
    api.enrollment(publication, user)
    path = f"/users/{user}/published-courses/{publication}/lessons"
    assert [row["lesson"]["id"] for row in api.rows(path)] == lessons
    api.patch(f"{path}/{lessons[0]}", {"lesson_progress": {"completed_at": "2024-01-01T00:00:00Z"}})
    progress = api.get(f"/users/{user}/published-courses")[0]["course_progress"]
    assert (progress["completed_at"], progress["completed_lesson_count"]) == (None, 1)
    record = api.get(f"{path}/{lessons[1]}")["lesson_progress"]["lesson_progress_id"]
    answer = api.patch(f"/lesson-progress/{record}", {"finished_at": "2024-01-05T00:00:00Z"})
    assert answer["completed_at"] == "2024-01-05T00:00:00Z"
    progress = api.get(f"/users/{user}/published-courses")[0]["course_progress"]
    assert (progress["completed_at"], progress["completed_required_lesson_count"]) == ("2024-01-05T00:00:00Z", 2)


def test_the_last_lesson_may_leave_the_course_open(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(last_lesson_completes_course=False)))
    course, user = api.course(), api.user()
    lesson, publication = _lesson(api, course, 1), api.publication(course)
    api.enrollment(publication, user)
    path = f"/users/{user}/published-courses/{publication}/lessons/{lesson}"
    api.patch(path, {"lesson_progress": {"completed_at": "2024-01-01T00:00:00Z"}})
    progress = api.get(f"/users/{user}/published-courses")[0]["course_progress"]
    assert (progress["completed_at"], progress["completed_lesson_count"]) == (None, 1)


@pytest.mark.parametrize(("allowed", "status"), [(True, 201), (False, 400)])
def test_enrolling_an_inactive_member_follows_the_switch(serve: Any, allowed: bool, status: int) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(inactive_members_can_be_enrolled=allowed)))
    publication, user = api.publication(api.course()), api.user()
    api.patch(f"{ACADEMY}/users/{user}", {"active": False})
    path = f"{ACADEMY}/published-courses/{publication}/enrollments"
    assert api.request("POST", path, {"user": {"id": user}}).status_code == status


def test_lessons_of_a_progress_row_can_be_absent(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(lesson_progress_offered=False)))
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    path = f"/users/{user}/published-courses/{publication}/lessons"
    assert api.request("GET", path).status_code == 404


def test_deleting_a_publication_hides_its_enrollments_and_leaves_progress_without_its_id(api: Any) -> None:
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    api.delete(f"{ACADEMY}/published-courses/{publication}")
    assert api.request("GET", f"{ACADEMY}/published-courses/{publication}/enrollments").status_code == 404
    [row] = api.get(f"/users/{user}/published-courses")
    assert (row["published_course_id"], row["all_enrollments"]) == (None, [])


def test_progress_of_a_deleted_publication_can_go_with_it(serve: Any) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(deleted_publication=DeletedPublication.GONE)))
    publication, user = api.publication(api.course()), api.user()
    api.enrollment(publication, user)
    api.delete(f"{ACADEMY}/published-courses/{publication}")
    assert api.get(f"/users/{user}/published-courses") == []


def test_the_canonical_view_is_equal_for_two_ways_to_the_same_contents(serve: Any) -> None:
    def fill(seed: int, order: list[str]) -> Any:
        api = serve(SkilljarSandbox.empty(seed=seed))
        publications = {title: api.publication(api.course(title, labels=["x", title])) for title in order}
        users = {name: api.user(f"{name}@example.com", first_name=name) for name in order}
        group = api.post("/groups", {"name": "Team"})["id"]
        for name in order:
            api.post(f"/groups/{group}/users", {"user": {"id": users[name]}})
            api.enrollment(publications[name], users[name], enrolled_at="2024-01-01T00:00:00Z")
            _complete(api, users[name], publications[name], completed_at="2024-01-02T00:00:00Z", score=1)
        return api

    first, second = fill(1, ["a", "b", "c"]), fill(2, ["c", "a", "b"])
    assert first.sandbox.canonical() == second.sandbox.canonical()
    assert first.rows("/users")[0]["user"]["id"] not in {row["user"]["id"] for row in second.rows("/users")}
    second.patch(f"/groups/{second.rows('/groups')[0]['id']}", {"name": "Crew"})
    assert first.sandbox.canonical() != second.sandbox.canonical()


def test_the_human_page_shows_what_arrived(api: Any) -> None:
    publication, user = api.publication(api.course("Tying knots")), api.user("ann@example.com")
    api.enrollment(publication, user)
    _complete(api, user, publication, completed_at="2024-01-02T00:00:00Z")
    tables = {table.title: table for table in api.sandbox.summary()}
    assert tables["Courses"].rows[0][0] == "Tying knots"
    assert tables["Learners"].rows[0][0] == "ann@example.com"
    assert [len(tables[name].rows) for name in ("Enrollments", "Completions", "Mails")] == [1, 1, 0]
