"""What is made from the title of a course follows it, unless an admin has written something else."""

from __future__ import annotations

from lms_shared.dev.testing.records import a_course
from lms_shared.dev.testing.skilljar_academy import Academy

NEW = a_course(title="Reading Python, 2nd edition")


def test_the_link_and_the_short_description_follow_a_new_title(academy: Academy) -> None:
    academy.write("content", a_course())
    assert academy.write("content", NEW).total("updated") == 1
    assert academy.row("courses", title=NEW["title"])["short_description"] == NEW["title"]
    (lesson,) = academy.rows("lessons")
    assert f">{NEW['title']}</a>" in lesson["content_html"]
    counted = academy.counting()
    assert academy.write("content", NEW).total("unchanged") == 1
    assert counted.writes == 0


def test_what_an_admin_wrote_in_their_place_stays(academy: Academy) -> None:
    academy.write("content", a_course())
    (lesson,) = academy.rows("lessons")
    text = lesson["content_html"].replace("Reading Python</a>", "Start here</a>")
    academy.admin("PATCH", f"lessons/{lesson['id']}", {"content_html": text})
    course = academy.row("courses", title="Reading Python")["id"]
    academy.admin("PATCH", f"courses/{course}", {"short_description": "For beginners"})
    academy.write("content", NEW)
    assert academy.row("courses", title=NEW["title"])["short_description"] == "For beginners"
    assert academy.rows("lessons")[0]["content_html"] == text


def test_a_short_description_of_the_source_is_not_replaced_by_the_title(academy: Academy) -> None:
    academy.write("content", a_course(description="<p>All of it</p>"))
    academy.write("content", {**NEW, "description": "<p>All of it</p>"})
    assert academy.row("courses", title=NEW["title"])["short_description"] == "All of it"
