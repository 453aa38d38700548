"""Calls of the Skilljar REST API, version 1: paging, refusals, and nothing of what they are for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.adapter.remote import RecordRejected
from lms_shared.adapter.remote_index import Listing
from lms_shared.errors import config_error
from lms_shared.http.client import JsonClient
from lms_shared.privacy import mask_emails

Row = dict[str, Any]

PAGE_SIZE = 1000
"""Asked of every list. Skilljar API, paging: the server caps sizes silently, and ignores the parameter where it is not
documented; pages are followed by `next`, never computed."""
MAX_REASON = 500


class SkilljarApi:
    """One organisation's API. Safe for threads."""

    def __init__(self, client: JsonClient) -> None:
        self.client = client

    def get(self, path: str) -> Row | None:
        """One object, or None where there is none (404).

        Raises RecordRejected for any other refusal.
        """
        response = self.client.call("GET", path)
        return None if response.status_code == 404 else _body(response)

    def item(self, collection: str, item_id: str) -> Row | None:
        """The object with an id that comes from a record, and so may be any text; None where there is none (404)."""
        return None if item_id in (".", "..") else self.get(f"{collection}/{quote(item_id, safe='@')}")

    def listing(
        self, path: str, params: Mapping[str, str] | None = None, *, below_object: bool = False
    ) -> Listing[Row]:
        """A paged list, opened: its first page is read, the others as its rows are taken.

        Lists of the organisation and of its domain are always there; one that hangs below an object is empty where the
        object is gone.

        Raises AirbyteTracedException (config_error) where a list that is always there is not.
        """

        def first_page() -> Any:
            return self._page(path, {"page_size": PAGE_SIZE, **(params or {})}, below_object=below_object)

        first = first_page()
        rows, following = _rows(first)
        count = _count(first)
        return Listing(
            count=len(rows) if count is None else count,
            page_size=max(1, len(rows)) if following else max(1, len(rows), count or 0),
            rows=itertools.chain(rows, self._following(following, len(rows), lambda: _count(first_page()))),
        )

    def rows(self, path: str, params: Mapping[str, str] | None = None, *, below_object: bool = False) -> list[Row]:
        """All rows of a list, in whichever shape it comes: pages, or a bare array."""
        return list(self.listing(path, params, below_object=below_object).rows)

    def _following(self, link: str | None, seen: int, count: Callable[[], int | None]) -> Iterator[Row]:
        while link:
            response = self.client.call("GET", link)
            if response.status_code == 404:
                # The last page is gone where rows were removed while the list was read; then no rows are missing.
                if (count() or 0) > seen:
                    raise _list_broken()
                return
            rows, link = _rows(_body(response))
            seen += len(rows)
            yield from rows

    def _page(self, path: str, params: Mapping[str, Any] | None, *, below_object: bool) -> Any:
        response = self.client.call("GET", path, params=params)
        if response.status_code != 404:
            return _body(response)
        if below_object:
            return []
        raise config_error(
            f"Skilljar at {self.client.base_url} has no list '{path}'. Correct domain_name and base_url, which ends "
            "with /v1."
        )

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool = False, optional: bool = False) -> Row:
        """Creates. Raises RecordRejected where it is refused, UnknownOutcome where it may not be repeated blindly.

        `optional` is for calls that an organisation may lack: a 403 refuses them alone.
        """
        return _object(_body(self.client.call("POST", path, json=body, repeatable=repeatable, optional=optional)))

    def patch(self, path: str, body: Mapping[str, Any]) -> Row:
        """Changes the fields of the body and no others. Raises RecordRejected where it is refused."""
        return _object(_body(self.client.call("PATCH", path, json=body)))

    def put(self, path: str, body: Mapping[str, Any]) -> Row:
        """Writes a whole row. Raises RecordRejected where it is refused."""
        return _object(_body(self.client.call("PUT", path, json=body)))

    def delete(self, path: str) -> None:
        """Removes; what is gone already is fine. Raises RecordRejected where it is refused."""
        response = self.client.call("DELETE", path)
        if response.status_code != 404:
            _body(response)


def _rows(page: Any) -> tuple[list[Row], str | None]:
    if isinstance(page, list):
        return [row for row in page if isinstance(row, dict)], None
    if isinstance(page, dict) and isinstance(page.get("results"), list):
        following = page.get("next")
        return [row for row in page["results"] if isinstance(row, dict)], following if following else None
    return [], None


def _count(page: Any) -> int | None:
    count = page.get("count") if isinstance(page, dict) else None
    return count if isinstance(count, int) else None


def _list_broken() -> AirbyteTracedException:
    message = "Skilljar did not have a page of a list that its page before pointed to. Run the sync again."
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.transient_error)


def _object(body: Any) -> Row:
    return body if isinstance(body, dict) else {}


def _body(response: requests.Response) -> Any:
    if not response.ok:
        raise RecordRejected(
            f"REMOTE.{response.status_code}",
            f"Skilljar refuses it: {_reason(response)}",
            "Correct what the reason names, in the source or in Skilljar, and write the record again.",
        )
    return response.json() if response.content.strip() else None


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
