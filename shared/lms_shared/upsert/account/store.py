"""What the engine asks of the place that keeps the lines of a sync, and of whoever sums them up for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

from lms_shared.upsert.plan.plan import Action


class FileKind(Enum):
    """What the lines of a file are; its value begins the file's name."""

    REJECTS = "rejects"
    PLAN = "plan"
    IDS = "ids"
    KEPT = "kept-rejects"
    """Rejects that still stand, of all syncs so far."""
    TABLE = "report"
    """All records as a table that opens in a spreadsheet."""

    @property
    def suffix(self) -> str:
        return ".csv" if self is FileKind.TABLE else ".jsonl"

    @property
    def durable(self) -> bool:
        """Whether a state waits until the lines before it are safe."""
        return self in (FileKind.REJECTS, FileKind.KEPT)

    @property
    def of_one_sync(self) -> bool:
        """Whether the file belongs to one sync, and is put away when the next one begins."""
        return self is not FileKind.KEPT


class Identity(NamedTuple):
    """How an object is known in the LMS, as far as it is; empty for one that is only planned."""

    id: str | None = None
    external_reference: str | None = None
    address: str | None = None
    """Where people find it."""

    @property
    def shown(self) -> dict[str, str]:
        """The parts that are known, for a line."""
        parts = {"id": self.id, "external_reference": self.external_reference}
        return {name: value for name, value in parts.items() if value is not None}


class ReportedObject(NamedTuple):
    """What became of one object."""

    stream: str
    object_name: str
    action: Action
    key: Mapping[str, Any]
    """The fields by which people know its record."""
    reason: str
    changes: Sequence[Mapping[str, Any]] = ()
    """Its changed fields, before and after."""
    identity: Identity = Identity()


class ReportStore(Protocol):
    """Where the lines of rejects and plans, and the page, go.

    Raises AirbyteTracedException (config_error or transient_error) where they cannot be kept: a sync must not go on
    without them.
    """

    @property
    def keeps(self) -> bool:
        """Whether rejects are kept at all."""

    def kept(self, kind: FileKind) -> Iterator[dict[str, Any]]:
        """The lines of a sync that broke off, with which this one goes on; to be asked before the first new line."""

    def append(self, kind: FileKind, stream: str, line: Mapping[str, Any]) -> None:
        """Adds a line to the file of a kind and stream."""

    def replace(self, kind: FileKind, stream: str, lines: Iterable[Mapping[str, Any]]) -> None:
        """Writes the file of a kind and stream anew, in one step; without a line it is removed."""

    def flush(self) -> None:
        """Makes all rejects so far durable; called before a state message goes out."""

    def put_page(self, page: str) -> None:
        """Keeps the report page."""

    def close(self, *, finished: bool) -> None:
        """Ends the sync's files."""


class SyncObserver(Protocol):
    """Is told what becomes of each object and record, so that it can sum them up."""

    def note(self, told: ReportedObject) -> None:
        """What became of one object."""

    def reject(self, line: Mapping[str, Any], key: Mapping[str, Any]) -> None:
        """A rejected record, by its line of the rejects file."""
