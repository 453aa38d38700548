"""What a resource does that no declaration can say: one small class for each, named in the TOML files."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from destination_skilljar.api import SkilljarApi
from destination_skilljar.content.labels import Labels
from destination_skilljar.content.web_packages import ProcessedPackage, WebPackageOfLesson
from destination_skilljar.publishing.closed import ClosedCourse, ClosedPath
from destination_skilljar.settings import Settings
from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import RecordRejected, is_planned
from lms_shared.model.scalars import format_instant
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Row, dotted

logger = logging.getLogger("airbyte")


class Hooks(ResourceHooks):
    """Hooks that make calls of their own."""

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        self.api = api
        self.settings = settings


class CourseLabels(Hooks):
    """What `labels` of a course's body does is not documented: it may make missing labels, refuse or leave them out,
    and it may replace the labels that the course has, add to them or do nothing. What it leaves undone is done label
    by label."""

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        super().__init__(api, settings)
        self._labels = Labels(api)
        self._lock = threading.Lock()
        self._there: set[str] = set()
        """Names of all labels, once they had to be read."""

    def mended(self, values: Values) -> bool:
        names = set(values.get("labels") or ())
        if not names:
            return False
        with self._lock:
            there = self._there or {str(row.get("name")) for row in self.api.rows("labels")}
            for name in sorted(names - there):
                self._labels.ensure(name)
            self._there = there | names
        return True

    def not_kept(self, row: Row, names: list[str], written: Values, before: Values) -> list[str]:
        if "labels" not in names:
            return names
        course, held, wanted = f"courses/{row['id']}", set(row.get("labels") or []), set(written["labels"])
        for name in sorted(wanted - held):
            self._labels.link(course, name)
        # Labels that came meanwhile are not in the plan, so they stay.
        unwanted = set(before.get("labels") or []) - wanted
        if unwanted:
            self._labels.unlink(course, unwanted)
        row["labels"] = sorted((held | wanted) - unwanted)
        return [name for name in names if name != "labels"]


class RatingBlocks(Hooks):
    """Blocks are listed by the content items that show them."""

    def listed(self, row: Row) -> Iterable[Row]:
        return ({"id": row["content_rating_id"]},) if row.get("content_rating_id") else ()


class WrappedPaths(Hooks):
    """Older answers wrap each path."""

    def listed(self, row: Row) -> Iterable[Row]:
        return (row["path"],) if isinstance(row.get("path"), dict) else (row,)


class OffersOfPool(Hooks):
    """The description has rows of `{offers: […]}`; plain offers are as likely."""

    def listed(self, row: Row) -> Iterable[Row]:
        offers = row.get("offers")
        return [{"offer_id": one["id"]} for one in (offers if isinstance(offers, list) else [row])]


class NoMail(Hooks):
    """An invite sends mail unless it is told not to."""

    def create_body(self, body: dict[str, Any], values: Values) -> dict[str, Any]:
        wanted = body.get("send_email", True)
        if wanted and not self.settings.send_notifications:
            logger.info("An invite is made without mail, because send_notifications is off.")
        return {**body, "send_email": bool(wanted) and self.settings.send_notifications}


class OneWayToNameAStudent(Hooks):
    """A seat is given by id or by e-mail address, never by both."""

    def create_body(self, body: dict[str, Any], values: Values) -> dict[str, Any]:
        student: Mapping[str, Any] = {**(body.get("student") or {}), **_given(id=values.get("student_id"))}
        named = {"id": student["id"]} if student.get("id") else {"email": student.get("email")}
        return {**body, "student": named}


class NamedByAddress(Hooks):
    """An asset whose record has no name: the API names it by its address, so that is its name here too."""

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        address = values.get("content_url") or values.get("embed_link_url")
        if "name" not in values and address and "id" not in values:
            values["name"] = unquote(urlsplit(str(address)).path.rstrip("/").rpartition("/")[2]) or str(address)
        return values


class DatedEnrollment(Hooks):
    """A new enrollment without a date is dated now: without one, each try would make another enrollment."""

    def create_body(self, body: dict[str, Any], values: Values) -> dict[str, Any]:
        return {"enrolled_at": format_instant(datetime.now(UTC).replace(microsecond=0)), **body}


class Registration(Hooks):
    """A registration is made by enrollment and shown by user (Skilljar API, answers), so one tells the other."""

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        super().__init__(api, settings)
        self._courses: dict[str, str | None] = {}
        """Courses of sessions; two threads may read the same one."""

    def complete(self, values: Values) -> Values:
        if "user" in values or "enrollment_id" not in values or "id" in values or is_planned(values["vilt_session"]):
            return values
        return {**values, "user": self._user(str(values["vilt_session"]), str(values["enrollment_id"]))}

    def create_body(self, body: dict[str, Any], values: Values) -> dict[str, Any]:
        if "enrollment_id" in body:
            return body
        return {**body, "enrollment_id": self._enrollment(str(values["vilt_session"]), str(values["user"]))}

    def _user(self, session: str, enrollment: str) -> str:
        domain = f"domains/{self.settings.domain}/published-courses"
        course = self._course(session)
        for publication in self.api.rows(domain, {"course__id": course}) if course else ():
            row = self.api.item(f"{domain}/{publication['id']}/enrollments", enrollment)
            user = dotted(row, "user.id")
            if user is not None:
                return str(user)
        raise RecordRejected(
            "REFERENCE.NOT_FOUND",
            "enrollment_id is not the id of an enrollment in the session's course on the domain",
            "Correct enrollment_id, or send the user beside it.",
        )

    def _enrollment(self, session: str, user: str) -> str:
        """The latest enrollment of a user in the session's course."""
        course = self._course(session)
        for row in self.api.rows(f"users/{user}/published-courses", below_object=True) if course else ():
            here = str(row.get("domain_name")).lower() == self.settings.domain
            if here and str(dotted(row, "course.id")) == course and row.get("enrollment_id") is not None:
                return str(row["enrollment_id"])
        raise RecordRejected(
            "REFERENCE.NOT_FOUND",
            "the user is not enrolled in the session's course on the domain",
            "Write the enrollment first or in the same sync, or send its id in enrollment_id.",
        )

    def _course(self, session: str) -> str | None:
        """The course of a session, whose lesson is its own or that of its multi-session event."""
        if session not in self._courses:
            row = self.api.item("ilt-sessions", session) or {}
            event = row.get("multi_session_event")
            if row.get("lesson") is None and event is not None:
                row = self.api.item("ilt-multi-session-events", str(event)) or {}
            lesson = self.api.item("lessons", str(row["lesson"])) if row.get("lesson") else None
            self._courses[session] = None if lesson is None else str(lesson["course_id"])
        return self._courses[session]


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


HOOKS: Mapping[str, Callable[[SkilljarApi, Settings], ResourceHooks]] = {
    "": Hooks,
    "course_labels": CourseLabels,
    "web_package_of_lesson": WebPackageOfLesson,
    "processed_package": ProcessedPackage,
    "rating_blocks": RatingBlocks,
    "wrapped_paths": WrappedPaths,
    "offers_of_pool": OffersOfPool,
    "no_mail": NoMail,
    "named_by_address": NamedByAddress,
    "dated_enrollment": DatedEnrollment,
    "registration": Registration,
    "closed_course": ClosedCourse,
    "closed_path": ClosedPath,
    "one_way_to_name_a_student": OneWayToNameAStudent,
}
