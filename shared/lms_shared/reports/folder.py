"""Keeps rejects, plans and the report page in a local folder."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.errors import config_error
from lms_shared.reports.store import (
    EARLIER,
    PAGE,
    UNFINISHED,
    encoded,
    file_name,
    is_durable,
    is_of,
    is_report,
    page_bytes,
    read_lines,
)
from lms_shared.upsert.account.store import FileKind

_BLOCK = 65_536


class FolderStore:
    """The files of one sync in a folder.

    Raises AirbyteTracedException (config_error) whenever the folder cannot be written.
    """

    keeps = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._grown: set[str] = set()
        with _writing():
            folder.mkdir(parents=True, exist_ok=True)
            marker = folder / UNFINISHED
            if not marker.exists():
                self._put_away()
            marker.touch()

    def _reports(self) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if is_report(path.name))

    def _put_away(self) -> None:
        old = self._reports()
        if not old:
            return
        made = datetime.fromtimestamp(max(path.stat().st_mtime for path in old), UTC)
        earlier = self._folder / EARLIER / made.strftime("%Y%m%dT%H%M%S.%fZ")
        earlier.mkdir(parents=True, exist_ok=True)
        for path in old:
            path.rename(earlier / path.name)

    def kept(self, kind: FileKind) -> Iterator[dict[str, Any]]:
        for path in sorted(self._folder.iterdir()):
            if is_of(path.name, kind):
                with path.open("rb") as file:
                    yield from read_lines(path.name, file)

    def append(self, kind: FileKind, stream: str, line: Mapping[str, Any]) -> None:
        name = file_name(kind, stream)
        file, first = self._files.get(name), False
        try:
            if file is None:
                file = self._files[name] = _append_to(self._folder / name)
                first = file.tell() == 0
            file.write(encoded(kind, line, first=first) + b"\n")
        except OSError as error:
            raise _not_writable(error) from error
        self._grown.add(name)

    def replace(self, kind: FileKind, stream: str, lines: Iterable[Mapping[str, Any]]) -> None:
        name = file_name(kind, stream)
        with _writing():
            if name in self._files:
                self._files[name].flush()
            new = self._folder / f".new-{name}"
            with new.open("wb") as file:
                for number, line in enumerate(lines):
                    file.write(encoded(kind, line, first=number == 0) + b"\n")
                file.flush()
                os.fsync(file.fileno())
                empty = not file.tell()
            open_file = self._files.pop(name, None)
            if open_file is not None:
                open_file.close()
            self._grown.discard(name)
            if empty:
                new.unlink()
                (self._folder / name).unlink(missing_ok=True)
            else:
                new.replace(self._folder / name)

    def flush(self) -> None:
        with _writing():
            for name in self._grown:
                file = self._files[name]
                file.flush()
                if is_durable(name):
                    os.fsync(file.fileno())
            self._grown.clear()

    def put_page(self, page: str) -> None:
        with _writing():
            (self._folder / PAGE).write_bytes(page_bytes(page))

    def close(self, *, finished: bool) -> None:
        self.flush()
        with _writing():
            for file in self._files.values():
                file.close()
            self._files.clear()
            if finished:
                (self._folder / UNFINISHED).unlink(missing_ok=True)


def prove_folder(folder: Path) -> None:
    """Proves that the folder can be written to.

    Raises AirbyteTracedException (config_error) where it cannot.
    """
    with _writing():
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".check-{uuid.uuid4().hex}"
        probe.write_bytes(b"ok")
        probe.unlink()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _not_writable(error) from error


def _not_writable(error: OSError) -> AirbyteTracedException:
    return config_error(
        f"The folder for rejected records cannot be written ({error.strerror}). Correct object_storage_config.path."
    )


def _append_to(path: Path) -> BinaryIO:
    """Opens a file of lines to go on with; a last line that a crash cut off was never acknowledged and is removed."""
    file = path.open("a+b", buffering=_BLOCK)
    size = file.seek(0, 2)
    while size and (file.seek(size - 1), file.read(1))[1] != b"\n":
        start = max(0, size - _BLOCK)
        file.seek(start)
        size = start + file.read(size - start).rfind(b"\n") + 1
        file.truncate(size)
    return file
