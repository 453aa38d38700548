"""Finds rows of one collection of the LMS by key, with as few requests as possible.

Two ways: ask for keys, one or many in a request, or list the collection once and answer from memory. Before the first
look-up of a batch the planner compares their costs (`expect`): the pages of the whole list, known from its first page,
against the requests that the distinct keys asked for so far take. That is the rent-or-buy rule: it never costs more
than twice the best choice in hindsight.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Generic, TypeVar

from lms_shared.adapter.known_rows import KnownRows
from lms_shared.adapter.list_or_ask import ChoiceLog, Listing, ListOrAsk, Together
from lms_shared.adapter.remote import Key
from lms_shared.disk import IN_MEMORY

MOST_LISTED = 2_000_000
"""Collections with more rows than this are never listed."""

Row = TypeVar("Row")


class RemoteIndex(Generic[Row]):
    """Look-ups in one collection; safe for threads, and asks for the same key once however many threads want it.

    `fetch` asks the LMS for a key of one of the `askable` fields; for any other field the collection is listed.
    `listing` opens the list (and reads its first page); None, or an answer of None, where it cannot be listed.
    `together` asks for many keys at once, where the LMS can be asked so.
    """

    def __init__(
        self,
        name: str,
        *,
        id_of: Callable[[Row], str],
        keys_of: Callable[[Row], Iterable[Key]],
        askable: frozenset[str],
        fetch: Callable[[Key], list[Row]],
        listing: Callable[[], Listing[Row] | None] | None = None,
        together: Together[Row] | None = None,
        in_memory: int = IN_MEMORY,
        most_listed: int = MOST_LISTED,
        pages_to_confirm: int = 0,
        choices: ChoiceLog | None = None,
    ) -> None:
        """`pages_to_confirm`: a key that is not found is looked for in a list of so many pages or fewer.
        `choices`: where the way of looking up is told, for an object that has a list for each of many parents.
        """
        self._name = name
        self._askable = askable
        self._fetch = fetch
        self._together = together
        self._pages_to_confirm = pages_to_confirm
        per_request = (lambda: 1) if together is None else together.per_request
        self._choice: ListOrAsk[Row] = ListOrAsk(name, listing, per_request, most_listed, choices or ChoiceLog())
        self._lock = threading.RLock()
        self._listing_lock = threading.Lock()
        self._known: KnownRows[Row] = KnownRows(id_of, keys_of, in_memory)
        self._pending: dict[Key, Future[list[Row]]] = {}
        self._failed: dict[Key, Exception] = {}
        """Keys that were asked for together with others and got no answer, until somebody looks them up."""
        self._readers = 0
        self._written: list[tuple[Row | None, Row | None]] = []
        """Rows that were written while answers were on their way, each with the one in whose place it is, if any."""
        self._doubted: set[Key] = set()

    def expect(self, keys: Iterable[Key]) -> None:
        """Announces keys that are going to be looked up: lists the collection where that is cheaper, else asks for them
        together, where the LMS can be asked so."""
        with self._listing_lock, self._reading() as since:
            if self._known.all_listed:
                return
            with self._lock:
                # What cannot be asked for is listed when it is looked up, whatever that costs.
                wanted = [one for one in dict.fromkeys(keys) if one.field in self._askable and one not in self._known]
            if self._choice.worth_listing(wanted):
                self._list(since)
                return
            # What is kept of a list that is not read on is its size: by the next time its rows are old.
            self._choice.forget_page()
            if self._together is not None:
                self._ask_together(self._together, [one for one in wanted if one.field in self._together.fields], since)

    def expect_in_turn(self, records: Iterable[Sequence[Key]]) -> None:
        """Announces records, each by its keys: one is looked up where those before it find nothing."""
        open_records = [keys for keys in records if keys]
        turn = 0
        while open_records:
            self.expect(keys[turn] for keys in open_records)
            if self._together is None:
                return
            turn += 1
            with self._lock:
                open_records = [
                    keys for keys in open_records if len(keys) > turn and self._known.of(keys[turn - 1]) == []
                ]

    def _ask_together(self, together: Together[Row], keys: Sequence[Key], since: int) -> None:
        self._failed.clear()
        answers = together.fetch(keys) if keys else []
        with self._lock:
            for key, rows in zip(keys, answers, strict=True):
                if isinstance(rows, Exception):
                    self._failed[key] = rows
                else:
                    self._known.learn(key, rows)
            self._catch_up(since)

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
        listed = self._known.listed(self._choice.listed_rows(why))
        with self._lock:
            self._known.take_listed(listed)
            self._catch_up(since)

    def _catch_up(self, since: int) -> None:
        """Takes note once more of what was written since an answer was asked for: the answer may not have it yet."""
        for row, instead_of in self._written[since:]:
            if row is not None:
                self._known.note(row, instead_of)
            elif instead_of is not None:
                self._known.drop(instead_of)

    def knows(self, key: Key) -> bool:
        """Whether a look-up makes no request."""
        with self._lock:
            return (key in self._known or key in self._failed) and key not in self._doubted

    def answers(self, keys: Iterable[Key]) -> bool:
        """Whether looking up keys one after the other, until one finds something, makes no request."""
        with self._lock:
            for key in keys:
                rows = None if key in self._doubted else self._known.of(key)
                if rows is None:
                    return False
                if rows:
                    return True
        return True

    def find(self, key: Key) -> list[Row]:
        """All rows that carry the key.

        Raises whatever `fetch` and `listing` raise.
        """
        if key.field not in self._askable:
            self._make_listed(key.field)
        if self._in_doubt(key):
            return self.refresh(key)
        with self._lock:
            rows = self._known.of(key)
            if rows is not None:
                return rows
            failure = self._failed.pop(key, None)
            if failure is not None:
                raise failure
            pending = self._pending.get(key)
            mine = pending is None
            if pending is None:
                pending = self._pending[key] = Future()
        if not mine:
            return list(pending.result())
        return self._ask(key, pending)

    def _make_listed(self, field: str) -> None:
        with self._listing_lock, self._reading() as since:
            if not self._known.all_listed:
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
        pending.set_result(rows)
        return list(rows)

    def _asked_for(self, key: Key, ask: Callable[[], list[Row]]) -> list[Row]:
        """The rows of a key by a fresh answer, and by what was written while it was on its way."""
        with self._reading() as since:
            rows = ask()
            with self._lock:
                self._known.learn(key, rows)
                self._catch_up(since)
                return self._known.of(key) or []

    def _confirmed(self, key: Key) -> list[Row]:
        """What a short list has of a key that was not found."""
        if not self._pages_to_confirm:
            return []
        with self._listing_lock, self._reading() as since:
            if not self._known.all_listed:
                if self._choice.pages_of_list() > self._pages_to_confirm:
                    self._choice.forget_page()
                    return []
                self._list(since, "a key was not found, and a short list is sure")
        with self._lock:
            return self._known.of(key) or []

    def put(self, row: Row, instead_of: Row | None = None) -> None:
        """Takes note of a row that was just written, so that the next look-up sees it.

        A key that was never looked up stays unknown: the row need not be the only one that carries it.
        """
        with self._lock:
            self._known.note(row, instead_of)
            if self._readers:
                self._written.append((row, instead_of))

    def drop(self, row: Row) -> None:
        """Takes note that a row is gone."""
        with self._lock:
            self._known.drop(row)
            if self._readers:
                self._written.append((None, row))

    def doubt(self, key: Key) -> None:
        """A row with this key may have been written elsewhere: if none is known, the next look-up asks again."""
        with self._lock:
            if self._known.of(key):
                return
            if self._known.all_listed:
                self._doubted.add(key)
            else:
                self._known.forget(key)

    def _in_doubt(self, key: Key) -> bool:
        with self._lock:
            if key not in self._doubted:
                return False
            if key.field in self._askable:
                self._doubted.discard(key)
            else:
                self._doubted.clear()  # the list is read anew
            return not self._known.of(key)

    def forget(self, key: Key) -> None:
        """Drops the remembered answer of a key, so that the next look-up asks again; of no use once all are listed."""
        with self._lock:
            self._known.forget(key)

    def refresh(self, key: Key) -> list[Row]:
        """Asks the LMS again for a key whose remembered answer is in doubt.

        Where the LMS has no filter for the key, the collection is listed anew.
        """
        if key.field not in self._askable:
            with self._listing_lock, self._reading() as since:
                self._list(since)
            return self.find(key)
        return self._asked_for(key, lambda: self._fetch(key))
