"""A summary of many rows in a few kilobytes: tells whether a row was there with the same values (a Bloom filter).

It is how an incremental sync notices a row that is new or changed while no stamp moved, without an entry per row in the
state. "There" may be wrong, "not there" never is: a change is overlooked with the probability that `miss_probability`
gives, never read twice.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

BITS_PER_ROW = 12
MIN_BYTES, MAX_BYTES = 64, 256 * 1024
MAX_ROWS = 500_000
"""With more rows than this the summary would be guesswork, and none is kept."""
MAX_HASHES = 12
MOST_BITS_SET = 0.6
"""The share of set bits from which on a summary to which rows were added is made anew; half of them are set in one
that is."""
_HALF = 0xFFFFFFFF


@dataclass(frozen=True)
class Fingerprints:
    """The summary; `hashes` bits are set for each row."""

    bits: bytes
    hashes: int

    @classmethod
    def of(cls, digests: array[int]) -> Fingerprints | None:
        """The summary of rows by their 64-bit digests; None when there are too many."""
        if len(digests) > MAX_ROWS:
            return None
        size, hashes = _shape(len(digests))
        return cls(bytes(size), hashes).joined(digests)

    def joined(self, digests: Iterable[int]) -> Fingerprints:
        """The summary of these rows besides."""
        bits = bytearray(self.bits)
        for digest in digests:
            for place in _places(digest, len(bits) * 8, self.hashes):
                bits[place >> 3] |= 1 << (place & 7)
        return Fingerprints(bytes(bits), self.hashes)

    @property
    def is_full(self) -> bool:
        """Whether so many rows were added that changes would be overlooked more often than `miss_probability` says."""
        return int.from_bytes(self.bits).bit_count() > MOST_BITS_SET * len(self.bits) * 8

    def __contains__(self, digest: int) -> bool:
        return all(
            self.bits[place >> 3] >> (place & 7) & 1 for place in _places(digest, len(self.bits) * 8, self.hashes)
        )

    def to_state(self) -> dict[str, object]:
        """JSON value for a state message."""
        return {"bits": base64.b85encode(self.bits).decode(), "hashes": self.hashes}

    @classmethod
    def from_state(cls, value: object) -> Fingerprints | None:
        """What `to_state` gave; None for anything else, as in a state that was written by hand."""
        if not isinstance(value, dict):
            return None
        bits, hashes = value.get("bits"), value.get("hashes")
        if not isinstance(bits, str) or not isinstance(hashes, int) or not 1 <= hashes <= MAX_HASHES:
            return None
        try:
            decoded = base64.b85decode(bits)
        except ValueError:
            return None
        return cls(decoded, hashes) if decoded else None


def miss_probability(rows: int) -> float:
    """How likely a change is overlooked that nothing but the summary of so many rows could show."""
    if rows > MAX_ROWS:
        return 1.0
    size, hashes = _shape(rows)
    return float((1 - math.exp(-hashes * rows / (size * 8))) ** hashes)


def collected(digests: Iterable[int | None]) -> array[int]:
    """Digests in 8 bytes each."""
    return array("Q", (digest for digest in digests if digest is not None))


def _shape(rows: int) -> tuple[int, int]:
    """Bytes and bits per row that suit so many rows."""
    size = min(max(rows * BITS_PER_ROW // 8 + 1, MIN_BYTES), MAX_BYTES)
    return size, min(max(1, round(size * 8 / max(rows, 1) * math.log(2))), MAX_HASHES)


def _places(digest: int, size: int, hashes: int) -> Iterator[int]:
    first, step = digest & _HALF, (digest >> 32) | 1
    return ((first + number * step) % size for number in range(hashes))
