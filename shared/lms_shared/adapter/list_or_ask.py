"""Decides whether a collection is listed once or asked for keys: what takes fewer requests."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lms_shared.adapter.remote import Key

logger = logging.getLogger("airbyte")

MAX_LISTED_ROWS = 200_000
"""Rows of collections that are listed into memory at most."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A collection that can be listed: its size and page size from the first page, and all its rows."""

    count: int
    page_size: int
    rows: Iterator[Row]

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.count / max(1, self.page_size)))


@dataclass(frozen=True)
class Together(Generic[Row]):
    """Look-ups of many keys in one request."""

    fields: frozenset[str]
    """The fields whose keys can be asked for in this way."""
    fetch: Callable[[Sequence[Key]], list[list[Row] | Exception]]
    """The rows of each key, or why it got no answer."""
    per_request: Callable[[], int]
    """How many keys a request takes, as far as is known."""


class ChoiceLog:
    """Tells how a collection is looked up, each kind of choice once; look-ups that are parts of one object share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[object] = set()

    def tell(self, choice: object, line: str, *words: object) -> None:
        with self._lock:
            if choice in self._told:
                return
            self._told.add(choice)
        logger.info(f"Look-up of %s: {line}", *words)


class ListOrAsk(Generic[Row]):
    """The choice for one collection. Not safe for threads by itself."""

    def __init__(
        self,
        name: str,
        open_listing: Callable[[], Listing[Row] | None] | None,
        per_request: Callable[[], int],
        most_listed: int,
        choices: ChoiceLog,
    ) -> None:
        """`open_listing` opens the list; None, or an answer of None, where the collection cannot be listed.
        `per_request` says how many keys a request asks for. A list of more than `most_listed` rows is too large.
        """
        self._name = name
        self._open_listing = open_listing
        self._per_request = per_request
        self._most_listed = most_listed
        self._choices = choices
        self._asked: set[int] = set()
        self._first_page: Listing[Row] | None = None
        self._pages: int | None = None
        self._never = open_listing is None

    def worth_listing(self, wanted: Iterable[Key]) -> bool:
        """Whether the list takes no more requests than all keys that were wanted so far, these included."""
        if self._never:
            return False
        self._asked.update(map(hash, wanted))
        asking = math.ceil(len(self._asked) / max(1, self._per_request()))
        # No list takes less than one request: where asking takes no more, it need not be sized.
        if asking < 2:
            if asking:
                self._tell(worth=False)
            return False
        pages = self.pages_of_list()
        if pages == math.inf:
            return False
        worth = pages <= asking
        self._tell(worth=worth)
        return worth

    def pages_of_list(self) -> float:
        """The pages of the whole list; more than any number where it is not to be listed."""
        if self._pages is None and not self._never:
            listing = self._first_page = self._opened()
            if listing is None or listing.count > self._most_listed:
                self._first_page, self._never = None, True
                why = "it cannot be listed" if listing is None else f"{listing.count} rows are too many to list"
                self._choices.tell("never", "%s; its keys are asked for.", self._name, why)
            else:
                self._pages = listing.pages
        return math.inf if self._pages is None else self._pages

    def forget_page(self) -> None:
        """The page by which the list was sized is not read on now, and is old by the next time."""
        self._first_page = None

    def listed_rows(self, why: str) -> Iterator[Row]:
        """All rows of the collection, page by page; `why` it is listed, where that is not the choice.

        Raises LookupError where it cannot be listed.
        """
        listing = self._first_page or self._opened()
        self._first_page = None
        if listing is None:
            raise LookupError(f"{self._name} can neither be asked for this key nor listed")
        if why:
            self._choices.tell(
                why, "%s: listing once, %d row(s) in %d page(s).", self._name, why, listing.count, listing.pages
            )
        yield from listing.rows
        self._asked.clear()

    def _opened(self) -> Listing[Row] | None:
        return None if self._open_listing is None else self._open_listing()

    def _tell(self, *, worth: bool) -> None:
        self._choices.tell(
            (worth, self._pages is None),
            "%d key(s) asked for so far against %s page(s) of the whole list: %s.",
            self._name,
            len(self._asked),
            "at least 1" if self._pages is None else self._pages,
            "listing once" if worth else "asking for each key",
        )
