"""What documents of version 2 say: pages of lists, rows of batches, errors. Pure.

Sources: Skilljar API version 2, documents, errors, batches. Nothing that cannot be read is taken for "nothing there".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.http.list_answer import NotAList, Page
from lms_shared.http.outcome import UnreadableAnswer

Row = dict[str, Any]
MAX_REASON = 500


@dataclass(frozen=True)
class V2Page(Page):
    """A page of a list, with the objects that were to be included."""

    included: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    """By type and id, flat."""


def read_page(body: Any) -> V2Page:
    """One page of a list: `has_more` and `next_cursor` stand at the top level. Raises NotAList."""
    if not isinstance(body, Mapping):
        raise NotAList("not an object with an array of rows")
    rows, more, cursor = body.get("data"), body.get("has_more"), body.get("next_cursor")
    if not isinstance(rows, list) or not all(isinstance(one, dict) and one.get("id") for one in rows):
        raise NotAList("'data' is not an array of objects with ids")
    if not isinstance(more, bool):
        raise NotAList("'has_more' is missing")
    if more and not (isinstance(cursor, str) and cursor):
        raise NotAList("there is a next page, and no cursor for it")
    return V2Page(rows, cursor if more else None, included=_included(body.get("included")))


def _included(objects: Any) -> dict[tuple[str, str], Row]:
    listed = objects if isinstance(objects, list) else ()
    found = [one for one in listed if isinstance(one, Mapping) and one.get("type") and one.get("id")]
    return {(str(one["type"]), str(one["id"])): flat(one) for one in found}


def flat(row: Mapping[str, Any]) -> Row:
    """An object as one flat row: its id, its attributes, and for each relationship `<name>_id`."""
    attributes, links = row.get("attributes"), row.get("relationships")
    flattened: Row = {"id": row["id"], **(attributes if isinstance(attributes, Mapping) else {})}
    for name, link in (links if isinstance(links, Mapping) else {}).items():
        target = link.get("data") if isinstance(link, Mapping) else None
        flattened[f"{name.replace('-', '_')}_id"] = target.get("id") if isinstance(target, Mapping) else None
    return flattened


@dataclass(frozen=True)
class BatchRow:
    """What became of one row of a batch."""

    id: str | None
    result: Row | None
    """The object, flat; None where the row failed."""
    code: str = ""
    detail: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.code)


def read_batch(body: Any, sent: int) -> list[BatchRow]:
    """The rows of a batch's answer, in the order of the request. Raises UnreadableAnswer."""
    rows = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(rows, list) or len(rows) != sent:
        raise UnreadableAnswer("not one outcome for each row of the batch")
    return [_batch_row(one) for one in rows]


def _batch_row(row: Any) -> BatchRow:
    status = row.get("status") if isinstance(row, Mapping) else None
    if status == "succeeded" and isinstance(row.get("result"), dict) and row["result"].get("id"):
        result = flat(row["result"])
        return BatchRow(str(result["id"]), result)
    if status == "deleted":
        return BatchRow(str(row.get("id")), None)
    if status == "failed" and isinstance(row.get("error"), Mapping):
        error = row["error"]
        return BatchRow(row.get("id"), None, str(error.get("code") or "unknown"), str(error.get("detail") or ""))
    raise UnreadableAnswer("a row of the batch whose outcome is not said")


def reason_of(body: Any) -> str:
    """The details of an error document, or an empty text."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if not isinstance(errors, list):
        return ""
    told = [_told(one) for one in errors if isinstance(one, Mapping)]
    return "; ".join(one for one in told if one)[:MAX_REASON]


def _told(error: Mapping[str, Any]) -> str:
    source = error.get("source")
    pointer = source.get("pointer") if isinstance(source, Mapping) else None
    text = str(error.get("detail") or error.get("title") or error.get("code") or "")
    return f"{pointer}: {text}" if pointer and text else text
