"""What tells whether the children of a parent have to be read again: its time, and a digest of fields beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from source_skilljar.cursors.timestamps import parse_timestamp
from source_skilljar.declarations import EVERY_FIELD, StampDeclaration
from source_skilljar.records.shape import dig

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ParentStamp:
    """`key` tells the parent from others. `text` is its time as it came, `moment` the same, or what stands in for it.
    `digest` changes with any of the watched fields; None where none is watched."""

    key: Key
    text: str | None
    moment: datetime | None
    digest: int | None


def stamp_of(declared: StampDeclaration, key: Key, row: Mapping[str, Any]) -> ParentStamp:
    """The stamp of one row."""
    first = dig(row, declared.by[0]) if declared.by else None
    moment = next((found for path in declared.by if (found := parse_timestamp(dig(row, path))) is not None), None)
    digest = None
    if declared.watch == EVERY_FIELD:
        digest = digest_of_row(row)
    elif declared.watch:
        digest = digest_of(key, [dig(row, path) for path in declared.watch])
    return ParentStamp(key, first if isinstance(first, str) else None, moment, digest)


def digest_of(key: Key, values: list[Any]) -> int:
    """64 bits that stand for a row and the present values of some of its fields."""
    return _bits(repr((key, *values)).encode())


def digest_of_row(row: Mapping[str, Any]) -> int:
    """64 bits that stand for a row with all its values, in whatever order its fields come."""
    return _bits(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))


def _bits(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest())
