"""What a place for rejects, plans and the report page must be able to do, and how its files are called.

A place holds the files of the latest sync. Those of a sync that ended well are moved to `earlier/` when the next one
begins; after a sync that broke off the next one goes on in the same files, so that no acknowledged reject is lost.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from lms_shared.reports.table import table_rows
from lms_shared.upsert.account.rejects import strict_json
from lms_shared.upsert.account.store import FileKind

logger = logging.getLogger("airbyte")

_BEYOND_64_BITS = re.compile(rb"\d{19}")
UNFINISHED = ".unfinished"
"""Name of the file that is there from the begin of a sync until it ends well."""
PAGE = "report.html"
EARLIER = "earlier"
_PLAIN = re.compile(r"[a-z0-9_-]{1,60}")
_UNSAFE = re.compile(r"[^a-z0-9_-]+")
_READABLE = 60
"""Characters of a stream's name that a file's name shows, where it cannot show all."""


class NoStore:
    """Keeps nothing: rejects are only counted and logged."""

    keeps = False

    def kept(self, kind: FileKind) -> Iterator[dict[str, Any]]:
        return iter(())

    def append(self, kind: FileKind, stream: str, line: Mapping[str, Any]) -> None:
        pass

    def replace(self, kind: FileKind, stream: str, lines: Iterable[Mapping[str, Any]]) -> None:
        pass

    def flush(self) -> None:
        pass

    def put_page(self, page: str) -> None:
        pass

    def close(self, *, finished: bool) -> None:
        pass


@lru_cache(maxsize=1000)
def file_name(kind: FileKind, stream: str) -> str:
    """The file that takes the lines of a stream, one for each stream on any file system.

    Names of small letters, digits, _ and - stay as they are; of others it has a readable part and a hash.
    """
    return f"{kind.value}-{_stem(stream)}{kind.suffix}"


def _stem(stream: str) -> str:
    if _PLAIN.fullmatch(stream):
        return stream
    readable = _UNSAFE.sub("_", stream.casefold())[:_READABLE]
    return f"{readable}-{hashlib.sha256(stream.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def is_report(name: str) -> bool:
    """Whether a file belongs to one sync, and is put away when the next one begins."""
    return name == PAGE or any(kind.of_one_sync and is_of(name, kind) for kind in FileKind)


def is_of(name: str, kind: FileKind) -> bool:
    """Whether a file holds lines of a kind."""
    return name.startswith(f"{kind.value}-") and name.endswith(kind.suffix)


def is_durable(name: str) -> bool:
    """Whether the lines of a file must be safe before a state goes out."""
    return any(kind.durable and is_of(name, kind) for kind in FileKind)


def encoded(kind: FileKind, line: Mapping[str, Any], *, first: bool) -> bytes:
    """A line of a file without its end; the first one of a table comes with the names of the columns."""
    return table_rows(line, first=first) if kind is FileKind.TABLE else strict_json(line)


def page_bytes(page: str) -> bytes:
    """The page as it is stored; half a surrogate pair, which a record may hold, is spelled out."""
    return page.encode("utf-8", "backslashreplace")


def read_lines(name: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The lines of a file of this name. Those that cannot be read are left out, with a warning that says how many; the
    last one may be cut off, by a process that was killed while it wrote it."""
    unreadable = last = 0
    for number, line in enumerate(lines):
        read = read_line(line)
        if read is not None:
            yield read
        else:
            unreadable, last = unreadable + 1, number
    unreadable -= bool(unreadable) and last == number
    if unreadable:
        logger.warning("%s: %d line(s) cannot be read, and are left out. Was the file edited?", name, unreadable)


def read_line(line: bytes) -> dict[str, Any] | None:
    """A stored line; None for the last one of a process that was killed while it wrote it."""
    try:
        # orjson makes a float of an integer beyond 64 bits.
        read = json.loads(line) if _BEYOND_64_BITS.search(line) else orjson.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
