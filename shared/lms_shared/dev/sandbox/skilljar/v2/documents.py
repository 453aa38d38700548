"""Documents of version 2: objects, lists with a cursor, batches and errors (reference: skilljar-v2, 1.1 to 1.3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

Document = dict[str, Any]
Row = TypeVar("Row")

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 25
MAX_BATCH = 100


class V2Error(Exception):
    """A request that is answered with an error document."""

    def __init__(self, status: int, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def document(self) -> Document:
        error: Document = {"status": str(self.status), "code": self.code, "title": self.code, "detail": self.detail}
        if self.pointer:
            error["source"] = {"pointer": self.pointer}
        return {"errors": [error], "meta": {"request_id": "sandbox"}}


def bad_request(detail: str) -> V2Error:
    """400: an empty or oversized batch, an expiry that has passed, an unknown `include`."""
    return V2Error(400, "bad_request", detail)


def not_found(what: str) -> V2Error:
    return V2Error(404, "not_found", f"{what} not found.")


def unfit(detail: str, pointer: str | None = None) -> V2Error:
    """422: a body or a query that does not fit the schema refuses the whole request."""
    return V2Error(422, "validation_error", detail, pointer)


class RowFailed(Exception):
    """One row of a batch that is not carried out; the others are."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def resource(kind: str, row_id: str, attributes: Document, relationships: Document | None = None) -> Document:
    """One object. A relationship is given as (type, id), or None where it points at nothing."""
    shown: Document = {"type": kind, "id": row_id, "attributes": attributes}
    if relationships:
        shown["relationships"] = {
            name: {"data": None if one is None else {"type": one[0], "id": one[1]}}
            for name, one in relationships.items()
        }
    return shown


@dataclass(frozen=True)
class Batch:
    """The outcome of a batch, rows in the order of the request."""

    rows: list[Document]

    @property
    def status(self) -> int:
        return 207 if self._failed else 200

    @property
    def _failed(self) -> int:
        return sum(one["status"] == "failed" for one in self.rows)

    def document(self) -> Document:
        total = len(self.rows)
        summary = {"total": total, "succeeded": total - self._failed, "failed": self._failed}
        return {"data": self.rows, "summary": summary}


def succeeded(result: Document) -> Document:
    return {"status": "succeeded", "id": result["id"], "result": result}


def failed(row_id: str | None, failure: RowFailed) -> Document:
    return {"status": "failed", "id": row_id, "error": {"code": failure.code, "detail": failure.detail}}


def batch_rows(body: Any, kind: str) -> list[Document]:
    """The rows of a batch. Raises V2Error for an envelope or a row that is none."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise unfit("data must be an array.", "/data")
    rows: list[Document] = body["data"]
    if not rows or len(rows) > MAX_BATCH:
        raise bad_request(f"A batch has 1 to {MAX_BATCH} rows.")
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or row.get("type") != kind or not isinstance(row.get("attributes"), dict):
            raise unfit(f"A row has the type {kind!r} and attributes.", f"/data/{number}")
    return rows


def page_size(text: str | None, largest: int | None) -> int:
    """The rows of a page: what is asked for, or fewer where pages are kept small."""
    if text is None:
        return min(DEFAULT_PAGE_SIZE, largest or DEFAULT_PAGE_SIZE)
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PAGE_SIZE:
        raise unfit(f"page[size] is 1 to {MAX_PAGE_SIZE}.")
    return min(int(text), largest or MAX_PAGE_SIZE)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page, and the cursor of the next one."""

    rows: list[Row]
    next_cursor: str | None

    @classmethod
    def cut(cls, rows: Sequence[Row], matching: Iterator[int], size: int) -> Page[Row]:
        """The first `size` rows of those whose positions `matching` gives."""
        chosen = list(islice(matching, size))
        more = next(matching, None)
        return cls([rows[one] for one in chosen], None if more is None else _cursor(more))


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode()


def cursor_position(text: str | None) -> int:
    """The position that a cursor stands for. Raises V2Error for a text that is none."""
    if text is None:
        return 0
    try:
        decoded = base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise unfit("page[cursor] is not a cursor.") from error
    if not decoded.startswith("p") or not decoded[1:].isdecimal():
        raise unfit("page[cursor] is not a cursor.")
    return int(decoded[1:])
