"""The one lesson of a course that links to the provider's content."""

from __future__ import annotations

import html
from collections.abc import Sequence

from destination_skilljar.api import Row, SkilljarApi
from lms_shared.model.fields import Kind
from lms_shared.model.markup import fragment, links, top_nodes, with_other_address, with_other_words
from lms_shared.model.normal_forms import equal

LESSON_TITLE = "Open the content"
LESSON_TYPE = "HTML"


class LinkLessons:
    """Reads and writes the lessons that link to content, each named by its course."""

    def __init__(self, api: SkilljarApi) -> None:
        self._api = api

    def of(self, course: str) -> Row | None:
        """The lesson of a course, or None."""
        return link_lesson(self._all(course))

    def write_link(self, course: str, address: str, title: str, lesson: Row | None) -> None:
        """Has a lesson link to an address; a course without one gets one behind its others."""
        if lesson is not None:
            text = with_address(lesson.get("content_html"), address, title)
            self._api.patch(f"lessons/{lesson['id']}", {"content_html": text})
        else:
            self.add(course, address, title, self._all(course))

    def rename_link(self, course: str, lesson: Row | None, old: str, new: str) -> None:
        """Gives the link another text where it still has the old one."""
        lesson = lesson or self.of(course)
        text = with_link_text(lesson.get("content_html"), old, new) if lesson else None
        if lesson is not None and text is not None:
            self._api.patch(f"lessons/{lesson['id']}", {"content_html": text})
            lesson["content_html"] = text

    def add(self, course: str, address: str, title: str, others: Sequence[Row]) -> None:
        """Makes a lesson behind the others of a course."""
        orders = [one["order"] for one in others if isinstance(one.get("order"), int)]
        body = {
            "course_id": course,
            "title": LESSON_TITLE,
            "type": LESSON_TYPE,
            "order": max(orders, default=0) + 1,
            "content_html": link_html(address, title),
        }
        self._api.post("lessons", body)

    def _all(self, course: str) -> list[Row]:
        return self._api.rows("lessons", {"course_id": course}, below_object=True)


def link_html(address: str, title: str) -> str:
    """The text of a new lesson."""
    return f'<p><a href="{html.escape(address)}" target="_blank" rel="noopener">{html.escape(title)}</a></p>'


def linked_address(content_html: str | None) -> str | None:
    """The address of the first link."""
    link = next(iter(links(content_html)), None)
    return None if link is None else link.address


def with_address(content_html: str | None, address: str, title: str) -> str:
    """The text with another address in its first link; everything that admins wrote around it stays."""
    text = content_html or ""
    link = next(iter(links(text)), None)
    return f"{text}{link_html(address, title)}" if link is None else with_other_address(text, link, address)


def with_link_text(content_html: str | None, old: str, new: str) -> str | None:
    """The text with another text in its first link, or None where the link has another text than the old one."""
    text = content_html or ""
    link = next(iter(links(text)), None)
    if link is None or not equal(Kind.TEXT, link.words, " ".join(old.split())):
        return None
    return with_other_words(text, link, new)


def link_lesson(lessons: Sequence[Row]) -> Row | None:
    """The lesson that this connector made: by its title, else the first that is nothing but a link."""
    texts = sorted((one for one in lessons if one.get("type") == LESSON_TYPE), key=lambda one: one.get("order") or 0)
    titled = [one for one in texts if one.get("title") == LESSON_TITLE]
    bare = [one for one in texts if _is_sole_link(one.get("content_html") or "")]
    return next(iter([*titled, *bare]), None)


def _is_sole_link(text: str) -> bool:
    """Whether a text shows a link and nothing else."""
    parsed = fragment(text)
    links = parsed.css("a")
    shown = "".join(node.text() for node in top_nodes(parsed) if not node.is_comment_node)
    return len(links) == 1 and links[0].text().split() == shown.split() and not parsed.css("img, iframe, video")
