"""Calls of the Pluvo GraphQL API: paging, look-ups that find nothing, lists of failures, and not what they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Semaphore
from typing import Any

from destination_pluvo import dialect
from destination_pluvo.answers import Refused
from destination_pluvo.batch import Batcher
from destination_pluvo.dialect import Learned
from destination_pluvo.documents import Documents
from destination_pluvo.operations import operation
from lms_shared.adapter.remote import RecordRejected
from lms_shared.errors import transient_error
from lms_shared.http.client import JsonClient
from lms_shared.http.list_answer import IncompleteList, ListShape, Page, each_once, read_list, read_page
from lms_shared.http.outcome import CallFailed, UnknownOutcome

Row = dict[str, Any]

KEYS_OF_RECORD = 2
"""Look-ups that a record takes at most where nothing of it is known: people are found by reference and by address."""
PAGE_SIZE = dialect.PAGE_SIZE.assumed
"""Pagination page: the most that a list gives at a time."""
_FAILURES: Mapping[str, str] = {
    "failedIds": "Pluvo could not do it for this object",
    "idsLinkedViaObject": "the user is linked through a group or an offer, and can only be removed there",
}
"""Lists in which bulk mutations name those that they did not do, and what that means. No error is raised for them."""


class PluvoApi:
    """One organization's API. Safe for threads."""

    def __init__(self, client: JsonClient, *, fields: int, callers: int, documents: int) -> None:
        """A document writes or looks up at most `fields` records, and `documents` are on their way at once.

        `callers` is how many threads may make calls at the same time.
        """
        self.client = client
        self.callers = callers
        self.learned = Learned()
        look_ups = fields if fields == 1 else fields * KEYS_OF_RECORD
        self._queries, self._mutations = Documents(client, look_ups), Documents(client, fields)
        # Both kinds share the slots, so that no more than `documents` requests are made at once.
        slots = Semaphore(documents)
        self._query, self._mutate = (
            Batcher(one.send, one.size, callers, slots, documents) for one in (self._queries, self._mutations)
        )

    def run(self, name: str, **variables: Any) -> Any:
        """The value of an operation's field; variables that are None are not sent.

        Raises Refused, or UnknownOutcome where it must not be repeated blindly and got no answer.
        """
        asked = operation(name)
        batcher = self._query if asked.is_query else self._mutate
        return batcher.run(asked, {key: value for key, value in variables.items() if value is not None})

    def look_up(self, name: str, **selectors: Any) -> Row | None:
        """The object that a query finds, or None: whether a miss is null or an error is not documented."""
        try:
            found: Row | None = self.run(name, **selectors)
        except Refused as refused:
            if refused.error.is_a_miss:
                return None
            raise
        return found

    def look_up_many(self, name: str, many: Iterable[Mapping[str, Any]]) -> list[Row | Exception | None]:
        """The object that a query finds by each of many selectors, in as few documents as possible; or why it has no
        answer."""
        found: list[Row | Exception | None] = []
        for call in self._query.run_many(operation(name), many):
            try:
                found.append(call.wait())
            except Refused as refused:
                found.append(None if refused.error.is_a_miss else refused)
            except CallFailed as failure:
                found.append(failure)
        return found

    @property
    def page_size(self) -> int:
        """The rows of a page of a list."""
        return PAGE_SIZE

    def look_ups_per_document(self) -> int:
        """How many look-ups go into a document, as far as is known."""
        return self._queries.size()

    def first_pages(self, name: str, many: Sequence[Mapping[str, Any]]) -> list[Page]:
        """The first pages of a paged list with different variables, in one document where that is possible."""
        calls = self._query.run_many(operation(name), [{"first": PAGE_SIZE, **variables} for variables in many])
        return [read_page(call.wait(), ListShape.CONNECTION) for call in calls]

    def rows(self, name: str, **variables: Any) -> list[Row]:
        """All rows of an unpaged list."""
        rows: list[Row] = self.run(name, **variables)
        return rows

    def nodes(self, name: str, *path: str, opened: Page | None = None, **variables: Any) -> Iterator[Row]:
        """All rows of a paged list, in the answer below `path`; pages are read as the rows are taken. Rows of a list
        that changes meanwhile may come twice. None where what the list belongs to is not there.

        `opened` is its first page, where that was just read.

        Raises AirbyteTracedException (transient_error) where rows are missing.
        """
        read = [] if opened is None else [opened]
        try:
            yield from each_once(
                read_list(
                    lambda: read.pop() if read else self._page(name, path, None, variables),
                    lambda after: self._page(name, path, after, variables),
                )
            )
        except IncompleteList as broken:
            raise transient_error(
                f"Pluvo did not give all of a list ({name}): {broken}. Run the sync again."
            ) from broken

    def _page(self, name: str, path: Sequence[str], after: str | None, variables: Mapping[str, Any]) -> Page:
        value = self.run(name, first=PAGE_SIZE, after=after, **variables)
        for key in path:
            if value is None:
                return Page([])
            value = value[key]
        return read_page(value, ListShape.CONNECTION)

    def write(self, name: str, *path: str, **variables: Any) -> Row:
        """The object that a mutation gives, in its payload below `path`."""
        value = self.run(name, **variables)
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, dict):
            raise _without_answer(name)
        return value

    def remove(self, name: str, **variables: Any) -> None:
        """A mutation that removes one thing; one that is gone already is fine.

        Raises RecordRejected where Pluvo says that it was not done.
        """
        payload = self.look_up(name, **variables)
        if payload is not None and False in payload.values():
            raise RecordRejected(
                "REMOTE.FAILED",
                "Pluvo did not remove it, and gives no reason",
                "Look at the object in Pluvo, and write the record again.",
            )

    def change_members(self, name: str, member: str, *path: str, **variables: Any) -> None:
        """A mutation of a list, for one member of it.

        Raises RecordRejected where the member is among those that it was not done for.
        """
        payload = self.run(name, **variables)
        for key in path:
            payload = payload.get(key) if isinstance(payload, dict) else None
        if not isinstance(payload, dict):
            raise _without_answer(name)
        for listed, meaning in _FAILURES.items():
            if member in (payload.get(listed) or ()):
                raise RecordRejected(
                    "REMOTE.FAILED", meaning, "Change it in Pluvo, or remove the record, and write it again."
                )

    def introspect(self, query: str) -> Any:
        """The answer to an introspection query, or None where the client may not ask."""
        return self._queries.ask(query)


def _without_answer(operation: str) -> UnknownOutcome:
    return UnknownOutcome("Pluvo answered without saying what it did", code="ERROR", operation=operation)


def ids(rows: Iterable[Row] | None) -> list[str]:
    """The ids of rows."""
    return [str(row["id"]) for row in rows or () if row]
