"""How long the lists of the API are, as far as their first pages tell."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lms_shared.http.list_answer import Page


@dataclass(frozen=True)
class Size:
    """The lists of one stream that were looked at: their rows, and the pages that these take."""

    lists: int = 0
    rows: int = 0
    pages: int = 0


class ListCounts:
    """Sizes by stream. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: set[str] = set()
        self._sizes: dict[str, Size] = {}

    def note(self, stream: str, url: str, page: Page) -> None:
        """Take note of a first page; one that was noted before does not count."""
        shown = len(page.rows)
        rows = max(shown, page.count or 0)
        pages = max(1, -(-rows // shown)) if shown else 1
        with self._lock:
            if url not in self._noted:
                self._noted.add(url)
                known = self._sizes.get(stream, Size())
                self._sizes[stream] = Size(known.lists + 1, known.rows + rows, known.pages + pages)

    def of(self, stream: str) -> Size:
        """What is known about a stream's lists."""
        with self._lock:
            return self._sizes.get(stream, Size())
