"""Reads a list of the API to its end: every row of it, or an error."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from lms_shared.errors import config_error, transient_error
from lms_shared.http.list_answer import IncompleteList, Page, read_list
from source_skilljar.declarations import StreamDeclaration
from source_skilljar.http.answers import Answer, Meaning
from source_skilljar.http.availability import Availability
from source_skilljar.partitions.parent_stamp import digest_of_row

Row = dict[str, Any]
Fetch = Callable[[str, StreamDeclaration, int], Answer]
"""The answer at an address: for a stream, and of which edition, see response_cache.py."""


MOST_REMEMBERED = 200_000
"""Rows of a list that are told from new ones if it has to be read once more; those after them come twice then."""


class _NotServed(Exception):
    """The list does not exist, or not any longer."""


class ListReader:
    """Reads lists for all streams of a command. Safe for threads."""

    def __init__(
        self,
        base_url: str,
        fetch: Fetch,
        availability: Availability,
        parent_gone: Callable[[str, int], None],
        note: Callable[[str, str, Page], None],
    ) -> None:
        """`parent_gone` hears of a stream's list that is not there; `note` of each first page."""
        self._base_url = base_url
        self._host = urlsplit(base_url)
        self._fetch = fetch
        self._availability = availability
        self._parent_gone = parent_gone
        self._note = note

    def rows(
        self, declared: StreamDeclaration, ids: Mapping[str, Any], query: Mapping[str, str]
    ) -> Iterator[list[Row]]:
        """The rows of one list, page by page. `next` is followed exactly as it was given.

        A list that changes while it is read is read once more from its start (`read_list`); rows that came before are
        left out then. A list that is not served, or whose parent is gone, has no rows.

        Raises AirbyteTracedException: transient_error for rows that were promised and did not come, config_error for a
        next page on another host, and what fetching raises.
        """
        if self._availability.is_missing(declared.name):
            return
        reading = _Pass(self, declared, declared.first_url(self._base_url, ids, query), bool(declared.parents))
        try:
            for page in read_list(reading.first, reading.page_at):
                yield reading.new_rows(page)
                # Whoever took the rows is done with them; the page would keep them while the next one is fetched.
                page.rows.clear()
        except _NotServed:
            return
        except IncompleteList as incomplete:
            raise transient_error(
                f"Stream {declared.name}: a list of Skilljar ended too early: {incomplete}. Sync again later."
            ) from incomplete

    def fetch(self, url: str, declared: StreamDeclaration, edition: int) -> Answer:
        """An answer, with what it says about the endpoint noted."""
        answer = self._fetch(url, declared, edition)
        if answer.meaning is Meaning.PAGE:
            self._availability.answered(declared.name)
        return answer

    def not_served(self, declared: StreamDeclaration, answer: Answer, *, is_child: bool) -> None:
        """Takes note of a list that is not there."""
        if declared.may_be_absent and answer.status == 404:
            return
        self._availability.refused(declared.name, answer.status, is_child=is_child)
        if is_child:
            self._parent_gone(declared.name, answer.status)

    def note(self, declared: StreamDeclaration, url: str, page: Page) -> None:
        """Takes note of a list's first page."""
        self._note(declared.name, url, page)

    def on_own_host(self, link: str) -> str:
        """The link as it is. A proxy before an API makes it say http in its links; the key does not go out in clear."""
        given = urlsplit(link)
        if given.scheme not in ("http", "https") or given.netloc.lower() != self._host.netloc.lower():
            raise config_error(
                f"Skilljar names {given.scheme}://{given.netloc} as the host of a next page, and base_url is on "
                f"{self._host.scheme}://{self._host.netloc}. The key is not sent there. Correct base_url."
            )
        return link if given.scheme == self._host.scheme else given._replace(scheme=self._host.scheme).geturl()


class _Pass:
    """The reading of one list, up to twice: the second time with new pages, and without rows that were read before."""

    def __init__(self, reader: ListReader, declared: StreamDeclaration, url: str, is_child: bool) -> None:
        self._reader = reader
        self._declared = declared
        self._url = url
        self._is_child = is_child
        self._edition = 0
        self._visited: set[str] = set()
        self._digests = array("Q")
        self._known: frozenset[int] = frozenset()
        """Rows that are left out when they come again: in the first pass those of the page before."""

    def first(self) -> Page:
        self._edition += 1
        self._visited = {self._url}
        self._known = frozenset(self._digests)
        answer = self._reader.fetch(self._url, self._declared, self._edition)
        if answer.page is None:
            self._reader.not_served(self._declared, answer, is_child=self._is_child)
            raise _NotServed
        self._reader.note(self._declared, self._url, answer.page)
        return answer.page

    def page_at(self, link: str) -> Page | None:
        if link in self._visited:
            raise IncompleteList("a page of it leads back to one before")
        self._visited.add(link)
        return self._reader.fetch(self._reader.on_own_host(link), self._declared, self._edition).page

    def new_rows(self, page: Page) -> list[Row]:
        is_only_page = self._edition == 1 and page.following is None and not self._digests
        if is_only_page and (page.count is None or page.count <= len(page.rows)):
            # The list will not be read again, so nothing can come twice.
            return page.rows
        digests = [digest_of_row(row) for row in page.rows]
        new = [row for row, digest in zip(page.rows, digests, strict=True) if digest not in self._known]
        if self._edition == 1:
            self._digests.extend(digests[: MOST_REMEMBERED - len(self._digests)])
            # Rows that moved to the next page while that was asked for.
            self._known = frozenset(digests)
        return new
