"""What all streams of one command share: settings, calls, pages, and what was learned about the API on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from airbyte_cdk.sources.message import MessageRepository

from lms_shared.errors import config_error
from lms_shared.http.client import MAX_ATTEMPTS, Limits
from lms_shared.http.server_clock import ServerClock
from lms_shared.skilljar_v2.api import SkilljarV2
from source_skilljar.config import Settings
from source_skilljar.cursors.stream_ends import StreamEnds
from source_skilljar.declarations import StreamDeclaration, Streams
from source_skilljar.http.answers import Answer, Meaning, page_of
from source_skilljar.http.availability import Availability
from source_skilljar.http.list_counts import ListCounts
from source_skilljar.http.list_reader import ListReader
from source_skilljar.http.rate_limit_status import RateLimitStatus
from source_skilljar.http.response_cache import ResponseCache, Stored
from source_skilljar.http.transport import CHECK_ATTEMPTS, Transport
from source_skilljar.partitions.parent_rows import ParentRows
from source_skilljar.records.shape import RecordShape, dig
from source_skilljar.v2.reader import V2Reader

Row = dict[str, Any]

KEY_REFUSED = (
    "Skilljar refuses this API key everywhere. Enter an active key of the organization (dashboard, Organization "
    "settings, API Credentials). The Starter package has no API."
)
WRONG_ADDRESS = "No Skilljar API answers at base_url. Correct it, or remove it to use the public address."
PUBLISHED_COURSES = "published_courses"
DOMAINS = "domains"
"""Every organization has a domain, so a key that cannot list them can read nothing."""


class RunContext:
    """One command of the connector. Safe for threads."""

    def __init__(
        self, settings: Settings, streams: Streams, messages: MessageRepository, *, for_check: bool = False
    ) -> None:
        self.settings = settings
        self.streams = streams
        self.messages = messages
        self.shown = RateLimitStatus(messages)
        self._clock = ServerClock()
        self.transport = Transport(settings, self.shown, self._clock, for_check=for_check)
        self.shared_lists: frozenset[tuple[str, str]] = frozenset()
        """Lists whose pages more than one reader needs."""
        self.counts = ListCounts()
        self.availability = Availability(self._check_key)
        self.ends = StreamEnds(self.availability.is_refused)
        self.parents = ParentRows(streams, self.records)
        self._cache = ResponseCache()
        self._began = datetime.now(UTC)
        self._reader = ListReader(
            settings.base_url, self._fetch, self.availability, self.ends.parent_gone, self.counts.note
        )
        self.version_two = self._version_two(for_check=for_check)
        self._shapes = {name: RecordShape(declared, settings.domain_names) for name, declared in streams.items()}

    def began(self) -> datetime:
        """When this command began, by Skilljar's clock: no page is older."""
        return self._clock.at(self._began)

    def records(
        self, declared: StreamDeclaration, ids: Mapping[str, Any], query: Mapping[str, str] | None = None
    ) -> Iterator[Row]:
        """The records of one list of a stream, for the ids of its parents. Raises as ListReader.rows does."""
        shape = self._shapes[declared.name]
        for rows in self._reader.rows(declared, ids, query or {}):
            yield from shape.records(rows, ids)

    def check_domains(self) -> None:
        """Raises config_error for a configured domain that the organization does not have."""
        found = {str(record.get("name")).lower() for record in self.records(self.streams[DOMAINS], {})}
        missing = sorted(self.settings.domain_names - found)
        if missing:
            raise config_error(f"The organization has no domain {', '.join(missing)}. Correct or remove it in domains.")

    def _version_two(self, *, for_check: bool) -> V2Reader | None:
        """What reads version 2, if the config has a client for it."""
        credentials = self.settings.v2_credentials
        if credentials is None:
            return None
        client = SkilljarV2(
            credentials,
            Limits(),
            connections=self.settings.num_workers,
            max_attempts=CHECK_ATTEMPTS if for_check else MAX_ATTEMPTS,
            budget=self.transport.budget if self.settings.v2_shares_quota else None,
            clock=self._clock,
        )
        return V2Reader(client, self.settings.domain_names, self._course_ids)

    def _course_ids(self) -> dict[str, Any]:
        """The courses of all published courses, through version 1."""
        declared = self.streams[PUBLISHED_COURSES]
        rows = (row for ids in self.parents.lists(declared) for row in self.records(declared, ids.values))
        return {str(row["id"]): dig(row, "course.id") for row in rows if row.get("id") is not None}

    def _fetch(self, url: str, declared: StreamDeclaration, edition: int) -> Answer:
        if declared.list_address not in self.shared_lists:
            return self.transport.get(url, declared)

        def fetch() -> Stored:
            answer = self.transport.get(url, declared)
            return answer.status, answer.content

        status, content = self._cache.get(url, edition, fetch)
        if 200 <= status < 300:
            return Answer(status, content, Meaning.PAGE, page_of(content, declared))
        return Answer(status, content, Meaning.NOT_SERVED)

    def _check_key(self) -> None:
        """Raises config_error when even the list of domains is refused."""
        url = self.streams[DOMAINS].first_url(self.settings.base_url, {}, {})
        status, _ = self._cache.get(f"{url}#key", 1, lambda: self._domains(url))
        if status in (401, 403):
            raise config_error(KEY_REFUSED)
        if not 200 <= status < 300:
            raise config_error(WRONG_ADDRESS)

    def _domains(self, url: str) -> Stored:
        answer = self.transport.get(url, self.streams[DOMAINS])
        return answer.status, answer.content
