"""Calls of version 2: lists by cursor, and batches of at most a hundred rows.

Errors: a failure of the server or the network is retried, then a transient_error; a refused client is a config_error;
what refuses a whole batch (400, 422) is for the caller, who halves it until the guilty row stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from airbyte_cdk.sources.streams.call_rate import APIBudget
from requests.auth import AuthBase

from lms_shared.errors import config_error, transient_error
from lms_shared.http.client import MAX_ATTEMPTS, JsonClient, Limits
from lms_shared.http.credentials import BearerToken
from lms_shared.http.list_answer import IncompleteList, Page, read_list
from lms_shared.http.outcome import UnreadableAnswer
from lms_shared.http.server_clock import ServerClock
from lms_shared.skilljar_v2.documents import BatchRow, Row, V2Page, flat, read_batch, read_page, reason_of
from lms_shared.skilljar_v2.token import RENEWED_BEFORE_END, TokenDesk

NAME = "Skilljar (version 2)"
PAGE_SIZE = 100
MAX_BATCH = 100
_NO_SCOPE = frozenset({403})


class BatchRefused(Exception):
    """A batch was refused as a whole, so that none of its rows was carried out."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class V2Credentials:
    """A client of version 2."""

    client_id: str
    client_secret: str
    base_url: str


class SkilljarV2:
    """One organization's API. Safe for threads."""

    def __init__(
        self,
        credentials: V2Credentials,
        limits: Limits,
        *,
        connections: int = 20,
        max_attempts: int = MAX_ATTEMPTS,
        budget: APIBudget | None = None,
        beside: JsonClient | None = None,
        clock: ServerClock | None = None,
    ) -> None:
        """`budget` is the quota of version 1 where calls of version 2 count in it, in place of `limits`; `beside` is
        its client, where requests of both are counted together. `clock` takes note of what time the API has."""
        self._clock = clock or ServerClock()

        def client(auth: AuthBase | None) -> JsonClient:
            return JsonClient(
                NAME,
                credentials.base_url,
                auth,
                limits,
                connections=connections,
                max_attempts=max_attempts,
                budget=budget,
                beside=beside,
            )

        desk = TokenDesk(client(None), credentials.client_id, credentials.client_secret)
        self._token = BearerToken(desk.fetch, renewed_before_end=RENEWED_BEFORE_END)
        self.client = client(self._token)

    def scopes(self) -> frozenset[str]:
        """What the client may do. Raises AirbyteTracedException (config_error) where it is refused."""
        return self._token.token().scopes

    def rows(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Row]:
        """All rows of a list, flat, page by page; rows of a list that changes meanwhile may come twice.

        Raises AirbyteTracedException (transient_error) where the list does not end.
        """
        for page in self.pages(path, params):
            yield from page

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[list[Row]]:
        """Like `rows`, page by page, so that what a list costs can be watched."""
        for page in self.pages_with_included(path, params):
            yield page.rows

    def pages_with_included(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[V2Page]:
        """Like `pages`, with the objects that `include` asks for. Rows are flat."""
        query = {"page[size]": str(PAGE_SIZE), **(params or {})}
        # `read_list` gives pages as they were asked for; what is beside the rows is kept until the page is given on.
        included: dict[int, Mapping[tuple[str, str], Row]] = {}

        def ask(more: Mapping[str, str]) -> Page:
            page = self._page(path, {**query, **more})
            included[id(page)] = page.included
            return page

        try:
            for page in read_list(lambda: ask({}), lambda cursor: ask({"page[cursor]": cursor})):
                yield V2Page([flat(row) for row in page.rows], included=included.pop(id(page)))
        except IncompleteList as broken:
            message = f"{NAME} did not give all of its list '{path}': {broken}. Run the sync again."
            raise transient_error(message) from broken

    def batch(self, method: str, path: str, rows: Sequence[Row], **envelope: Any) -> list[BatchRow]:
        """Carries out a batch of at most `MAX_BATCH` rows and says what became of each, in order.

        Raises BatchRefused where none was carried out, UnknownOutcome where nobody knows.
        """
        read: list[list[BatchRow]] = []
        response = self.client.call(
            method,
            path,
            json={**envelope, "data": list(rows)},
            repeatable=False,
            readable=lambda answer: read.append(read_batch(_decoded(answer), len(rows))),
        )
        if not response.ok:
            raise BatchRefused(response.status_code, reason_of(_told(response)) or f"status {response.status_code}")
        return read[-1]

    def _page(self, path: str, query: Mapping[str, str]) -> V2Page:
        read: list[V2Page] = []
        response = self.client.call(
            "GET",
            path,
            params=query,
            judged=_NO_SCOPE,
            readable=lambda answer: read.append(read_page(_decoded(answer))),
        )
        self._clock.note(response)
        if not response.ok:
            reason = reason_of(_told(response)) or f"status {response.status_code}"
            if response.status_code in _NO_SCOPE:
                raise config_error(
                    f"{NAME} does not let this client list '{path}': {reason}. Give it the scope in the Skilljar "
                    "dashboard, or use another client."
                )
            raise config_error(f"{NAME} refuses to list '{path}': {reason}. Check v2_base_url, which ends with /v2.")
        return read[-1]


def _decoded(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise UnreadableAnswer("not JSON") from None


def _told(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
