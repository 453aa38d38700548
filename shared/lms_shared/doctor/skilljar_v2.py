"""Version 2 of Skilljar's API, as far as a doctor looks at it: a token, and first pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from lms_shared.doctor.session import ReadingSession
from lms_shared.skilljar_v2.api import PAGE_SIZE, V2Credentials
from lms_shared.skilljar_v2.documents import V2Page, read_page
from lms_shared.skilljar_v2.token import TOKEN_PATH


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
class VersionTwoAccount:
    """Version 2 of an organization, as far as a doctor looks at it."""

    session: ReadingSession
    auth: TwoVersions
    credentials: V2Credentials

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


def open_both(api_key: str, credentials: V2Credentials | None) -> tuple[ReadingSession, VersionTwoAccount | None]:
    """A session that reads both versions, and the second one if there is a client."""
    auth = TwoVersions(api_key, credentials)
    if credentials is None:
        return ReadingSession(auth), None
    # A POST to this path changes nothing.
    session = ReadingSession(auth, posts=frozenset({urlsplit(_address(credentials, TOKEN_PATH)).path}))
    return session, VersionTwoAccount(session, auth, credentials)


def _address(credentials: V2Credentials, path: str) -> str:
    return f"{credentials.base_url}/{path}"
