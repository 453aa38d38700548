"""What a doctor looks at in version 2: a token, and a few pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from lms_shared.doctor import Answer, Reading, Readings, ReadingSession, could_not_tell, does_not_hold, holds
from lms_shared.skilljar_v2.api import PAGE_SIZE, V2Credentials
from lms_shared.skilljar_v2.documents import V2Page, flat, read_page
from lms_shared.skilljar_v2.token import TOKEN_PATH, scopes_of
from source_skilljar import dialect
from source_skilljar.cursors.timestamps import parse_timestamp

NO_CLIENT = could_not_tell("The config has no client of version 2.")
REFUSED = could_not_tell("The client of version 2 is refused, or may not list enrollments.")
NOTHING = could_not_tell("The organization has no enrollment to see it by.")
LONG_AGO = "2000-01-01T00:00:00Z"
FEW = 2
"""Domains whose published courses are listed."""
V2_GUESSES = (
    dialect.V2_SCOPES_IN_TOKEN,
    dialect.V2_STUDENTS_ARE_USERS,
    dialect.V2_SAME_PUBLICATIONS,
    dialect.V2_STUDENTS_INCLUDED,
    dialect.V2_ENROLLED_WINDOWS,
    dialect.V2_COMPLETED_WINDOWS,
)


class TwoVersions(AuthBase):
    """Signs requests of both versions, each with its own credentials."""

    def __init__(self, api_key: str, credentials: V2Credentials | None) -> None:
        self._key = HTTPBasicAuth(api_key, "")
        self._v2 = None if credentials is None else credentials.base_url
        self.token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._v2 is None or not str(request.url).startswith(self._v2):
            self._key(request)
            return request
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@dataclass(frozen=True)
class VersionTwo:
    """Version 2 of an organization, as far as a doctor looks at it."""

    session: ReadingSession
    auth: TwoVersions
    credentials: V2Credentials

    @staticmethod
    def token_paths(credentials: V2Credentials | None) -> frozenset[str]:
        """Where a POST changes nothing."""
        return frozenset() if credentials is None else frozenset({urlsplit(_address(credentials, TOKEN_PATH)).path})

    def sign_in(self) -> bool:
        """Fetches a token; whether there is one."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credentials.client_id,
            "client_secret": self.credentials.client_secret,
        }
        body = self.session.post(_address(self.credentials, TOKEN_PATH), form).body
        self.auth.token = str(body.get("access_token") or "") if isinstance(body, dict) else ""
        return bool(self.auth.token)

    def page(self, path: str, query: Mapping[str, str]) -> V2Page | None:
        """The first page of a list, None if it may not be read. Raises NotAList for an answer that is not a page."""
        asked = {"page[size]": str(PAGE_SIZE), **query}
        answer = self.session.get(_address(self.credentials, path), asked)
        return read_page(answer.body) if answer.status == 200 else None


class BothVersions(Protocol):
    """An organization as the probe reads it."""

    @property
    def session(self) -> ReadingSession: ...

    @property
    def version_two(self) -> VersionTwo | None: ...

    @property
    def domains(self) -> list[str]: ...

    def get(self, path: str, **params: Any) -> Answer: ...

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]: ...


def version_two(account: BothVersions) -> Readings:
    """A token, a page of enrollments, a page of completed ones, and the same objects in version 1."""
    two = account.version_two
    if two is None:
        return dict.fromkeys(V2_GUESSES, NO_CLIENT)
    if not two.sign_in():
        return dict.fromkeys(V2_GUESSES, REFUSED)
    scopes = scopes_of(two.auth.token)
    told = holds(f"It lists {len(scopes)} scopes.") if scopes else does_not_hold("It lists no scopes.")
    readings = dict.fromkeys(V2_GUESSES, REFUSED) | {dialect.V2_SCOPES_IN_TOKEN: told}
    page = two.page("enrollments/", {"include": "student"})
    if page is None:
        return readings
    rows = [flat(row) for row in page.rows]
    if not rows:
        return dict.fromkeys(V2_GUESSES, NOTHING) | {dialect.V2_SCOPES_IN_TOKEN: told}
    done = two.page("enrollments/", {"filter[completed_gte]": LONG_AGO})
    return {
        dialect.V2_SCOPES_IN_TOKEN: told,
        dialect.V2_STUDENTS_ARE_USERS: _known_in_version_one(account, rows[0].get("student_id")),
        dialect.V2_SAME_PUBLICATIONS: _same_publications(account, rows),
        dialect.V2_STUDENTS_INCLUDED: _all(
            rows, lambda row: bool(page.included.get(("students", str(row.get("student_id"))), {}).get("email"))
        ),
        dialect.V2_ENROLLED_WINDOWS: _all(rows, lambda row: parse_timestamp(row.get("enrolled_at")) is not None),
        dialect.V2_COMPLETED_WINDOWS: NOTHING
        if done is None or not done.rows
        else _all([flat(row) for row in done.rows], lambda row: row.get("completed_at") is not None),
    }


def _all(rows: list[dict[str, Any]], fits: Callable[[dict[str, Any]], bool]) -> Reading:
    fitting = sum(map(fits, rows))
    told = f"{fitting} of {len(rows)} rows show it."
    return holds(told) if fitting == len(rows) else does_not_hold(told)


def _known_in_version_one(account: BothVersions, student: Any) -> Reading:
    status = account.get(f"users/{quote(str(student), safe='')}").status
    told = f"Version 1 answers HTTP {status} for the user of a student's id."
    return holds(told) if status == 200 else does_not_hold(told)


def _same_publications(account: BothVersions, rows: list[dict[str, Any]]) -> Reading:
    named = {str(row.get("published_course_id")) for row in rows if row.get("domain_name") in account.domains[:FEW]}
    lists = (account.rows(f"domains/{domain}/published-courses") for domain in account.domains[:FEW])
    known = {str(row.get("id")) for listed in lists for row in listed}
    if not named:
        return NOTHING
    told = f"{len(named & known)} of {len(named)} are listed by version 1."
    # Deleted ones are listed by version 2 alone, and a long list has further pages.
    return holds(told) if named & known else does_not_hold(told)


def _address(credentials: V2Credentials, path: str) -> str:
    return f"{credentials.base_url}/{path}"
