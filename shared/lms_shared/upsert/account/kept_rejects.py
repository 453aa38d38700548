"""Rejects of incremental streams that still stand: the next sync tries them again, unless something newer came.

They lie in `kept-rejects-<stream>.jsonl`, which is a journal while a sync runs: a line for each reject, and a line
`{"settled": id}` as soon as one went through or something newer came for its key. Both are safe before the state of
the record that caused them goes out, so that after a crash nothing old is written over something new. The end of a
sync that went well writes the file anew with what stands.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from lms_shared.model.scalars import parse_instant
from lms_shared.upsert.account.rejects import strict_json
from lms_shared.upsert.account.store import FileKind, ReportStore
from lms_shared.upsert.item import Place, Version
from lms_shared.upsert.match.deferred import Spill
from lms_shared.wire.messages import RecordMessage, StreamId
from lms_shared.wire.parsing import parse_message

logger = logging.getLogger("airbyte")

SETTLED = "settled"
"""Key of a line that ends a kept reject, whose id it has."""
SUPERSEDED = "superseded"
"""Key of a line of a rejects file for whose record something newer came in the same sync."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A reject that stands."""

    id: str
    stream: str
    keys: tuple[str, ...]
    emitted_at: float
    place: Place
    """Where its line lies."""


@dataclass(slots=True)
class _Under:
    """The records of one key that are under way: the newest of all that came meanwhile, and how many are left."""

    newest: tuple[float, int]
    left: int = 0


class KeptRejects:
    """The rejects that stand, of all streams of one sync. Nothing is kept, tried or marked where `streams` is empty."""

    def __init__(
        self,
        store: ReportStore,
        spill: Spill,
        streams: Mapping[StreamId, bool],
        days: int,
        now: datetime | None = None,
    ) -> None:
        """`streams` says of each stream of the sync whether its rejects are kept; what lies there of the others is
        dropped at the end, since all of their records come again."""
        self._store = store
        self._spill = spill
        self._streams = {str(stream): kept for stream, kept in streams.items()}
        self._now = now or datetime.now(UTC)
        self._since = self._now - timedelta(days=days)
        self._days = days
        self._entries: dict[str, _Entry] = {}
        self._by_key: dict[str, str] = {}
        self._under_way: dict[str, _Under] = {}
        self._rejected: dict[str, bytes] = {}
        """The rejects of this sync by their keys, as digests of their lines."""
        self._superseded: dict[str, set[bytes]] = {}
        """Those of them for which something newer came, by stream."""
        self._expired: Counter[str] = Counter()
        self._touched: set[str] = set()

    @property
    def watches(self) -> bool:
        """Whether it matters what records are about."""
        return bool(self._streams)

    def read(self) -> None:
        """Reads what stands; to be called before the first record."""
        if not self._streams:
            return
        broken: Counter[str] = Counter()
        for line in self._store.kept(FileKind.KEPT):
            stream = str(line.get("stream"))
            if SETTLED in line:
                self._remove(str(line[SETTLED]))
            elif not _is_whole(line):
                broken[stream] += 1
            elif self._streams.get(stream):
                self._add(line)
            elif stream in self._streams:
                self._touched.add(stream)
        for stream, count in broken.items():
            logger.warning(
                "Stream '%s': %d line(s) of its kept rejects are not as they were written, and are not tried again. "
                "The rejects file of their sync has them as well.",
                stream,
                count,
            )

    def to_try(self) -> Iterator[tuple[str, RecordMessage]]:
        """The ids and records that are to be tried again, the oldest first."""
        for entry in sorted(self._entries.values(), key=lambda one: one.emitted_at):
            message = parse_message(self._line(entry)["record"]) if self.stands(entry.id) else None
            if isinstance(message, RecordMessage):
                yield entry.id, message

    def came(self, version: Version, retried: str | None) -> None:
        """A record came in: older ones about the same are not to be tried any more, nor written again by hand."""
        stream = str(version.stream)
        if stream not in self._streams:
            return
        for key in version.keys:
            under = self._under_way.setdefault(key, _Under(version.order))
            under.newest = max(under.newest, version.order)
            under.left += 1
            old = self._entries.get(self._by_key.get(key, ""))
            if old is not None and old.id != retried and old.emitted_at <= version.emitted_at:
                self._settle(old.id)
            rejected = self._rejected.pop(key, None)
            if rejected is not None:
                self._superseded.setdefault(stream, set()).add(rejected)

    def stands(self, retried: str) -> bool:
        """Whether a reject is still to be tried: nothing newer came, and it did not go through."""
        return retried in self._entries

    def went_through(self, version: Version, retried: str | None) -> None:
        """A record was written, found unchanged, or is not needed."""
        self._release(version)
        if retried is not None:
            self._settle(retried)

    def rejected(self, version: Version, line: Mapping[str, Any], retried: str | None) -> None:
        """A record was rejected, for the first time or again."""
        newest = self._release(version)
        stream = str(version.stream)
        if stream not in self._streams:
            return
        if retried is None:
            self._remember(version, line, newest=newest)
        if not self._streams[stream] or (retried is not None and not self.stands(retried)):
            return
        first = line["emitted_at"]
        if retried is not None:
            kept = self._line(self._entries[retried])
            first = kept["first_rejected_at"]
            if (parse_instant(str(first)) or self._now) < self._since:
                self._expired[stream] += 1
                self._settle(retried)
                return
            if kept["code"] == line["code"] and kept["reason"] == line["reason"]:
                return
            self._settle(retried)
        if newest:
            self._keep(version, {**line, "first_rejected_at": first})

    def _remember(self, version: Version, line: Mapping[str, Any], *, newest: bool) -> None:
        """Remembers a reject of this sync, so that its line can say that something newer came."""
        stream, digest = str(version.stream), _digest(line)
        if not newest:
            self._superseded.setdefault(stream, set()).add(digest)
            return
        for key in version.keys:
            self._rejected[key] = digest

    def finish(self) -> None:
        """Writes what stands anew, and marks in the rejects files what does not; for a sync that went well."""
        for stream, digests in self._superseded.items():
            self._store.replace(FileKind.REJECTS, stream, self._marked(stream, digests))
        for stream in sorted(self._touched):
            standing = [one for one in self._entries.values() if one.stream == stream]
            self._store.replace(FileKind.KEPT, stream, (self._line(one) for one in standing))
        for stream, count in self._expired.items():
            logger.warning(
                "Stream '%s': %d rejected record(s) failed for more than %d days and are not tried any more "
                "(keep_rejected_days).",
                stream,
                count,
                self._days,
            )

    def _marked(self, stream: str, digests: set[bytes]) -> Iterator[dict[str, Any]]:
        """The lines of a rejects file; those for which something newer came say so."""
        for line in self._store.kept(FileKind.REJECTS):
            if line.get("stream") == stream:
                yield {**line, SUPERSEDED: True} if _digest(line) in digests else line

    def _keep(self, version: Version, line: Mapping[str, Any]) -> None:
        kept = {
            "id": uuid.uuid4().hex,
            **line,
            "keys": list(version.keys),
            "record_emitted_at": version.emitted_at,
        }
        self._store.append(FileKind.KEPT, str(version.stream), kept)
        self._add(kept)

    def _add(self, line: Mapping[str, Any]) -> None:
        keys = tuple(map(str, line["keys"]))
        emitted_at = float(line["record_emitted_at"])
        entry = _Entry(str(line["id"]), str(line["stream"]), keys, emitted_at, self._spill.put(dict(line)))
        for key in keys:
            older = self._entries.get(self._by_key.get(key, ""))
            if older is not None and older.emitted_at <= emitted_at:
                self._remove(older.id)
            self._by_key[key] = entry.id
        self._entries[entry.id] = entry
        self._touched.add(entry.stream)

    def _settle(self, identifier: str) -> None:
        entry = self._entries.get(identifier)
        if entry is not None:
            self._store.append(FileKind.KEPT, entry.stream, {SETTLED: identifier})
            self._remove(identifier)

    def _remove(self, identifier: str) -> None:
        entry = self._entries.pop(identifier, None)
        if entry is None:
            return
        self._touched.add(entry.stream)
        self._spill.drop(entry.place)
        for key in entry.keys:
            if self._by_key.get(key) == identifier:
                del self._by_key[key]

    def _release(self, version: Version) -> bool:
        """Whether the record is the newest about its keys that came so far; it is not under way any more."""
        newest = True
        for key in version.keys:
            under = self._under_way.get(key)
            if under is None:
                continue
            newest = newest and under.newest <= version.order
            under.left -= 1
            if not under.left:
                del self._under_way[key]
        return newest

    def _line(self, entry: _Entry) -> dict[str, Any]:
        return cast(dict[str, Any], self._spill.look(entry.place))


_MEMBERS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "stream": str,
    "code": str,
    "reason": str,
    "first_rejected_at": str,
    "record_emitted_at": (int, float),
    "keys": list,
    "record": dict,
}


def _is_whole(line: Mapping[str, Any]) -> bool:
    """Whether a line is as it was written: people open such files, and programs that convert them."""
    return all(isinstance(line.get(name), kind) for name, kind in _MEMBERS.items())


def _digest(line: Mapping[str, Any]) -> bytes:
    """Tells a line of a rejects file from all others, before and after it was stored."""
    return hashlib.blake2b(strict_json([line["emitted_at"], line["code"], line["record"]]), digest_size=12).digest()
