"""Calls of the Skilljar REST API, version 1: paging, refusals, and nothing of what they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from destination_skilljar import dialect
from destination_skilljar.dialect import Learned
from lms_shared.adapter.list_or_ask import Listing
from lms_shared.adapter.remote import RecordRejected
from lms_shared.errors import config_error, transient_error
from lms_shared.http.body import json_of
from lms_shared.http.client import JsonClient
from lms_shared.http.list_answer import IncompleteList, ListShape, Page, each_once, read_list, read_page
from lms_shared.http.metrics import operation_of
from lms_shared.http.outcome import UnreadableAnswer
from lms_shared.privacy import mask_emails

Row = dict[str, Any]

PAGE_SIZE = dialect.PAGE_SIZE.assumed
"""Asked of every list. Skilljar API, paging: the server caps sizes silently, and ignores the parameter where it is not
documented; pages are followed by `next`, never computed."""
MAX_REASON = 500


_BARE = re.compile(r"users/[^/]+/(published-courses|plan-enrollments|published-path-enrollments)")
"""Lists that come as a bare array, or in pages as the older reference has it (Skilljar API, paging)."""


class SkilljarApi:
    """One organization's API. Safe for threads."""

    def __init__(self, client: JsonClient) -> None:
        self.client = client
        self.learned = Learned()

    def get(self, path: str) -> Row | None:
        """One object, or None if there is none (404, or null in its place).

        Raises RecordRejected for any other refusal.
        """
        response = self.client.call("GET", path, readable=_object)
        return None if response.status_code == 404 else _accepted(response)

    def item(self, collection: str, item_id: str) -> Row | None:
        """The object with an id that comes from a record, and so may be any text; None if there is none (404)."""
        return None if item_id in (".", "..") else self.get(f"{collection}/{quote(item_id, safe='@')}")

    def listing(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        below_object: bool = False,
        may_repeat: bool = False,
    ) -> Listing[Row]:
        """A paged list, opened: its first page is read, the others as its rows are taken. Rows of a list that changes
        meanwhile may come twice; with `may_repeat` so may those that stay as they are.

        Lists of the organization and of its domain are always there; one that hangs below an object is empty where the
        object is gone.

        Raises AirbyteTracedException (config_error) where a list that is always there is not, and (transient_error)
        where an answer is not a list or rows are missing.
        """
        shape = ListShape.EITHER if _BARE.fullmatch(path) else ListShape.ENVELOPE
        query = {"page_size": PAGE_SIZE, **(params or {})}

        def first_page() -> Page:
            page = self._page(path, query, shape)
            if page is None and not below_object:
                raise config_error(
                    f"Skilljar at {self.client.base_url} has no list '{path}'. Correct domain_name and base_url, which "
                    "ends with /v1."
                )
            return page or Page([])

        first = first_page()
        opened = iter((first,))
        pages = read_list(lambda: next(opened, None) or first_page(), lambda link: self._page(link, None, shape))
        size = len(first.rows)
        return Listing(
            count=size if first.count is None else first.count,
            page_size=max(1, size) if first.following else max(1, size, first.count or 0),
            rows=_rows_of(path, pages, may_repeat=may_repeat),
        )

    def rows(self, path: str, params: Mapping[str, str] | None = None, *, below_object: bool = False) -> list[Row]:
        """All rows of a list, each once."""
        return list(self.listing(path, params, below_object=below_object).rows)

    def _page(self, path: str, params: Mapping[str, Any] | None, shape: ListShape) -> Page | None:
        """One page of a list, None where it is not there (404)."""
        read: list[Page] = []
        response = self.client.call(
            "GET",
            path,
            params=params,
            readable=lambda answer: read.append(read_page(_decoded(answer), shape)),
            # First pages that go well say nothing of a later one that never does.
            operation=None if params else f"{operation_of('GET', urlsplit(path).path)}, later page",
        )
        if response.status_code == 404:
            return None
        _refuse(response)
        return read[-1]

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        repeatable: bool = False,
        optional: bool = False,
        answered: bool = True,
    ) -> Row:
        """Creates. Raises RecordRejected where it is refused, UnknownOutcome where it may not be repeated blindly.

        `optional` is for calls that an organization may lack: a 403 refuses them alone. `answered`: whether the call
        answers with the object; one that does not gives an empty row.
        """
        response = self.client.call(
            "POST",
            path,
            json=body,
            repeatable=repeatable,
            optional=optional,
            readable=_written if answered else None,
        )
        _refuse(response)
        return (_object(response) if answered else None) or {}

    def patch(self, path: str, body: Mapping[str, Any]) -> Row:
        """Changes the fields of the body and no others. Raises RecordRejected where it is refused."""
        return _accepted(self.client.call("PATCH", path, json=body, readable=_written)) or {}

    def put(self, path: str, body: Mapping[str, Any]) -> Row:
        """Writes a whole row. Raises RecordRejected where it is refused."""
        return _accepted(self.client.call("PUT", path, json=body, readable=_written)) or {}

    def delete(self, path: str) -> None:
        """Removes; what is gone already is fine. Raises RecordRejected where it is refused."""
        response = self.client.call("DELETE", path)
        if response.status_code != 404:
            _refuse(response)


def _rows_of(path: str, pages: Iterator[Page], *, may_repeat: bool) -> Iterator[Row]:
    try:
        yield from (row for page in pages for row in page.rows) if may_repeat else each_once(pages)
    except IncompleteList as broken:
        message = f"Skilljar did not give all of its list '{path.partition('/')[0]}': {broken}. Run the sync again."
        raise transient_error(message) from broken


def _decoded(response: requests.Response) -> Any:
    """The JSON value of an answer. Raises UnreadableAnswer where it has none."""
    if not response.content.strip():
        raise UnreadableAnswer("an empty body")
    try:
        return json_of(response)
    except ValueError:
        raise UnreadableAnswer("no JSON") from None


def _object(response: requests.Response) -> Row | None:
    """The object of an answer, None for null. Raises UnreadableAnswer for anything else."""
    body = _decoded(response)
    if body is not None and not isinstance(body, dict):
        raise UnreadableAnswer("no object")
    return body


def _written(response: requests.Response) -> None:
    """Raises UnreadableAnswer where a write does not answer with the object."""
    if _object(response) is None:
        raise UnreadableAnswer("null")


def _accepted(response: requests.Response) -> Row | None:
    """The object of an answer that is readable. Raises RecordRejected for a refusal."""
    _refuse(response)
    return _object(response)


def _refuse(response: requests.Response) -> None:
    if not response.ok:
        raise RecordRejected(
            f"REMOTE.{response.status_code}",
            f"Skilljar refuses it: {_reason(response)}",
            "Correct what the reason names, in the source or in Skilljar, and write the record again.",
        )


def _reason(response: requests.Response) -> str:
    """The fields and messages of an error body. Skilljar API, errors: field name → message or list of messages."""
    try:
        body = response.json()
    except ValueError:
        return f"status {response.status_code}"
    if isinstance(body, dict):
        parts = [
            f"{name}: {' '.join(map(str, text)) if isinstance(text, list) else text}" for name, text in body.items()
        ]
        return mask_emails("; ".join(parts))[:MAX_REASON] or f"status {response.status_code}"
    return f"status {response.status_code}"
