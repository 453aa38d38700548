"""Answers that several streams need: kept on disk, and fetched once per sync, by one thread while others wait."""

from __future__ import annotations

import tempfile
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO

Stored = tuple[int, bytes]
"""Status and body."""
_FASTEST = 1


@dataclass
class _Entry:
    """Where an answer lies in the file. `lock` is held by the thread that fetches it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    edition: int = 0
    status: int = 0
    offset: int = 0
    size: int = 0


class ResponseCache:
    """Answers by address. The file is a temporary one and goes with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._end = 0

    @cached_property
    def _file(self) -> IO[bytes]:
        return tempfile.TemporaryFile()

    def get(self, url: str, edition: int, fetch: Callable[[], Stored]) -> Stored:
        """The answer at an address, not of an earlier edition: 1 for what was fetched at first, 2 for what was fetched
        once more. When `fetch` raises, nothing is kept and the next reader tries again."""
        with self._lock:
            entry = self._entries.setdefault(url, _Entry())
        with entry.lock:
            if entry.edition >= edition:
                return entry.status, self._read(entry)
            status, content = fetch()
            self._write(entry, content)
            entry.status, entry.edition = status, edition
            return status, content

    def _read(self, entry: _Entry) -> bytes:
        with self._lock:
            self._file.seek(entry.offset)
            packed = self._file.read(entry.size)
        return zlib.decompress(packed)

    def _write(self, entry: _Entry, content: bytes) -> None:
        packed = zlib.compress(content, _FASTEST)
        with self._lock:
            self._file.seek(self._end)
            self._file.write(packed)
            entry.offset, entry.size = self._end, len(packed)
            self._end += entry.size
