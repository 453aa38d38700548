"""Finds rows of one collection of the LMS by key, with as few requests as possible.

Two ways: ask once per key, or list the collection once and answer from memory. Before the first look-up of a batch the
planner compares their costs (`expect`): the pages of the whole list, known from its first page, against the distinct
keys asked for so far. That is the rent-or-buy rule: it never costs more than twice the best choice in hindsight.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from lms_shared.adapter.keys import Key

logger = logging.getLogger("airbyte")

MAX_LISTED_ROWS = 200_000
"""Collections larger than this are never listed into memory."""
MAX_REMEMBERED_KEYS = 50_000
"""Answers of single look-ups that are kept."""


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


class RemoteIndex(Generic[Row]):
    """Look-ups in one collection; safe for threads, and asks for the same key once however many threads want it.

    `fetch` asks the LMS for a key of one of the `askable` fields; for any other field the collection is listed.
    `listing` opens the list (and reads its first page); None where the collection cannot be listed.
    """

    def __init__(
        self,
        name: str,
        *,
        id_of: Callable[[Row], str],
        keys_of: Callable[[Row], Iterable[Key]],
        askable: frozenset[str],
        fetch: Callable[[Key], list[Row]],
        listing: Callable[[], Listing[Row]] | None = None,
        remember: int = MAX_REMEMBERED_KEYS,
        pages_to_confirm: int = 0,
        choices: ChoiceLog | None = None,
    ) -> None:
        """`pages_to_confirm`: a key that is not found is looked for in a list of so many pages or fewer.
        `choices`: where the way of looking up is told, for an object that has a list for each of many parents.
        """
        self._name = name
        self._id_of = id_of
        self._keys_of = keys_of
        self._askable = askable
        self._fetch = fetch
        self._open_listing = listing
        self._remember_keys = remember
        self._pages_to_confirm = pages_to_confirm
        self._choices = choices or ChoiceLog()
        self._lock = threading.RLock()
        self._listing_lock = threading.Lock()
        self._known: OrderedDict[Key, list[Row]] = OrderedDict()
        self._pending: dict[Key, Future[list[Row]]] = {}
        self._asked: set[int] = set()
        self._listed = False
        self._first_page: Listing[Row] | None = None
        self._pages: int | None = None
        self._too_large = False
        self._readers = 0
        self._written: list[tuple[Row | None, Row | None]] = []
        """Rows that were written while answers were on their way, each with the one in whose place it is, if any."""
        self._doubted: set[Key] = set()

    def expect(self, keys: Iterable[Key]) -> None:
        """Announces keys that are going to be looked up, and lists the collection where that is cheaper."""
        with self._listing_lock, self._reading() as since:
            if self._listed or self._too_large or self._open_listing is None:
                return
            with self._lock:
                # What cannot be asked for is listed when it is looked up, whatever that costs.
                wanted = (key for key in keys if key.field in self._askable)
                self._asked.update(hash(key) for key in wanted if key not in self._known)
            if self._worth_listing(self._open_listing):
                self._list(since)
            # What is kept of a list that was not read on is its size: by the next time its rows are old.
            self._first_page = None

    def _worth_listing(self, open_listing: Callable[[], Listing[Row]]) -> bool:
        # One key takes one request, and no list takes less: it need not be sized.
        if len(self._asked) < 2:
            if self._asked:
                self._tell_choice(worth=False)
            return False
        if self._pages is None:
            listing = self._first_page = open_listing()
            self._pages = listing.pages
            if listing.count > MAX_LISTED_ROWS:
                self._too_large = True
                self._choices.tell(
                    "too large", "%d rows are too many to list; each key is asked for.", self._name, listing.count
                )
                return False
        worth = self._pages <= len(self._asked)
        self._tell_choice(worth=worth)
        return worth

    def _tell_choice(self, *, worth: bool) -> None:
        self._choices.tell(
            (worth, self._pages is None),
            "%d key(s) asked for so far against %s page(s) of the whole list: %s.",
            self._name,
            len(self._asked),
            "at least 1" if self._pages is None else self._pages,
            "listing once" if worth else "asking for each key",
        )

    @contextmanager
    def _reading(self) -> Iterator[int]:
        """Reads from the LMS inside; gives the place in `_written` of what an answer may be older than."""
        with self._lock:
            self._readers += 1
            since = len(self._written)
        try:
            yield since
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers:
                    self._written.clear()

    def _list(self, since: int, why: str = "") -> None:
        if self._open_listing is None:
            raise LookupError(f"{self._name} can neither be asked for this key nor listed")
        listing = self._first_page or self._open_listing()
        self._first_page = None
        if why:
            self._choices.tell(
                why, "%s: listing once, %d row(s) in %d page(s).", self._name, why, listing.count, listing.pages
            )
        rows = list(listing.rows)
        with self._lock:
            self._known.clear()
            for row in rows:
                self._remember(row)
            self._listed = True
            self._catch_up(since)
            self._asked.clear()

    def _catch_up(self, since: int) -> None:
        """Takes note once more of what was written since an answer was asked for: the answer may not have it yet."""
        for row, instead_of in self._written[since:]:
            if instead_of is not None:
                self._drop_row(instead_of)
            if row is not None:
                self._note(row)

    def _remember(self, row: Row) -> None:
        for key in self._keys_of(row):
            rows = self._known.setdefault(key, [])
            # While a list is read page by page, a row may move to a later page and come twice.
            if all(self._id_of(one) != self._id_of(row) for one in rows):
                rows.append(row)

    def knows(self, key: Key) -> bool:
        """Whether memory has the answer of a look-up."""
        with self._lock:
            return self._listed or key in self._known

    def find(self, key: Key) -> list[Row]:
        """All rows that carry the key.

        Raises whatever `fetch` and `listing` raise.
        """
        if key.field not in self._askable:
            self._make_listed(key.field)
        if self._in_doubt(key):
            return self.refresh(key)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return list(self._known[key])
            if self._listed:
                return []
            pending = self._pending.get(key)
            mine = pending is None
            if pending is None:
                pending = self._pending[key] = Future()
        if not mine:
            return list(pending.result())
        return self._ask(key, pending)

    def _make_listed(self, field: str) -> None:
        with self._listing_lock, self._reading() as since:
            if not self._listed:
                self._list(since, f"the API has no filter for {field}")

    def _ask(self, key: Key, pending: Future[list[Row]]) -> list[Row]:
        try:
            rows = self._asked_for(key, lambda: self._fetch(key) or self._confirmed(key))
        except BaseException as error:
            with self._lock:
                self._pending.pop(key, None)
            pending.set_exception(error)
            raise
        with self._lock:
            self._pending.pop(key, None)
            while not self._listed and len(self._known) > self._remember_keys:
                self._known.popitem(last=False)
        pending.set_result(rows)
        return list(rows)

    def _asked_for(self, key: Key, ask: Callable[[], list[Row]]) -> list[Row]:
        """The rows of a key by a fresh answer, and by what was written while it was on its way."""
        with self._reading() as since:
            rows = ask()
            with self._lock:
                self._learn(key, rows)
                self._catch_up(since)
                return list(self._known[key])

    def _confirmed(self, key: Key) -> list[Row]:
        """What a short list has of a key that was not found."""
        if not self._pages_to_confirm or self._open_listing is None:
            return []
        with self._listing_lock, self._reading() as since:
            if not self._listed:
                if self._pages is None:
                    self._first_page = self._open_listing()
                    self._pages = self._first_page.pages
                if self._pages > self._pages_to_confirm:
                    self._first_page = None
                    return []
                self._list(since, "a key was not found, and a short list is sure")
        with self._lock:
            return list(self._known.get(key, ()))

    def put(self, row: Row, instead_of: Row | None = None) -> None:
        """Takes note of a row that was just written, so that the next look-up sees it.

        A key that was never looked up stays unknown: the row need not be the only one that carries it.
        """
        with self._lock:
            if instead_of is not None:
                self._drop_row(instead_of)
            self._note(row)
            if self._readers:
                self._written.append((row, instead_of))

    def _note(self, row: Row) -> None:
        self._drop_row(row)
        for key in self._keys_of(row):
            if self._listed or key in self._known:
                self._known.setdefault(key, []).append(row)

    def drop(self, row: Row) -> None:
        """Takes note that a row is gone."""
        with self._lock:
            self._drop_row(row)
            if self._readers:
                self._written.append((None, row))

    def doubt(self, key: Key) -> None:
        """A row with this key may have been written elsewhere: if none is known, the next look-up asks again."""
        with self._lock:
            if self._listed and not self._known.get(key):
                self._doubted.add(key)
            elif not self._known.get(key):
                self._known.pop(key, None)

    def _in_doubt(self, key: Key) -> bool:
        with self._lock:
            if key not in self._doubted:
                return False
            if key.field in self._askable:
                self._doubted.discard(key)
            else:
                self._doubted.clear()  # the list is read anew
            return not self._known.get(key)

    def forget(self, key: Key) -> None:
        """Drops the remembered answer of a key, so that the next look-up asks again; of no use once all are listed."""
        with self._lock:
            self._known.pop(key, None)

    def _drop_row(self, row: Row) -> None:
        for key in self._keys_of(row):
            rows = self._known.get(key)
            if rows is not None:
                self._known[key] = [one for one in rows if self._id_of(one) != self._id_of(row)]

    def refresh(self, key: Key) -> list[Row]:
        """Asks the LMS again for a key whose remembered answer is in doubt.

        Where the LMS has no filter for the key, the collection is listed anew.
        """
        if key.field not in self._askable:
            with self._listing_lock, self._reading() as since:
                self._list(since)
            return self.find(key)
        return self._asked_for(key, lambda: self._fetch(key))

    def _learn(self, key: Key, rows: list[Row]) -> None:
        """Takes a fresh answer, also for the other keys of its rows: what they remember of these is older."""
        for row in rows:
            self._note(row)
        self._known[key] = list(rows)
