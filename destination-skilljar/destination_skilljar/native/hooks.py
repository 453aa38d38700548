"""What a resource does that no declaration can say: one small class for each, named in the TOML files."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from destination_skilljar.api import SkilljarApi
from destination_skilljar.settings import Settings
from destination_skilljar.sinks.labels import Labels
from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import RecordRejected
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Row, dotted

logger = logging.getLogger("airbyte")

PROCESSING = "PROCESSING"
POLL_WAIT = 10.0
"""Seconds between two looks at a web package. Skilljar API, slow work: 10 s, for up to 2 minutes, is enough."""
POLLS = 12


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
        course, held, wanted = str(row["id"]), set(row.get("labels") or []), set(written["labels"])
        for name in sorted(wanted - held):
            self._labels.link(course, name)
        # Labels that came meanwhile are not in the plan, so they stay.
        unwanted = set(before.get("labels") or []) - wanted
        if unwanted:
            self._unlink(course, unwanted)
        row["labels"] = sorted((held | wanted) - unwanted)
        return [name for name in names if name != "labels"]

    def _unlink(self, course: str, names: set[str]) -> None:
        path = f"courses/{course}/labels"
        for link in self.api.rows(path, below_object=True):
            if dotted(link, "label.name") in names:
                self.api.delete(f"{path}/{dotted(link, 'label.id')}")


class WebPackageOfLesson(Hooks):
    """A lesson on a web package that is still processed may be refused."""

    def before_write(self, values: Values) -> None:
        package = values.get("content_web_package_id")
        if package is not None and _settled(self.api, package) is None:
            raise RecordRejected(
                "REMOTE.PROCESSING",
                "the web package is still being processed by Skilljar",
                "Write the record again in some minutes.",
            )


class ProcessedPackage(Hooks):
    """The title of a web package is replaced by its own one in the end, by which alone it can be found again."""

    def created(self, row: Row, values: Values) -> Row:
        package = _settled(self.api, str(row["id"]))
        if package is None:
            logger.warning("A web package is still being processed by Skilljar; its title may change.")
            return row
        if package.get("title") != values["title"]:
            self.api.delete(f"web-packages/{row['id']}")
            raise RecordRejected(
                "REMOTE.TITLE",
                f"the title inside the web package is '{package.get('title')}', and Skilljar keeps no other",
                "Send that title: it is how the package is found again. The new package was removed.",
            )
        return {**row, **package}


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

    def create_body(self, body: dict[str, Any]) -> dict[str, Any]:
        wanted = body.get("send_email", True)
        if wanted and not self.settings.send_notifications:
            logger.info("An invite is made without mail, because send_notifications is off.")
        return {**body, "send_email": bool(wanted) and self.settings.send_notifications}


class OneWayToNameAStudent(Hooks):
    """A seat is given by id or by e-mail address, never by both."""

    def create_body(self, body: dict[str, Any]) -> dict[str, Any]:
        student: Mapping[str, Any] = body.get("student") or {}
        named = {"id": student["id"]} if student.get("id") else {"email": student.get("email")}
        return {**body, "student": named}


HOOKS: Mapping[str, Callable[[SkilljarApi, Settings], Hooks]] = {
    "": Hooks,
    "course_labels": CourseLabels,
    "web_package_of_lesson": WebPackageOfLesson,
    "processed_package": ProcessedPackage,
    "rating_blocks": RatingBlocks,
    "wrapped_paths": WrappedPaths,
    "offers_of_pool": OffersOfPool,
    "no_mail": NoMail,
    "one_way_to_name_a_student": OneWayToNameAStudent,
}


def _settled(api: SkilljarApi, package: str) -> Row | None:
    """The web package once it is processed, or None where that takes too long. Raises RecordRejected for none."""

    def read() -> Row:
        row = api.get(f"web-packages/{package}")
        if row is None:
            raise RecordRejected(
                "REFERENCE.NOT_FOUND", "there is no such web package", "Correct content_web_package_id."
            )
        return row

    polling = Retrying(
        retry=retry_if_result(lambda row: row.get("state") == PROCESSING),
        stop=stop_after_attempt(POLLS),
        wait=wait_fixed(POLL_WAIT),
    )
    try:
        return polling(read)
    except RetryError:
        return None
