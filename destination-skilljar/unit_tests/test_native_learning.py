"""Courses, quizzes and people: what their resources do that no table can say, and what the connector makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from destination_skilljar.content import web_packages
from lms_shared.dev.sandbox.skilljar.options import LabelsOnCreate, LabelsOnUpdate
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


# Courses and lessons


@pytest.mark.parametrize("on_update", LabelsOnUpdate)
@pytest.mark.parametrize("on_create", LabelsOnCreate)
@pytest.mark.parametrize("named", [True, False])
def test_labels_of_others_stay_and_new_ones_arrive_whatever_the_api_does_with_labels_in_a_body(
    open_academy: OpenAcademy, on_create: LabelsOnCreate, on_update: LabelsOnUpdate, named: bool
) -> None:
    academy = open_academy(labels_on_create=on_create, labels_on_update=on_update, label_refusal_names_labels=named)
    academy.admin("POST", "labels", {"name": "there already"})
    academy.write("courses", {**COURSE, "labels": ["first", "there already"]})
    academy.label(academy.row("courses", title="Python")["id"], "by hand")
    academy.write("courses", {**COURSE, "labels": ["second"]})
    assert academy.course("Python")["labels"] == ["by hand", "first", "second", "there already"]
    assert writes_nothing_again(academy, "courses", {**COURSE, "labels": ["second", "first"]})


def test_a_course_whose_label_can_be_made_by_no_call_is_a_reject(open_academy: OpenAcademy) -> None:
    academy = open_academy(labels_on_create=LabelsOnCreate.REFUSE_UNKNOWN)
    code, text = reject(academy, "courses", {**COURSE, "labels": ["x" * 256]})
    assert code == "REMOTE.400"
    assert "255 characters" in text
    assert academy.rows("courses") == []


@pytest.mark.parametrize("on_update", LabelsOnUpdate)
@pytest.mark.parametrize("on_create", LabelsOnCreate)
def test_labels_are_replaced_where_the_policy_says_so_whatever_the_api_does_with_labels_in_a_body(
    open_academy: OpenAcademy, on_create: LabelsOnCreate, on_update: LabelsOnUpdate
) -> None:
    academy = open_academy(labels_on_create=on_create, labels_on_update=on_update)
    source_wins = [{"object": "courses", "field": "labels", "policy": "source_wins"}]
    academy.write("courses", {**COURSE, "labels": ["first", "both"]})
    academy.label(academy.row("courses", title="Python")["id"], "by hand")
    academy.write("courses", {**COURSE, "labels": ["both", "second"]}, field_policies=source_wins)
    assert academy.course("Python")["labels"] == ["both", "second"]
    counted = academy.counting()
    run = academy.write("courses", {**COURSE, "labels": ["both", "second"]}, field_policies=source_wins)
    assert (totals(run), counted.writes) == ({"unchanged": 1}, 0)


def test_a_lesson_whose_order_is_taken_is_a_reject_with_the_remedy(academy: Academy) -> None:
    course = academy.add_course("Python")
    first = {"course_id": course, "title": "One", "type": "HTML", "order": 1}
    academy.write("lessons", first)
    code, text = reject(academy, "lessons", {**first, "title": "Two"})
    assert code == "REMOTE.400"
    assert "move the lesson that has this one first" in text
    assert [row["title"] for row in academy.rows("lessons")] == ["One"]


@pytest.mark.parametrize("held", ["Fish & Chips", "Fish &amp; Chips", "Fish  &\tChips"])
@pytest.mark.parametrize("title", ["Fish & Chips", "Fish &amp; Chips", "Fish  & Chips"])
def test_titles_that_read_the_same_are_one_lesson_and_one_quiz_and_end_as_the_source_has_them(
    academy: Academy, held: str, title: str
) -> None:
    course = academy.add_course("Python")
    lesson = {"course_id": course, "type": "HTML", "order": 1}
    academy.admin("POST", "lessons", {**lesson, "title": held})
    academy.admin("POST", "quizzes", {"name": held})
    for name, record in (("lessons", {**lesson, "title": title}), ("quizzes", {"name": title})):
        academy.write(name, record)
        assert writes_nothing_again(academy, name, record)
    assert [row["title"] for row in academy.rows("lessons")] == [title]
    assert [row["name"] for row in academy.rows("quizzes")] == [title]


def test_lessons_of_a_course_are_made_in_the_order_of_the_records(academy: Academy) -> None:
    course = academy.add_course("Python")
    lessons = [{"course_id": course, "title": f"L{n}", "type": "HTML", "order": n} for n in range(30)]
    academy.write("lessons", *lessons)
    assert [row["order"] for row in academy.rows("lessons")] == list(range(30))


def test_a_new_web_package_is_written_once_it_is_processed(academy: Academy) -> None:
    package = {"title": "scorm", "content_url": "https://files.example.com/scorm.zip"}
    assert totals(academy.write("web_packages", package)) == {"created": 1}
    assert academy.row("web_packages", title="scorm")["state"] == "READY"
    assert writes_nothing_again(academy, "web_packages", package)


PACKAGE = {"title": "My title", "content_url": "https://files.example.com/scorm.zip"}


def test_a_web_package_with_another_title_inside_is_kept_and_found_again(academy: Academy) -> None:
    assert totals(academy.write("web_packages", PACKAGE)) == {"created": 1}
    (package,) = academy.rows("web_packages")
    assert package["title"] == "scorm"
    assert writes_nothing_again(academy, "web_packages", PACKAGE)
    assert writes_nothing_again(academy, "web_packages", {**PACKAGE, "id": package["id"]})
    lesson = {"course_id": academy.add_course("Python"), "title": "Do it", "type": "WEB_PACKAGE", "order": 1}
    academy.write("lessons", {**lesson, "web_package_title": "My title"})
    assert academy.row("lessons", title="Do it")["content_web_package_id"] == package["id"]
    academy.admin("DELETE", f"lessons/{academy.row('lessons', title='Do it')['id']}")
    gone = academy.write("web_packages", {**PACKAGE, "id": package["id"]}, mode="hard_delete")
    assert gone.total("deactivated") == 1
    assert (academy.rows("web_packages"), academy.rows("labels")) == ([], [])


def test_a_web_package_with_the_title_that_was_sent_leaves_no_label(academy: Academy) -> None:
    academy.write("web_packages", {**PACKAGE, "title": "scorm"})
    assert academy.rows("labels") == []


def test_a_web_package_of_a_sync_that_died_before_it_was_processed_is_found_again(academy: Academy) -> None:
    body = {"content_url": PACKAGE["content_url"], "web_package": {"title": "My title"}}
    package = academy.admin("POST", "web-packages", body)["id"]
    assert totals(academy.write("web_packages", PACKAGE)) == {"updated": 1}
    while academy.admin("GET", f"web-packages/{package}")["state"] != "READY":
        pass
    assert writes_nothing_again(academy, "web_packages", PACKAGE)


def test_a_lesson_waits_for_its_web_package(academy: Academy) -> None:
    course = academy.add_course("Python")
    body = {"content_url": "https://files.example.com/scorm.zip", "web_package": {"title": "scorm"}}
    package = academy.admin("POST", "web-packages", body)["id"]
    lesson = {"course_id": course, "title": "Do it", "type": "WEB_PACKAGE", "order": 1}
    academy.write("lessons", {**lesson, "content_web_package_id": package})
    assert academy.row("lessons", title="Do it")["content_web_package_id"] == package


def test_a_lesson_on_a_web_package_that_takes_too_long_is_a_reject(open_academy: OpenAcademy) -> None:
    academy = open_academy(reads_until_processed=1000)
    course = academy.add_course("Python")
    body = {"content_url": "https://files.example.com/scorm.zip", "web_package": {"title": "scorm"}}
    package = academy.admin("POST", "web-packages", body)["id"]
    lesson = {"course_id": course, "title": "Do it", "type": "WEB_PACKAGE", "order": 1}
    assert reject(academy, "lessons", {**lesson, "content_web_package_id": package})[0] == "REMOTE.PROCESSING"


def test_an_asset_in_use_is_not_deleted_and_the_reject_says_what_to_do(academy: Academy) -> None:
    asset = {"name": "Handbook", "content_url": "https://files.example.com/h.pdf"}
    academy.write("assets", asset)
    held = academy.row("assets", name="Handbook")["id"]
    course = academy.add_course("Python")
    lesson = {"course_id": course, "title": "Read", "type": "ASSET", "order": 1, "content_asset_id": held}
    academy.write("lessons", lesson)
    code, text = reject(academy, "assets", {"id": held}, mode="hard_delete")
    assert code == "REMOTE.400"
    assert "out of the lessons" in text


# Quizzes


def test_a_question_is_changed_although_the_api_wants_the_quiz_repeated(academy: Academy) -> None:
    world = World(academy)
    question = {"quiz": world.quiz, "html": "<p>Is it?</p>", "type": "MULTIPLE_CHOICE", "answers": ANSWERS}
    academy.write("quiz_questions", question)
    academy.write("quiz_questions", {**question, "case_sensitive": True})
    assert academy.row("questions", quiz_id=world.quiz)["case_sensitive"] is True
    assert writes_nothing_again(academy, "quiz_questions", {**question, "case_sensitive": True})


def test_answers_that_the_api_would_ignore_with_200_are_a_reject(academy: Academy) -> None:
    world = World(academy)
    question = {"quiz": world.quiz, "html": "<p>Is it?</p>", "type": "MULTIPLE_CHOICE", "answers": ANSWERS}
    academy.write("quiz_questions", question)
    counted = academy.counting()
    code, text = reject(academy, "quiz_questions", {**question, "answers": ANSWERS[:1]})
    assert code == "REMOTE.FIXED"
    assert "answers" in text
    assert counted.writes == 0


def test_questions_stand_in_the_order_of_the_records(academy: Academy) -> None:
    world = World(academy)
    questions = [{"quiz": world.quiz, "html": f"<p>{n}</p>", "type": "FREEFORM"} for n in range(20)]
    academy.write("quiz_questions", *questions)
    held = sorted(academy.rows("questions"), key=lambda row: int(row["order"]))
    assert [row["html"] for row in held] == [one["html"] for one in questions]


def test_a_change_of_a_quiz_that_the_api_ignores_is_a_reject(academy: Academy, monkeypatch: pytest.MonkeyPatch) -> None:
    academy.write("quizzes", {"name": "Final", "max_attempts": 1})
    table = academy.sandbox.store["quizzes"]
    monkeypatch.setattr(table, "update", lambda row, changes: None)
    code, text = reject(academy, "quizzes", {"name": "Final", "max_attempts": 3})
    assert code == "REMOTE.NOT_KEPT"
    assert "max_attempts" in text


def test_quizzes_of_the_same_name_are_never_guessed_at(academy: Academy) -> None:
    for _ in range(2):
        academy.admin("POST", "quizzes", {"name": "Final"})
    assert academy.rejected("quizzes", {"name": "Final"})["code"] == "REMOTE.AMBIGUOUS"


# People


@pytest.mark.parametrize("kept", ["2026-01-01T08:00:00.123456Z", "2026-01-01T08:00:00Z"])
def test_an_enrollment_is_found_again_whether_or_not_the_api_keeps_fractions_of_seconds(
    academy: Academy, kept: str
) -> None:
    world = World(academy)
    record = {"published_course_id": world.published_course, "user": world.user}
    enrollment = {**record, "enrolled_at": "2026-01-01T09:00:00.123456+01:00"}
    academy.write("published_course_enrollments", enrollment)
    academy.edit("course_enrollments", academy.row("course_enrollments", user_id=world.user)["id"], enrolled_at=kept)
    assert writes_nothing_again(academy, "published_course_enrollments", enrollment)


def test_progress_is_read_and_written_on_the_right_domain_where_the_item_answers_another(
    open_academy: OpenAcademy,
) -> None:
    academy = open_academy(progress_read_resolves_by_course=True)
    world = World(academy)
    assert world.enrollment
    academy.add_member("learner@example.com", domain=OTHER_DOMAIN)
    path = f"domains/{OTHER_DOMAIN}/published-courses"
    other = academy.admin("POST", path, {"course": {"id": world.course}})["id"]
    academy.admin("POST", f"{path}/{other}/enrollments", {"user": {"id": world.enrolled}})
    record = {"user_id": world.enrolled, "published_course_id": world.published_course}
    progress = {**record, "course_progress": {"completed_at": "2026-02-01T00:00:00Z", "score": 90, "max_score": 100}}
    assert totals(academy.write("user_course_progress", progress, sync_mode="update")) == {"updated": 1}
    assert totals(academy.write("user_course_progress", progress, sync_mode="update")) == {"unchanged": 1}
    (done,) = [row for row in academy.rows("course_progress") if row["completed_at"]]
    assert done["published_course_id"] == world.published_course


def test_progress_without_enrollment_is_a_reject_that_is_no_surprise(academy: Academy) -> None:
    world = World(academy)
    record = {"user_id": world.user, "published_course_id": world.published_course, "course_progress": {"score": 1}}
    assert reject(academy, "user_course_progress", record, sync_mode="update")[0] == "POLICY.NO_MATCH"


@pytest.mark.parametrize(
    ("wanted", "notifications", "mails"),
    [(True, False, 0), (None, False, 0), (False, True, 0), (True, True, 1), (None, True, 1)],
)
def test_an_invite_sends_mail_only_where_notifications_are_on(
    academy: Academy, wanted: bool | None, notifications: bool, mails: int
) -> None:
    invite = {"user_id": academy.add_member("ada@example.com"), "send_email": wanted}
    academy.write("domain_user_invites", invite, send_notifications=notifications)
    assert len(academy.mails) == mails
    assert len(academy.rows("invites")) == 1
    academy.write("domain_user_invites", invite, send_notifications=notifications)
    assert len(academy.rows("invites")) == 1


def test_no_mail_is_sent_by_any_other_object(academy: Academy) -> None:
    academy.write("domain_users", {"user": {"email": "ada@example.com"}})
    assert academy.mails == []


def test_a_member_is_found_by_nested_or_plain_e_mail_address_and_gets_the_names_of_the_record(
    academy: Academy,
) -> None:
    academy.add_member("ada@example.com", domain=OTHER_DOMAIN, first_name="Augusta")
    academy.write("domain_users", {"user": {"email": "Ada@Example.com", "first_name": "Ada"}, "active": True})
    assert academy.user("ada@example.com")["first_name"] == "Ada"
    assert totals(academy.write("domain_users", {"user_email": "ada@example.com"})) == {"unchanged": 1}
    academy.write("domain_users", {"user_email": "ada@example.com"}, sync_mode="soft_delete")
    assert academy.row("domain_users", domain_name=DOMAIN)["active"] is False
    assert academy.row("domain_users", domain_name=OTHER_DOMAIN)["active"] is True


def test_a_seat_is_given_by_id_or_e_mail_address_and_found_by_both(academy: Academy) -> None:
    world = World(academy)
    seat = {"license_package_id": world.license_package}
    student = {"id": world.user, "email": "newcomer@example.com"}
    academy.write("license_package_seats", {**seat, "student": student})
    assert totals(academy.write("license_package_seats", {**seat, "student_id": world.user})) == {"unchanged": 1}
    by_email = {**seat, "student_email": "newcomer@example.com"}
    assert totals(academy.write("license_package_seats", {**by_email, "active": False})) == {"deactivated": 1}


def test_e_mail_domains_are_added_to_those_of_the_group_and_removed_only_by_policy(academy: Academy) -> None:
    group = World(academy).group
    academy.admin("PATCH", f"groups/{group}/email-domain-rules", {"add": ["kept.example.com"]})
    rules = {"group_id": group, "email_domains": ["New.Example.com"]}
    academy.write("group_email_domain_rules", rules)
    assert email_domains(academy) == ["kept.example.com", "new.example.com"]
    assert writes_nothing_again(academy, "group_email_domain_rules", rules)
    source_wins = [{"object": "group_email_domain_rules", "field": "email_domains", "policy": "source_wins"}]
    academy.write("group_email_domain_rules", rules, field_policies=source_wins)
    assert email_domains(academy) == ["new.example.com"]


def email_domains(academy: Academy) -> list[str]:
    return sorted(row["email_domain"] for row in academy.rows("group_email_domains"))


def test_groups_hold_what_the_api_knows_of_them_beside_the_unified_fields(academy: Academy) -> None:
    (option, *_) = academy.row("signup_fields", domain_name=DOMAIN, label="Department")["options"]
    group = {
        "name": "Engineers",
        "discount_percent": 10,
        "rule_email_domains": ["Example.com"],
        "sign_up_field_rule": {"enforce": True, "options": [{"id": option["id"]}]},
    }
    academy.write("groups", group)
    assert writes_nothing_again(academy, "groups", group)
    academy.write("groups", {**group, "discount_percent": 20, "rule_email_domains": ["example.org"]})
    assert academy.row("groups", name="Engineers")["discount_percent"] == 20
    assert email_domains(academy) == ["example.com", "example.org"]
    assert writes_nothing_again(academy, "groups", {"name": "Engineers"})


def test_a_signup_rule_without_options_is_left_out_before_it_is_sent(academy: Academy) -> None:
    rule = {"name": "Engineers", "sign_up_field_rule": {"enforce": True}}
    (summary,) = academy.write("groups", rule).summaries
    assert (summary["created"], summary["left_out"]) == (1, {"sign_up_field_rule": 1})
