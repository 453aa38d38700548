"""The portfolio items of learners, and what their texts say of a completion (older portfolio page).

Portfolio items have no reference, score, result or time, so these stand in the description, one a line. The last line
is the mark by which the item is found again; what is in it is percent-encoded, so that nothing done to the text
changes it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import quote

from destination_pluvo.api import PluvoApi, Row
from lms_shared.adapter.remote import Key
from lms_shared.adapter.remote_index import RemoteIndex

LEARNERS_IN_MEMORY = 5_000


class Portfolio:
    """Portfolio items by learner. Safe for threads as long as no two write to one learner at the same time."""

    def __init__(self, api: PluvoApi) -> None:
        self._api = api
        self._lookup: RemoteIndex[Row] = RemoteIndex(
            "portfolio items",
            id_of=lambda row: str(row["id"]),
            keys_of=lambda row: (Key("user", str(row["userId"])),),
            askable=frozenset({"user"}),
            fetch=self._fetch,
            in_memory=LEARNERS_IN_MEMORY,
        )

    def of(self, user: str, *, fresh: bool = False) -> list[Row]:
        """The items of a learner."""
        key = Key("user", user)
        return self._lookup.refresh(key) if fresh else self._lookup.find(key)

    def create(self, user: str, item: Row) -> Row:
        """Makes an item. Raises UnknownOutcome where it may or may not have been made."""
        written = self._api.write("CreatePortfolioItem", "portfolioItem", input={"userId": user, **item})
        return self._noted(user, written)

    def update(self, row: Row, changes: Row) -> Row:
        """Changes fields of an item and no others."""
        written = self._api.write("UpdatePortfolioItem", "portfolioItem", id=row["id"], input=changes)
        return self._noted(str(row["userId"]), written)

    def delete(self, row: Row) -> None:
        """Deletes an item for good; one that is gone already is fine."""
        self._api.remove("DeletePortfolioItem", id=row["id"])
        self._lookup.drop(row)

    def _noted(self, user: str, written: Row) -> Row:
        row: dict[str, Any] = {**written, "userId": user}
        self._lookup.put(row)
        return row

    def _fetch(self, key: Key) -> list[Row]:
        return [{**row, "userId": key.value} for row in self._api.rows("PortfolioItemsOfUser", userId=key.value)]


_LINES = re.compile(r"(?:\r?\n|<br\s*/?>|</?p[^>]*>)+", re.IGNORECASE)
_RESULT = re.compile(r"Result: (Pass|Fail)")
_SCORE = re.compile(r"Score: (-?[0-9.e+-]+)( %)?")
_TIME = re.compile(r"Time spent: (P[0-9A-Z.,]+)")
_MARK = re.compile(r"\[[\w%.~-]+:(?::?)[\w%.~-]+\]", re.ASCII)


def mark_by_reference(namespace: str, reference: str) -> str:
    """The mark of a completion of content with a reference."""
    return f"[{_safe(namespace)}:{_safe(reference)}]"


def mark_by_id(namespace: str, content_id: str) -> str:
    """The mark of a completion of content that has no reference of a source."""
    return f"[{_safe(namespace)}::{_safe(content_id)}]"


def carries(text: str | None, marks: Container[str]) -> bool:
    """Whether a text carries one of these marks."""
    return any(found in marks for found in _MARK.findall(html.unescape(text or "")))


def has_mark(text: str | None) -> bool:
    """Whether a text carries any mark."""
    return _MARK.search(html.unescape(text or "")) is not None


def note(values: Mapping[str, Any], mark_line: str) -> str:
    """The description of a completion."""
    lines = []
    if values.get("result"):
        lines.append(f"Result: {values['result']}")
    for name, unit in (("percentage", " %"), ("raw_value", "")):
        number = (values.get("score") or {}).get(name)
        if number is not None:
            lines.append(f"Score: {number}{unit}")
            break
    if values.get("time_spent"):
        lines.append(f"Time spent: {values['time_spent']}")
    return "\n".join([*lines, mark_line])


def read_note(text: str | None) -> dict[str, Any]:
    """`result`, `score` and `time_spent` of a description, as far as it says them."""
    said: dict[str, Any] = {}
    for line in _LINES.split(html.unescape(text or "")):
        words = line.strip()
        if found := _RESULT.fullmatch(words):
            said["result"] = found.group(1)
        elif found := _SCORE.fullmatch(words):
            number = _number(found.group(1))
            if number is not None:
                said["score"] = {"percentage" if found.group(2) else "raw_value": number}
        elif found := _TIME.fullmatch(words):
            said["time_spent"] = found.group(1)
    return said


def _number(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _safe(text: str) -> str:
    return quote(text, safe="")
