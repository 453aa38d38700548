"""What tells whether the children of a parent have to be read again: its stamp, and a digest of fields beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from airbyte_cdk.sources.types import StreamSlice

from source_skilljar.listing import dig
from source_skilljar.timestamps import parse_timestamp

_SLICE_KEY = "drive"


@dataclass(frozen=True, slots=True)
class Drive:
    """`stamp` is the parent's own text, copied to its children as `field` if that is named. `moment` is the stamp, or
    what stands in for it. `digest` changes with any of the watched fields; None where none is watched."""

    field: str | None
    stamp: str | None
    moment: datetime | None
    digest: int | None


@dataclass(frozen=True)
class DriveRule:
    """Where the stamp and the watched fields of a parent row stand (dotted paths).

    `stamps` are tried in order, so that a user who was never active counts from the day of signing up.
    """

    stamps: Sequence[str]
    watch: Sequence[str] = ()
    field: str | None = None

    def read(self, key: object, row: Mapping[str, Any]) -> Drive:
        """The drive of one row; `key` tells it from the others."""
        first = dig(row, self.stamps[0])
        moment = next((found for path in self.stamps if (found := parse_timestamp(dig(row, path))) is not None), None)
        digest = digest_of(key, [dig(row, path) for path in self.watch]) if self.watch else None
        return Drive(self.field, first if isinstance(first, str) else None, moment, digest)


def digest_of(key: object, values: Sequence[Any]) -> int:
    """64 bits that stand for a row and the present values of some of its fields."""
    return int.from_bytes(blake2b(repr((key, *values)).encode(), digest_size=8).digest())


def with_drive(partition: Mapping[str, Any], drive: Drive | None) -> StreamSlice:
    """A slice whose children know what drives them."""
    return StreamSlice(partition=partition, cursor_slice={}, extra_fields={_SLICE_KEY: drive} if drive else {})


def drive_of(stream_slice: StreamSlice) -> Drive | None:
    """What drives a slice."""
    drive = stream_slice.extra_fields.get(_SLICE_KEY)
    return drive if isinstance(drive, Drive) else None
