"""Content: stamped courses with one lesson that links to the content, published on the domain."""

from __future__ import annotations

import pytest

from lms_shared.dev.testing.records import ADA, a_completion, a_course, an_assignment
from lms_shared.dev.testing.skilljar_academy import DOMAIN, Academy
from lms_shared.dev.testing.syncs import Stream

TITLE = "Reading Python"
STAMP = "ext:airbyte:c-1"
REFERENCE_WINS = [{"object": "content", "field": "external_reference", "policy": "source_wins"}]


def link(academy: Academy, title: str = TITLE) -> str:
    """The text of the only lesson of a course."""
    (lesson,) = academy.course(title)["lessons"]
    text: str = lesson["content_html"]
    return text


def test_new_content_is_a_stamped_course_with_a_link_published_on_the_domain(academy: Academy) -> None:
    academy.write("content", a_course(description="<p>Snakes &amp; more</p>"))
    course = academy.only("courses")
    assert course["title"] == TITLE
    assert course["long_description_html"] == "<p>Snakes &amp; more</p>"
    assert course["short_description"] == "Snakes & more"
    assert course["labels"] == [STAMP]
    assert [one["hidden"] for one in course["publications"]] == [False]
    assert 'href="https://learn.example.com/c-1"' in link(academy)


def test_content_without_description_gets_its_title_as_the_mandatory_short_one(academy: Academy) -> None:
    academy.write("content", a_course())
    assert academy.only("courses")["short_description"] == TITLE


def test_content_without_address_is_a_course_without_lesson(academy: Academy) -> None:
    academy.write("content", a_course(content_url=None))
    assert academy.only("courses")["lessons"] == []
    academy.write("content", a_course())
    assert 'href="https://learn.example.com/c-1"' in link(academy)


def test_an_address_that_goes_missing_in_the_source_stays_in_the_lesson(academy: Academy) -> None:
    academy.write("content", a_course())
    counted = academy.counting()
    academy.write("content", a_course(content_url=None))
    assert counted.writes == 0
    assert 'href="https://learn.example.com/c-1"' in link(academy)


def test_the_sole_course_of_the_same_title_is_adopted_and_stamped(academy: Academy) -> None:
    course = academy.add_course(TITLE, "Favourites")
    run = academy.write("content", a_course())
    assert (run.total("created"), run.total("updated")) == (0, 1)
    assert academy.row("courses", title=TITLE)["id"] == course
    assert academy.only("courses")["labels"] == ["Favourites", STAMP]
    assert academy.only("courses")["enforce_sequential_navigation"] is True
    assert academy.write("content", a_course(title="Reading Python 2")).total("updated") == 1
    assert academy.row("courses", title="Reading Python 2")["id"] == course


def test_several_courses_of_the_same_title_are_a_reject_with_the_candidates(academy: Academy) -> None:
    candidates = [academy.add_course(TITLE), academy.add_course(TITLE)]
    counted = academy.counting()
    reject = academy.rejected("content", a_course())
    assert reject["code"] == "REMOTE.AMBIGUOUS"
    assert sorted(one["id"] for one in reject["candidates"]) == sorted(candidates)
    assert counted.writes == 0


def test_the_id_of_the_right_candidate_settles_it(academy: Academy) -> None:
    first, second = academy.add_course(TITLE), academy.add_course(TITLE)
    academy.write("content", a_course(id=second))
    stamped = academy.admin("GET", "courses", label__name=STAMP)["results"]
    assert [row["id"] for row in stamped] == [second]
    assert academy.write("content", a_course()).total("unchanged") == 1
    assert academy.admin("GET", f"courses/{first}")["labels"] == []


def test_the_id_of_a_course_with_another_reference_of_the_connection_is_a_conflict(academy: Academy) -> None:
    course = academy.add_course(TITLE, "ext:airbyte:c-2")
    academy.add_member(ADA)
    counted = academy.counting()
    streams = [Stream("content", [a_course(id=course)]), Stream("assignments", [an_assignment()])]
    run = academy.sync(streams)
    assert sorted(one["code"] for one in run.rejects) == ["REFERENCE.NOT_FOUND", "REMOTE.CONFLICT"]
    assert counted.writes == 0


def test_a_reference_that_is_to_win_takes_the_place_of_the_old_one_once(academy: Academy) -> None:
    labels = ("Favourites", "ext:airbyte:c-2", "ext:other:c-2")
    course = academy.add_course(TITLE, *labels)
    record = a_course(id=course)
    assert academy.write("content", record, field_policies=REFERENCE_WINS).total("updated") == 1
    assert academy.only("courses")["labels"] == ["Favourites", STAMP, "ext:other:c-2"]
    counted = academy.counting()
    assert academy.write("content", record, field_policies=REFERENCE_WINS).total("unchanged") == 1
    assert academy.write("content", a_course()).total("unchanged") == 1
    assert counted.writes == 0


def test_a_reference_that_was_half_replaced_is_replaced_by_the_next_sync(academy: Academy) -> None:
    course = academy.add_course(TITLE, "ext:airbyte:a-2", STAMP)
    academy.write("content", a_course(id=course), field_policies=REFERENCE_WINS)
    assert academy.only("courses")["labels"] == [STAMP]


def test_content_of_a_reference_that_was_replaced_in_this_sync_is_found_by_the_new_one_alone(academy: Academy) -> None:
    course = academy.add_course(TITLE, "ext:airbyte:c-2")
    academy.add_member(ADA)
    assignments = [an_assignment(), an_assignment(course="c-2")]
    streams = [Stream("content", [a_course(id=course)]), Stream("assignments", assignments)]
    run = academy.sync(streams, field_policies=REFERENCE_WINS)
    assert [one["code"] for one in run.rejects] == ["REFERENCE.NOT_FOUND"]
    assert run.total("created") == 1


@pytest.mark.parametrize(("held", "sent"), [("Fish &amp; Chips", "Fish & Chips"), ("  Deep   Sea ", "Deep Sea")])
@pytest.mark.parametrize("turned", [False, True])
def test_a_course_whose_title_reads_the_same_is_adopted(
    academy: Academy, held: str, sent: str, *, turned: bool
) -> None:
    held, sent = (sent, held) if turned else (held, sent)
    academy.add_course(held)
    run = academy.write("content", a_course(title=sent))
    assert (run.total("created"), run.total("updated")) == (0, 1)
    assert academy.only("courses")["labels"] == [STAMP]


def test_a_title_in_other_letters_is_another_title(academy: Academy) -> None:
    academy.add_course(TITLE.upper())
    assert academy.write("content", a_course()).total("created") == 1


def test_a_course_that_another_connection_stamped_is_no_candidate(academy: Academy) -> None:
    academy.add_course(TITLE, "ext:other:c-1")
    assert academy.write("content", a_course()).total("created") == 1
    assert sorted(row["labels"] for row in academy.held("courses")) == [[STAMP], ["ext:other:c-1"]]


def test_a_draft_is_no_candidate(academy: Academy) -> None:
    origin = academy.add_course("Writing Python", "ext:other:c-9")
    draft = academy.add_course(TITLE, published=False)
    academy.edit("courses", draft, draft_origin_id=origin)
    assert academy.write("content", a_course()).total("created") == 1
    assert academy.admin("GET", f"courses/{draft}")["labels"] == []


def test_two_courses_with_the_same_stamp_are_a_reject(academy: Academy) -> None:
    academy.add_course("One", STAMP)
    academy.add_course("Two", STAMP)
    assert academy.rejected("content", a_course())["code"] == "REMOTE.AMBIGUOUS"


def test_labels_of_others_are_untouched_by_a_change(academy: Academy) -> None:
    academy.write("content", a_course())
    academy.label(academy.row("courses", title=TITLE)["id"], "Favourites")
    academy.write("content", a_course(title="Reading Python 2", description="New"))
    assert academy.only("courses")["labels"] == ["Favourites", STAMP]


def test_what_an_admin_wrote_around_the_link_survives_a_new_address(academy: Academy) -> None:
    academy.write("content", a_course())
    lesson = academy.row("lessons")
    text = f"<h1>Read this first</h1>{lesson['content_html']}<p>See <a href='https://help.example.com'>help</a></p>"
    academy.admin("PATCH", f"lessons/{lesson['id']}", {"content_html": text})
    academy.write("content", a_course(content_url="https://learn.example.com/new?a=1&b=2"))
    assert "<h1>Read this first</h1>" in link(academy)
    assert 'href="https://learn.example.com/new?a=1&amp;b=2"' in link(academy)
    assert "<a href='https://help.example.com'>help</a>" in link(academy)
    assert "https://learn.example.com/c-1" not in link(academy)


def test_lessons_of_an_adopted_course_stay_and_the_link_comes_behind_them(academy: Academy) -> None:
    course = academy.add_course(TITLE)
    lesson = {"course_id": course, "title": "Welcome", "type": "HTML", "order": 4, "content_html": "<p>Hello</p>"}
    academy.admin("POST", "lessons", lesson)
    academy.write("content", a_course())
    lessons = sorted(academy.only("courses")["lessons"], key=lambda one: one["order"])
    assert [one["order"] for one in lessons] == [4, 5]
    assert lessons[0]["content_html"] == "<p>Hello</p>"


def test_retired_content_is_hidden_with_all_records_kept_and_shown_again(academy: Academy) -> None:
    academy.add_member(ADA)
    academy.write("content", a_course())
    academy.write("completions", a_completion())
    kept = (academy.held("enrollments"), academy.held("progress"))
    assert academy.write("content", a_course(active=False)).total("deactivated") == 1
    assert academy.publication(TITLE)["hidden"] is True
    assert (academy.held("enrollments"), academy.held("progress")) == kept
    assert academy.write("content", a_course(active=True)).total("updated") == 1
    assert academy.publication(TITLE)["hidden"] is False


def test_content_that_is_retired_from_the_start_is_created_hidden(academy: Academy) -> None:
    academy.write("content", a_course(active=False))
    assert academy.publication(TITLE)["hidden"] is True


def test_a_publication_that_an_admin_hid_stays_hidden_when_the_record_does_not_say(academy: Academy) -> None:
    academy.add_course(TITLE, hidden=True)
    academy.write("content", a_course())
    assert academy.publication(TITLE)["hidden"] is True


def test_an_unpublished_course_is_published(academy: Academy) -> None:
    academy.add_course(TITLE, STAMP, published=False)
    assert academy.write("content", a_course(content_url=None)).total("updated") == 1
    assert academy.publication(TITLE)["hidden"] is False
    assert academy.write("content", a_course(content_url=None)).total("unchanged") == 1


def test_two_records_of_the_same_title_are_two_courses(academy: Academy) -> None:
    records = [a_course("c-1"), a_course("c-2")]
    assert academy.write("content", *records).total("created") == 2
    assert sorted(row["labels"] for row in academy.held("courses")) == [[STAMP], ["ext:airbyte:c-2"]]
    assert academy.write("content", *reversed(records)).total("unchanged") == 2


@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ({"title": "Threads & \u200blocks"}, {"title": "Threads & locks"}),
        ({"long_description_html": "<p>Caf&eacute;</p>"}, {"description": "<p>Café</p>"}),
    ],
)
def test_texts_that_read_the_same_are_no_change(academy: Academy, held: dict[str, str], sent: dict[str, str]) -> None:
    academy.write("content", a_course(description="<p>Text</p>"))
    academy.admin("PATCH", f"courses/{academy.row('courses', title=TITLE)['id']}", held)
    known = {"title": TITLE, "description": "<p>Text</p>"}
    counted = academy.counting()
    assert academy.write("content", a_course(**{**known, **sent})).total("unchanged") == 1
    assert counted.writes == 0


@pytest.mark.parametrize("held", ["Threads &amp; locks", "Threads  & locks"])
def test_a_title_that_the_source_has_mended_is_mended(academy: Academy, held: str) -> None:
    academy.write("content", a_course(title=held))
    assert academy.write("content", a_course(title="Threads & locks")).total("updated") == 1
    assert [row["title"] for row in academy.rows("courses")] == ["Threads & locks"]


def test_a_reference_that_does_not_fit_into_a_label_is_a_reject(academy: Academy) -> None:
    longest = 255 - len("ext:airbyte:")
    academy.write("content", a_course("r" * longest))
    assert academy.rejected("content", a_course("r" * (longest + 1)))["code"] == "INPUT.LENGTH"


def test_references_in_any_script_and_with_any_sign_are_found_again(academy: Academy) -> None:
    records = [a_course(f"übung:{sign}/1", f"Course {sign}") for sign in ("ß", "&", "%20", "#", "+", ",", "日本")]
    records = [{**one, "content_url": "https://learn.example.com/x"} for one in records]
    academy.write("content", *records)
    assert academy.write("content", *records).total("unchanged") == len(records)
    for one in records:
        assert academy.write("content", one).total("unchanged") == 1


def test_references_that_differ_in_letter_case_are_different_content(academy: Academy) -> None:
    records = [a_course("abc", "Small"), a_course("ABC", "Large")]
    academy.write("content", *records)
    assert academy.write("content", *records).total("unchanged") == 2


def test_soft_delete_hides_by_reference_and_never_by_title(academy: Academy) -> None:
    academy.write("content", a_course())
    academy.add_course("Made by hand")
    gone = [{"external_reference": "c-1"}, {"external_reference": "c-9", "title": "Made by hand"}]
    run = academy.write("content", *gone, sync_mode="soft_delete")
    assert (run.total("deactivated"), run.total("unchanged")) == (1, 1)
    assert academy.publication(TITLE)["hidden"] is True
    assert academy.publication("Made by hand")["hidden"] is False


def test_the_domain_of_the_connection_is_the_only_one_that_is_published_on(academy: Academy) -> None:
    academy.write("content", a_course())
    assert [one["domain_name"] for one in academy.only("courses")["publications"]] == [DOMAIN]
