"""Web packages, which Skilljar processes for a while after they were made (Skilljar API, slow work)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from destination_skilljar.api import SkilljarApi
from destination_skilljar.content.labels import Labels
from destination_skilljar.settings import Settings
from destination_skilljar.stamp import MAX_LABEL
from lms_shared.adapter.adapter import Values
from lms_shared.adapter.remote import RecordRejected
from lms_shared.resources.hooks import ResourceHooks
from lms_shared.resources.resource import Row

logger = logging.getLogger("airbyte")

PROCESSING = "PROCESSING"
POLL_WAIT = 10.0
"""Seconds between two looks at a web package. Skilljar API, slow work: 10 s, for up to 2 minutes, is enough."""
POLLS = 12
LONGEST_ID = 32
"""Characters that an id of Skilljar has at most; those seen have 13."""


class WebPackageOfLesson(ResourceHooks):
    """A lesson on a web package that is still processed may be refused."""

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        self._api = api

    def before_write(self, values: Values) -> None:
        package = values.get("content_web_package_id")
        if package is not None and _settled(self._api, package) is None:
            raise RecordRejected(
                "REMOTE.PROCESSING",
                "the web package is still being processed by Skilljar",
                "Write the record again in some minutes.",
            )


class ProcessedPackage(ResourceHooks):
    """Processing replaces the title of a web package by the one inside of it, which normally is another.

    Packages have no place for an outside reference (Skilljar API, writing), so a label keeps the id by the title that
    was sent. It is made before anybody knows the title inside, because a sync may end at any time.
    """

    def __init__(self, api: SkilljarApi, settings: Settings) -> None:
        self._api = api
        self._labels = Labels(api)
        self._prefix = f"web-package:{settings.namespace}:"
        self._lock = threading.Lock()
        self._titles: dict[str, str] | None = None
        """Titles under which packages were sent, or what stands for these, by package."""

    def shape(self, values: dict[str, Any]) -> dict[str, Any]:
        longest = MAX_LABEL - len(self._label("x" * LONGEST_ID, ""))
        if len(values.get("title", "")) > longest:
            raise RecordRejected(
                "INPUT.LENGTH",
                f"title is longer than {longest} characters",
                "Shorten title; nothing is cut silently.",
            )
        return values

    def listed(self, row: Row) -> Iterable[Row]:
        yield row
        sent = self._sent().get(str(row["id"]))
        if sent is not None:
            yield {**row, "title": sent}

    def meant(self, values: Values, row: Row) -> Values:
        """A title only finds a package: no call can change it."""
        return {name: value for name, value in values.items() if name != "title"}

    def created(self, row: Row, values: Values) -> Row:
        package, title = str(row["id"]), str(values["title"])
        label = self._remember(package, title)
        settled = _settled(self._api, package)
        if settled is None:
            logger.warning("A web package is still being processed by Skilljar; its title may change.")
        elif settled.get("title") == title:
            self._forget(package, label)
        else:
            logger.info("Web package %s has another title inside; it is found again by the one that was sent.", package)
        return {**row, **(settled or {}), "title": title}

    def incomplete(self, row: Row) -> bool:
        return row.get("state") == PROCESSING and str(row["id"]) not in self._sent()

    def finish(self, row: Row) -> None:
        self._remember(str(row["id"]), str(row["title"]))

    def removed(self, row: Row) -> None:
        package = str(row["id"])
        if package in self._sent():
            name = self._label(package, self._sent()[package])
            self._forget(
                package, next((str(one["id"]) for one in self._api.rows("labels") if one["name"] == name), None)
            )

    def _sent(self) -> dict[str, str]:
        with self._lock:
            if self._titles is None:
                names = (str(row.get("name")) for row in self._api.rows("labels"))
                ours = (name.removeprefix(self._prefix) for name in names if name.startswith(self._prefix))
                self._titles = {package: title for package, _, title in (one.partition(":") for one in ours)}
            return self._titles

    def _remember(self, package: str, title: str) -> str:
        label = self._labels.ensure(self._label(package, title))
        self._sent()[package] = title
        return label

    def _forget(self, package: str, label: str | None) -> None:
        if label is not None:
            self._api.delete(f"labels/{label}")
        self._sent().pop(package, None)

    def _label(self, package: str, title: str) -> str:
        return f"{self._prefix}{package}:{title}"


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
