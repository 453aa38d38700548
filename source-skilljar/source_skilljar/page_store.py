"""Pages that several streams need: fetched once per sync, kept on disk, and fetched by one thread while others wait."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO

from source_skilljar.page import Page


@dataclass
class _Entry:
    """Where a page lies in the file. `lock` is held by the thread that fetches it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    status: int = 0
    offset: int = 0
    size: int = 0


class PageStore:
    """Pages by address. The file is a temporary one and goes with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._end = 0

    @cached_property
    def _file(self) -> IO[bytes]:
        return tempfile.TemporaryFile()

    def get(self, url: str, fetch: Callable[[], Page]) -> Page:
        """The page at an address. When `fetch` raises, nothing is kept and the next reader tries again."""
        with self._lock:
            entry = self._entries.setdefault(url, _Entry())
        with entry.lock:
            if entry.status:
                return Page.of(entry.status, self._read(entry), url)
            page = fetch()
            self._write(entry, page)
            return page

    def _read(self, entry: _Entry) -> bytes:
        with self._lock:
            self._file.seek(entry.offset)
            return self._file.read(entry.size)

    def _write(self, entry: _Entry, page: Page) -> None:
        with self._lock:
            self._file.seek(self._end)
            self._file.write(page.content)
            entry.offset, entry.size = self._end, len(page.content)
            self._end += entry.size
        entry.status = page.status_code
