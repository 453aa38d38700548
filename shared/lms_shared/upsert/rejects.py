"""Keeps every rejected record with its reason, as JSON lines that can be written again after the fix.

The folder holds the files of the latest sync. Those of a sync that ended well are moved to `earlier/` when the next one
begins; after a sync that broke off the next one goes on in the same files, so that no acknowledged reject is lost.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from lms_shared.model.fields import format_instant
from lms_shared.upsert.routing import config_error

_UNFINISHED = ".unfinished"
_BLOCK = 65_536
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class ReportStore(Protocol):
    """Where the lines of rejects and plans go."""

    def append(self, kind: str, stream: str, line: Mapping[str, Any]) -> None:
        """Adds a line to `<kind>-<stream>.jsonl`."""

    def flush(self) -> None:
        """Makes all lines so far durable; called before a state message goes out."""

    def close(self, *, finished: bool) -> None:
        """Ends the sync's files."""


class NoStore:
    """Keeps nothing: rejects are only counted and logged."""

    def append(self, kind: str, stream: str, line: Mapping[str, Any]) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self, *, finished: bool) -> None:
        pass


class FolderStore:
    """Keeps the lines in a local folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        marker = folder / _UNFINISHED
        if not marker.exists():
            self._put_away()
        marker.touch()

    def _put_away(self) -> None:
        old = sorted(self._folder.glob("*.jsonl"))
        if not old:
            return
        made = datetime.fromtimestamp(max(path.stat().st_mtime for path in old), UTC)
        earlier = self._folder / "earlier" / made.strftime("%Y%m%dT%H%M%S.%fZ")
        earlier.mkdir(parents=True, exist_ok=True)
        for path in old:
            path.rename(earlier / path.name)

    def append(self, kind: str, stream: str, line: Mapping[str, Any]) -> None:
        name = f"{kind}-{_UNSAFE.sub('_', stream)}.jsonl"
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = _append_to(self._folder / name)
        file.write(strict_json(line) + b"\n")

    def flush(self) -> None:
        for file in self._files.values():
            file.flush()

    def close(self, *, finished: bool) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
        if finished:
            (self._folder / _UNFINISHED).unlink(missing_ok=True)


def _append_to(path: Path) -> BinaryIO:
    """Opens a file of lines to go on with; a last line that a crash cut off was never acknowledged and is removed."""
    file = path.open("a+b")
    size = file.seek(0, 2)
    while size and (file.seek(size - 1), file.read(1))[1] != b"\n":
        start = max(0, size - _BLOCK)
        file.seek(start)
        size = start + file.read(size - start).rfind(b"\n") + 1
        file.truncate(size)
    return file


def open_store(folder: Path | None) -> ReportStore:
    """The store of a sync's rejects and plans.

    Raises AirbyteTracedException (config_error) for a folder that cannot be written.
    """
    if folder is None:
        return NoStore()
    try:
        return FolderStore(folder)
    except OSError as error:
        raise config_error(
            f"The folder for rejected records cannot be written ({error.strerror}). Correct object_storage_config.path."
        ) from error


def strict_json(line: Mapping[str, Any]) -> bytes:
    """JSON that any parser reads: numbers that JSON does not know (NaN) become their names, as text."""
    try:
        return orjson.dumps(line, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_strict(line))


def _strict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_strict(str(key)): _strict(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_strict(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def reject_line(
    stream: str,
    object_name: str | None,
    code: str,
    reason: str,
    remedy: str,
    candidates: list[dict[str, Any]],
    message: Mapping[str, Any],
) -> dict[str, Any]:
    """One line of a rejects file; `message` is the whole Airbyte message as it came."""
    return {
        "stream": stream,
        "object": object_name,
        "code": code,
        "reason": reason,
        "remedy": remedy,
        "candidates": candidates,
        "record": _named_numbers(message),
        "emitted_at": format_instant(datetime.now(UTC)),
    }


def _named_numbers(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _named_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_named_numbers(one) for one in value]
    return value
