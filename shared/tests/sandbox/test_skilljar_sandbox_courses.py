"""Courses, labels, lessons, publications and paths of the pretend Skilljar."""

from __future__ import annotations

from typing import Any

import pytest

from lms_shared.dev.sandbox.skilljar import SkilljarOptions, SkilljarSandbox
from lms_shared.dev.sandbox.skilljar.options import LabelsOnCreate, LabelsOnUpdate

ACADEMY = "/domains/academy.example.com"
PARTNERS = "/domains/partners.example.com"


def test_labels_are_names_in_courses_and_the_filter_is_exact(api: Any) -> None:
    first, second = api.course(labels=["ext:a:1", "new"]), api.course(labels=["ext:a:10"])
    assert sorted(api.get(f"/courses/{first}")["labels"]) == ["ext:a:1", "new"]
    assert [row["id"] for row in api.rows("/courses", label__name="ext:a:1")] == [first]
    assert [row["id"] for row in api.rows("/courses", label__name="ext:a:10")] == [second]
    assert api.rows("/courses", label__name="ext:a") == []
    assert {row["name"] for row in api.rows("/labels")} == {"ext:a:1", "new", "ext:a:10"}


def test_two_courses_may_share_a_label(api: Any) -> None:
    courses = {api.course(labels=["x"]), api.course(labels=["x"])}
    assert {row["id"] for row in api.rows("/courses", label__name="x")} == courses


def test_labels_in_a_create_can_be_ignored_or_refused(serve: Any) -> None:
    ignoring = serve(SkilljarSandbox.empty(SkilljarOptions(labels_on_create=LabelsOnCreate.IGNORED)))
    course = ignoring.course(labels=["x"])
    assert (ignoring.get(f"/courses/{course}")["labels"], ignoring.rows("/labels")) == ([], [])
    strict = serve(SkilljarSandbox.empty(SkilljarOptions(labels_on_create=LabelsOnCreate.REFUSE_UNKNOWN)))
    body = {"title": "T", "short_description": "s", "enforce_sequential_navigation": True, "labels": ["x"]}
    assert set(strict.refused("POST", "/courses", body)) == {"labels"}
    assert strict.get("/courses")["count"] == 0
    strict.post("/labels", {"name": "x"})
    assert strict.post("/courses", body)["labels"] == ["x"]


@pytest.mark.parametrize(
    ("mode", "left"),
    [(LabelsOnUpdate.REPLACE, ["b", "c"]), (LabelsOnUpdate.ADD, ["a", "b", "c"]), (LabelsOnUpdate.IGNORED, ["a", "b"])],
)
def test_labels_in_an_update_follow_the_switch(serve: Any, mode: LabelsOnUpdate, left: list[str]) -> None:
    api = serve(SkilljarSandbox.empty(SkilljarOptions(labels_on_update=mode)))
    course = api.course(labels=["a", "b"])
    assert sorted(api.patch(f"/courses/{course}", {"labels": ["b", "c"]})["labels"]) == left
    assert sorted(api.patch(f"/courses/{course}", {"title": "T"})["labels"]) == left


def test_linking_a_label_leaves_the_others_alone(api: Any) -> None:
    course, label = api.course(labels=["a"]), api.post("/labels", {"name": "b"})["id"]
    link = api.post(f"/courses/{course}/labels", {"label": {"id": label}})
    assert link == {"label": {"id": label, "name": "b"}}
    assert sorted(api.get(f"/courses/{course}")["labels"]) == ["a", "b"]
    api.delete(f"/courses/{course}/labels/{label}")
    assert api.get(f"/courses/{course}")["labels"] == ["a"]
    assert [row["id"] for row in api.rows("/courses", label__name="b")] == []


def test_label_names_are_unique_and_renaming_breaks_the_look_up(api: Any) -> None:
    course = api.course(labels=["a"])
    assert set(api.refused("POST", "/labels", {"name": "a"})) == {"name"}
    [label] = api.rows("/labels")
    api.patch(f"/labels/{label['id']}", {"name": "b"})
    assert api.rows("/courses", label__name="a") == []
    assert [row["id"] for row in api.rows("/courses", label__name="b")] == [course]
    api.delete(f"/labels/{label['id']}")
    assert api.get(f"/courses/{course}")["labels"] == []


def test_a_course_needs_title_description_and_navigation(api: Any) -> None:
    assert set(api.refused("POST", "/courses", {})) == {"title", "short_description", "enforce_sequential_navigation"}


def test_a_change_moves_modified_at_and_nothing_that_was_not_sent(api: Any) -> None:
    course = api.course("Old", long_description_html="<p>x</p>")
    before = api.get(f"/courses/{course}")
    after = api.patch(f"/courses/{course}", {"title": "New"})
    assert after["modified_at"] > before["modified_at"]
    assert {**before, "title": "New", "modified_at": after["modified_at"]} == after


def test_deleting_a_course_takes_lessons_drafts_and_publications_along(api: Any) -> None:
    course = api.course()
    lesson = _lesson(api, course, 1)
    publication = api.publication(course)
    api.delete(f"/courses/{course}")
    assert api.request("GET", f"/courses/{course}").status_code == 404
    assert api.request("GET", f"/lessons/{lesson}").status_code == 404
    assert api.request("GET", f"{ACADEMY}/published-courses/{publication}").status_code == 404


def _lesson(api: Any, course: str, order: int, **fields: Any) -> str:
    body = {"course_id": course, "title": f"Lesson {order}", "order": order, "type": "HTML", **fields}
    lesson_id: str = api.post("/lessons", body)["id"]
    return lesson_id


def test_lessons_are_listed_for_one_course_only(api: Any) -> None:
    first, second = api.course("A"), api.course("B")
    lesson = _lesson(api, first, 1)
    _lesson(api, second, 1)
    assert api.refused("GET", "/lessons") == {"query_params": "Course ID required as a query parameter"}
    assert [row["id"] for row in api.rows("/lessons", course_id=first)] == [lesson]
    assert api.rows("/lessons", course_id="nothere") == []


def test_a_second_lesson_with_the_same_order_is_refused(api: Any) -> None:
    course = api.course()
    _lesson(api, course, 1)
    second = _lesson(api, course, 2)
    body = {"course_id": course, "title": "Again", "order": 1, "type": "HTML"}
    assert set(api.refused("POST", "/lessons", body)) == {"order"}
    assert set(api.refused("PATCH", f"/lessons/{second}", {"order": 1})) == {"order"}
    assert sorted(row["order"] for row in api.rows("/lessons", course_id=course)) == [1, 2]


def test_a_lesson_needs_a_course_that_exists(api: Any) -> None:
    body = {"course_id": "nothere", "title": "L", "order": 1, "type": "HTML"}
    assert set(api.refused("POST", "/lessons", body)) == {"course_id"}


def test_counts_follow_the_lessons(api: Any) -> None:
    course = api.course()
    publication = api.publication(course)
    _lesson(api, course, 1)
    _lesson(api, course, 2, optional=True)
    summary = api.get(f"{ACADEMY}/published-courses/{publication}")["course"]
    assert (summary["lesson_count"], summary["required_lesson_count"]) == (2, 1)


def test_a_course_is_published_once_on_each_domain(api: Any) -> None:
    course = api.course("Knots and Bends")
    here, there = api.publication(course), api.publication(course, PARTNERS)
    body = {"course": {"id": course}, "slug": "another-one"}
    assert set(api.refused("POST", f"{ACADEMY}/published-courses", body)) == {"course"}
    for domain, publication in ((ACADEMY, here), (PARTNERS, there)):
        [row] = api.rows(f"{domain}/published-courses", course__id=course)
        assert (row["id"], row["slug"]) == (publication, "knots-and-bends")


def test_slugs_are_unique_on_a_domain_and_made_up_where_none_is_sent(api: Any) -> None:
    first, second = api.course("Same Title"), api.course("Same Title")
    api.publication(first)
    body = {"course": {"id": second}, "slug": "same-title"}
    assert set(api.refused("POST", f"{ACADEMY}/published-courses", body)) == {"slug"}
    publication = api.publication(second)
    assert api.get(f"{ACADEMY}/published-courses/{publication}")["slug"] == "same-title-2"


def test_hiding_a_publication_keeps_it(api: Any) -> None:
    publication = api.publication(api.course())
    body = {"hidden": True, "strict_enforce_group_visibility": True}
    answer = api.patch(f"{ACADEMY}/published-courses/{publication}", body)
    assert (answer["hidden"], answer["strict_enforce_group_visibility"]) == (True, True)
    assert len(api.rows(f"{ACADEMY}/published-courses")) == 1


def test_a_path_is_created_with_its_publication_and_found_by_label(api: Any) -> None:
    body = {"slug": "all-knots", "path": {"title": "All knots"}}
    publication = api.post(f"{ACADEMY}/published-paths", body)
    assert api.get(f"/paths/{publication['path']['id']}")["title"] == "All knots"
    assert set(api.refused("POST", f"{ACADEMY}/published-paths", body)) == {"slug"}
    assert api.get("/paths")["count"] == 1
    label = api.post("/labels", {"name": "ext:a:path"})["id"]
    api.post(f"{ACADEMY}/published-paths/{publication['id']}/labels", {"label": {"id": label}})
    assert [row["id"] for row in api.rows(f"{ACADEMY}/published-paths", label__name="ext:a:path")] == [
        publication["id"]
    ]
    assert api.rows(f"{ACADEMY}/published-paths", label__name="other") == []


def test_path_progress_follows_from_the_courses(api: Any) -> None:
    course, user = api.publication(api.course()), api.user()
    path = api.post(f"{ACADEMY}/published-paths", {"slug": "p", "path": {"title": "P"}})["id"]
    item = {"order": 1, "published_course": {"id": course}}
    api.post(f"{ACADEMY}/published-paths/{path}/path-items", item)
    enrollment = api.post(f"{ACADEMY}/published-paths/{path}/published-path-enrollments", {"user": {"id": user}})
    api.enrollment(course, user)
    [row] = api.get(f"/users/{user}/published-path-enrollments")
    assert (row["enrollment_id"], row["published_path"]["course_count"]) == (enrollment["id"], 1)
    assert row["published_path_progress"]["completed_at"] is None
    body = {"course_progress": {"completed_at": "2024-01-02T00:00:00Z"}}
    api.patch(f"/users/{user}/published-courses/{course}", body)
    [row] = api.get(f"/users/{user}/published-path-enrollments")
    assert row["published_path_progress"]["completed_course_count"] == 1
    assert row["published_path_progress"]["completed_at"] == "2024-01-02T00:00:00Z"


def test_a_web_package_is_ready_after_some_reads_and_only_then_fit_for_a_lesson(api: Any) -> None:
    body = {"content_url": "https://files.example.com/scorm-a.zip", "web_package": {"title": "Mine"}}
    package = api.post("/web-packages", body)
    lesson = {"course_id": api.course(), "title": "L", "order": 1, "type": "WEB_PACKAGE"}
    lesson["content_web_package_id"] = package["id"]
    assert package["state"] == "PROCESSING"
    assert set(api.refused("POST", "/lessons", lesson)) == {"content_web_package_id"}
    states = [api.get(f"/web-packages/{package['id']}")["state"] for _ in range(3)]
    assert states == ["PROCESSING", "PROCESSING", "READY"]
    assert api.get(f"/web-packages/{package['id']}")["title"] == "scorm-a"
    lesson_id = api.post("/lessons", lesson)["id"]
    api.refused("DELETE", f"/web-packages/{package['id']}")
    api.delete(f"/lessons/{lesson_id}")
    api.delete(f"/web-packages/{package['id']}")


def test_the_type_of_an_asset_is_filled_in_later(api: Any) -> None:
    asset = api.post("/assets", {"content_url": "https://files.example.com/a.pdf", "asset": {"name": "A"}})
    assert (asset["name"], asset["type"]) == ("A", None)
    api.refused("POST", "/assets", {"asset": {"name": "nothing"}})
    assert [api.rows("/assets")[0]["type"] for _ in range(3)] == [None, None, "FILE"]
    assert "download_url" not in api.rows("/assets")[0]
    assert api.get(f"/assets/{asset['id']}")["download_url"].startswith("https://")


def test_a_used_asset_cannot_be_deleted(api: Any) -> None:
    asset = api.post("/assets", {"asset": {"name": "Film", "embed_link_url": "https://v.example.com/1"}})["id"]
    lesson = {"course_id": api.course(), "title": "L", "order": 1, "type": "ASSET", "content_asset_id": asset}
    lesson_id = api.post("/lessons", lesson)["id"]
    api.refused("DELETE", f"/assets/{asset}")
    api.delete(f"/lessons/{lesson_id}")
    api.delete(f"/assets/{asset}")


def test_there_is_one_rating_in_a_course_and_it_comes_with_its_content_item(api: Any) -> None:
    lesson = _lesson(api, api.course(), 1, type="MODULAR")
    block = api.post(f"/lessons/{lesson}/rating-content-blocks", {"rating_question": "How was it?"})
    [item] = api.rows(f"/lessons/{lesson}/content-items")
    assert (item["type"], item["content_rating_id"], item["id"]) == ("RATING", block["id"], block["content_item_id"])
    api.refused("POST", f"/lessons/{lesson}/rating-content-blocks", {})
    api.delete(f"/lessons/{lesson}/rating-content-blocks/{block['id']}")
    assert api.rows(f"/lessons/{lesson}/content-items") == []


def test_a_question_update_needs_the_quiz_and_ignores_answers(api: Any) -> None:
    quiz = api.post("/quizzes", {"name": "Q"})["id"]
    answers = [{"answer_text": "yes", "correct": True}, {"answer_text": "no"}]
    body = {"quiz": quiz, "html": "?", "type": "MULTIPLE_CHOICE", "answers": answers}
    question = api.post("/quiz-questions", body)
    assert question["quiz"] == quiz
    assert set(api.refused("PATCH", f"/quiz-questions/{question['id']}", {"html": "!"})) == {"quiz"}
    changed = api.patch(f"/quiz-questions/{question['id']}", {"quiz": quiz, "html": "!", "answers": [], "order": 9})
    assert (changed["html"], changed["answers"]) == ("!", question["answers"])
    [listed] = api.rows(f"/quizzes/{quiz}/questions")
    assert (listed["order"], len(listed["answers"])) == (1, 2)
