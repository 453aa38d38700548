"""Reads the lists of version 2: what the client may read, and rows that stand alone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.errors import config_error
from lms_shared.skilljar_v2.api import SkilljarV2
from lms_shared.skilljar_v2.documents import V2Page
from source_skilljar.cursors.timestamps import format_timestamp
from source_skilljar.declarations import V2Changes
from source_skilljar.records.shape import SECRETS, without
from source_skilljar.v2.streams import (
    PUBLISHED_COURSES,
    PUBLISHED_COURSES_SCOPE,
    STUDENT,
    STUDENTS_SCOPE,
    V2_STREAMS,
    V2Stream,
)

LOGGER = logging.getLogger("airbyte.source_skilljar")

Row = dict[str, Any]
CourseIds = Mapping[str, Any]
"""Ids of courses by those of their published courses."""

NO_CLIENT = (
    "Stream {}: it is read through version 2 of the API. Enter v2_client_id and v2_client_secret, or deselect the "
    "stream."
)


@dataclass(frozen=True)
class GrantedScopes:
    """What a client may read: the streams, and the scopes that it lacks with what is left out for each."""

    streams: tuple[V2Stream, ...]
    missing: Mapping[str, str]

    def told(self) -> str:
        """A sentence for each scope that is missing."""
        return " ".join(
            f"The client of version 2 lacks the scope {scope}: {left_out}." for scope, left_out in self.missing.items()
        )


class V2Reader:
    """Reads for all streams of a command. Safe for threads."""

    def __init__(
        self, client: SkilljarV2, domains: frozenset[str], course_ids_of_version_one: Callable[[], CourseIds]
    ) -> None:
        """`domains` are host names to read, empty for all. `course_ids_of_version_one` lists published courses for a
        client that may not."""
        self._client = client
        self._domains = domains
        self._course_ids_of_version_one = course_ids_of_version_one
        self._courses = threading.Lock()
        self._course_ids: CourseIds | None = None
        self._listed_again = False
        self._students = threading.Lock()
        self._students_refused = False

    def access(self) -> GrantedScopes:
        """What the client may read.

        Raises AirbyteTracedException: config_error for a client that is refused, transient_error for lasting trouble.
        """
        streams = tuple(one for one in V2_STREAMS.values() if self._may_list(one.path, one.scope))
        missing = {one.scope: f"stream {one.name} is left out" for one in V2_STREAMS.values() if one not in streams}
        if not self._may_list(PUBLISHED_COURSES, PUBLISHED_COURSES_SCOPE):
            missing[PUBLISHED_COURSES_SCOPE] = (
                "published courses are listed through version 1, and course_id stays empty where one was deleted"
            )
        return GrantedScopes(streams, missing)

    def require(self, stream: V2Stream) -> None:
        """Raises AirbyteTracedException (config_error) where the client may not read a stream."""
        scopes = self._client.scopes()
        if scopes and stream.scope not in scopes:
            raise config_error(
                f"Stream {stream.name}: the client of version 2 lacks the scope {stream.scope}. Give it this scope in "
                "the Skilljar dashboard, or deselect the stream."
            )

    def prepare(self, stream: V2Stream) -> None:
        """Lists what the rows of a stream are joined with, before the first of them is read."""
        if stream.joins_course:
            with self._courses:
                if self._course_ids is None:
                    self._course_ids = self._listed_course_ids()

    def pages(self, stream: V2Stream, query: Mapping[str, str]) -> Iterator[list[Row]]:
        """The records of a stream, page by page. Raises as SkilljarV2.rows does."""
        asked = dict(query)
        if self._domains:
            asked["filter[domains]"] = ",".join(sorted(self._domains))
        for page in self._pages(stream, asked):
            records = [self._record(stream, row, page) for row in page.rows]
            yield [one for one in records if self._is_wanted(one)]

    def changed_parents(self, changes: V2Changes, since: datetime) -> frozenset[str] | None:
        """The ids of parents below which something changed since a moment; None where the client may not ask.

        Raises AirbyteTracedException (transient_error) for lasting trouble.
        """
        if not self._may_list(changes.path, changes.scope):
            return None
        rows = self._client.rows(changes.path, {f"filter[{changes.filter}]": format_timestamp(since)})
        return frozenset(str(row[changes.parent]) for row in rows if row.get(changes.parent) is not None)

    def _pages(self, stream: V2Stream, asked: Mapping[str, str]) -> Iterator[V2Page]:
        """The pages of a list, with students as long as the client may include them."""
        pages = self._opened(stream, asked, without=frozenset())
        if STUDENT not in stream.include:
            yield from pages
            return
        if self._students_refused:
            yield from self._opened(stream, asked, without=frozenset({STUDENT}))
            return
        try:
            first = list(islice(pages, 1))
        except AirbyteTracedException as error:
            if error.failure_type is not FailureType.config_error:
                raise
            # Whatever else is refused is refused without students too.
            pages = self._opened(stream, asked, without=frozenset({STUDENT}))
            first = list(islice(pages, 1))
            self._note_refused_students(stream)
        yield from first
        yield from pages

    def _opened(self, stream: V2Stream, asked: Mapping[str, str], without: frozenset[str]) -> Iterator[V2Page]:
        included = ",".join(one for one in stream.include if one not in without)
        return self._client.pages_with_included(stream.path, {**asked, **({"include": included} if included else {})})

    def _note_refused_students(self, stream: V2Stream) -> None:
        with self._students:
            if not self._students_refused:
                self._students_refused = True
                LOGGER.warning(
                    "Stream %s: the client of version 2 may not read the students of %s, so student_email is null in "
                    "all records. Give it the scope %s in the Skilljar dashboard.",
                    stream.name,
                    stream.name,
                    STUDENTS_SCOPE,
                )

    def _may_list(self, path: str, scope: str) -> bool:
        """Whether the client may read a list: by its token, or, where that does not say, by a try."""
        scopes = self._client.scopes()
        if scopes:
            return scope in scopes
        try:
            next(self._client.pages(path, {"page[size]": "1"}), None)
        except AirbyteTracedException as error:
            if error.failure_type is not FailureType.config_error:
                raise
            return False
        return True

    def _listed_course_ids(self) -> CourseIds:
        scopes = self._client.scopes()
        if not scopes or PUBLISHED_COURSES_SCOPE in scopes:
            rows = self._client.rows(PUBLISHED_COURSES)
            return {str(row["id"]): row.get("course_id") for row in rows}
        LOGGER.info("The client of version 2 may not list published courses; they are listed through version 1.")
        return self._course_ids_of_version_one()

    def _course_id(self, published_course_id: Any) -> Any:
        if published_course_id is None:
            return None
        with self._courses:
            known = self._course_ids or {}
            if str(published_course_id) not in known and not self._listed_again:
                # A course that was published after they were listed; once, since others are gone for good.
                self._listed_again = True
                known = self._course_ids = self._listed_course_ids()
            return known.get(str(published_course_id))

    def _record(self, stream: V2Stream, row: Row, page: V2Page) -> Row:
        record = {**dict.fromkeys(stream.links), **row}
        without(record, SECRETS)
        if stream.joins_course:
            student = page.included.get(("students", str(record["student_id"])), {})
            record["student_email"] = student.get("email")
            record["course_id"] = self._course_id(record["published_course_id"])
        return record

    def _is_wanted(self, record: Row) -> bool:
        domain = record.get("domain_name")
        return not self._domains or domain is None or str(domain).lower() in self._domains
