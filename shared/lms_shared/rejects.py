"""Prints the messages of rejects files, so that the records can be written again once the reason is gone.

    python -m lms_shared.rejects rejects-users.jsonl > again.jsonl
    destination-skilljar write --config config.json --catalog catalog.json < again.jsonl

Rejects of incremental streams are tried again by the next sync anyway. Records for which something newer came are left
out, and told: written again, they would overwrite it. So is all of a file of an earlier sync that no longer stands in
the file of kept rejects (`kept-rejects-users.jsonl`), which can be printed as well. `--all` prints every record.

Of a record that no parser could read the line that came is printed, and integers of any size keep their digits. Write
to a file of its own first: a sync moves the rejects files of the one before it. Config and catalog are those of the
sync that rejected the records. With `-` the rejects are read from standard input, such as from `aws s3 cp`.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lms_shared.reports.store import EARLIER, read_line
from lms_shared.upsert.account.kept_rejects import SETTLED, SUPERSEDED
from lms_shared.upsert.account.rejects import strict_json
from lms_shared.upsert.account.store import FileKind
from lms_shared.wire.messages import RecordMessage
from lms_shared.wire.parsing import ALTERED, UNREADABLE, parse_line
from lms_shared.wire.raw import raw_members


@dataclass
class Printed:
    """The messages of one file, and how many of its records are left out."""

    everything: bool = False
    standing: frozenset[bytes] | None = None
    """What stands of a file of an earlier sync; None for any other file."""
    left_out: int = 0

    def messages(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The Airbyte messages of the lines of a rejects file.

        Raises ValueError, naming the line, for one that is not a rejects-file line.
        """
        waiting: dict[str, bytes] = {}
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            read = _read(line, number)
            if SETTLED in read:
                self.left_out += waiting.pop(str(read[SETTLED]), None) is not None
                continue
            message = _message(read, line, number).encode()
            if self._outdated(read):
                self.left_out += 1
            elif "id" in read and not self.everything:
                waiting[str(read["id"])] = message
            else:
                yield message
        yield from waiting.values()

    def _outdated(self, read: Mapping[str, Any]) -> bool:
        if self.everything:
            return False
        return SUPERSEDED in read or (self.standing is not None and _told_apart(read) not in self.standing)


def standing_of(name: str) -> frozenset[bytes] | None:
    """What stands of the rejects in a file of an earlier sync, which lies two folders below the kept ones; None for any
    other file."""
    path = Path(name)
    if path.parent.parent.name != EARLIER:
        return None
    kept = path.parent.parent.parent / path.name.replace(FileKind.REJECTS.value, FileKind.KEPT.value, 1)
    lines = kept.read_bytes().splitlines() if kept.exists() else []
    read = [_read(line, number) for number, line in enumerate(lines, 1)]
    settled = {str(one[SETTLED]) for one in read if SETTLED in one}
    return frozenset(_told_apart(one) for one in read if SETTLED not in one and str(one.get("id")) not in settled)


def _told_apart(read: Mapping[str, Any]) -> bytes:
    return strict_json(read.get("record"))


def _read(line: bytes, number: int) -> dict[str, Any]:
    read = read_line(line)
    if read is None:
        raise ValueError(f"line {number} is not valid JSON, or not a rejects-file line")
    return read


def _message(read: Mapping[str, Any], line: bytes, number: int) -> str:
    message, text = read.get("record"), raw_members(line.decode()).get("record")
    if not isinstance(message, dict) or message.get("type") != "RECORD" or text is None:
        raise ValueError(f"line {number} is not a rejects-file line")
    return _as_it_came(message) or text


def _as_it_came(message: Mapping[str, Any]) -> str | None:
    """The line of a record that no parser could read, where it was kept whole: it is rejected again, for the same."""
    line = message.get(UNREADABLE)
    if not isinstance(line, str) or ALTERED in message:
        return None
    parsed = parse_line(line.encode())
    return line if isinstance(parsed, RecordMessage) and parsed.problem else None


def main(arguments: list[str] | None = None) -> int:
    """The command; 1 where a file cannot be read."""
    summary, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        "python -m lms_shared.rejects",
        description=summary,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", help="rejects files, - for standard input")
    parser.add_argument("--all", action="store_true", help="print records for which something newer came, too")
    given = parser.parse_args(arguments)
    names = given.files
    with ExitStack() as stack:
        for name in names:
            try:
                file: BinaryIO = sys.stdin.buffer if name == "-" else stack.enter_context(open(name, "rb"))
                printed = Printed(given.all, standing_of(name))
                for message in printed.messages(file):
                    sys.stdout.buffer.write(message + b"\n")
                if printed.left_out:
                    print(
                        f"{name}: {printed.left_out} record(s) left out: they went through, or something newer came.",
                        file=sys.stderr,
                    )
            except OSError as error:
                print(f"{name}: {error.strerror}", file=sys.stderr)
                return 1
            except ValueError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
    sys.stdout.buffer.flush()
    return 0


def run() -> int:
    """The command as a process of its own."""
    logging.disable()  # the CDK logs to standard output, where the messages go
    return main()


if __name__ == "__main__":
    sys.exit(run())
