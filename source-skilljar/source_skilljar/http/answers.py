"""What an answer of Skilljar means for a call, as one table: first rule that fits wins.

Sources of the rules: Skilljar reference, 1.4 (statuses) and 1.5 (429, Retry-After). An answer
that is not the list that was asked for is trouble: it never means that the list is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
import requests

from lms_shared.http.list_answer import ListShape, NotAList, Page, read_page
from lms_shared.http.rate_limit import retry_after
from source_skilljar.declarations import StreamDeclaration
from source_skilljar.records.shape import rows_of

BAD_KEY = (
    "Skilljar refuses the API key. Enter an active key of the organization (dashboard, Organization settings, API "
    "Credentials). The Starter package has no API."
)
MOVED = "Skilljar's address has moved, or a proxy asks to sign in. Correct base_url."
REFUSED = "Skilljar refuses a call of this connector. Report it, with the log."


class Meaning(Enum):
    """What becomes of a call."""

    PAGE = "page"
    NOT_SERVED = "not served"
    """The organization lacks the feature, the endpoint is not served, or the row is gone."""
    RETRIED = "retried"
    FOR_NOW = "refused for now"
    BAD_KEY = "key refused"
    MOVED = "moved"
    REFUSED = "refused"


_STATUSES: Mapping[Meaning, frozenset[int]] = {
    Meaning.BAD_KEY: frozenset({401}),
    Meaning.NOT_SERVED: frozenset({403, 404, 405, 410}),
    Meaning.FOR_NOW: frozenset({429}),
    Meaning.RETRIED: frozenset({408, 425}),
    Meaning.MOVED: frozenset(range(300, 400)),
    Meaning.REFUSED: frozenset(range(400, 500)),
}


@dataclass(frozen=True)
class Answer:
    """An answer and what it means. `page` is there if it is a page; `problem` says what was wrong with it otherwise."""

    status: int
    content: bytes
    meaning: Meaning
    page: Page | None = None
    problem: str = ""


def answer_of(response: requests.Response, declared: StreamDeclaration) -> Answer:
    """What came for a list of this stream."""
    status, content = response.status_code, response.content
    if not 200 <= status < 300:
        return Answer(status, content, _meaning(response), problem=f"HTTP {status}")
    try:
        return Answer(status, content, Meaning.PAGE, page_of(content, declared))
    except NotAList as wrong:
        return Answer(status, content, Meaning.RETRIED, problem=f"HTTP {status}, but {wrong}")


def page_of(content: bytes, declared: StreamDeclaration) -> Page:
    """The page in a body. Raises NotAList if it is not a page of this stream."""
    if not content.strip():
        raise NotAList("an empty body")
    try:
        payload = orjson.loads(content)
    except ValueError:
        raise NotAList("a web page" if content.lstrip()[:1] == b"<" else "a body that is not valid JSON") from None
    if payload is None and declared.may_be_absent:
        return Page([])
    page = _one(payload, declared.one) if declared.one is not None else _list(payload, declared.shape)
    if declared.rows_in is not None:
        rows_of(declared, page.rows)
    return page


def _one(payload: Any, proof: str) -> Page:
    if not isinstance(payload, dict) or proof not in payload:
        raise NotAList(f"not an object with '{proof}'")
    return Page([payload])


def _list(payload: Any, shape: ListShape) -> Page:
    following = payload.get("next") if isinstance(payload, dict) else None
    if not isinstance(following, str | None):
        raise NotAList("a link to the next page that is not a text")
    return read_page(payload, shape)


def _meaning(response: requests.Response) -> Meaning:
    status = response.status_code
    if status == 503 and retry_after(response) is not None:
        return Meaning.FOR_NOW
    return next((meaning for meaning, statuses in _STATUSES.items() if status in statuses), Meaning.RETRIED)
