"""How long the lists of the API are, as far as their first pages tell."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from source_skilljar.page import Page


@dataclass(frozen=True)
class Size:
    """The lists of one stream that were looked at: their rows, and the pages that these take."""

    lists: int = 0
    rows: int = 0
    pages: int = 0


class ListSizes:
    """Sizes by stream. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: set[str] = set()
        self._sizes: dict[str, Size] = {}

    def note(self, stream: str, page: Page) -> None:
        """Take note of a first page; one that was noted before does not count."""
        payload = page.payload
        results = payload.get("results") if isinstance(payload, dict) else payload
        shown = len(results) if isinstance(results, list) else 1
        count = payload.get("count") if isinstance(payload, dict) else None
        rows = count if isinstance(count, int) and count >= shown else shown
        pages = max(1, -(-rows // shown)) if shown else 1
        with self._lock:
            if page.url not in self._noted:
                self._noted.add(page.url)
                known = self._sizes.get(stream, Size())
                self._sizes[stream] = Size(known.lists + 1, known.rows + rows, known.pages + pages)

    def of(self, stream: str) -> Size:
        """What is known about a stream's lists."""
        with self._lock:
            return self._sizes.get(stream, Size())
