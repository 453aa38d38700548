"""Prints the messages of rejects files, so that the records can be written again once the reason is gone.

    python -m lms_shared.rejects rejects-users.jsonl > again.jsonl
    destination-skilljar write --config config.json --catalog catalog.json < again.jsonl

The same as `jq -c .record`, but of a record that no parser could read the line that came is printed, and integers of
any size keep their digits. Write to a file of its own first: a sync moves the rejects files of the one before it.
Config and catalog are those of the sync that rejected the records. With `-` the rejects are read from standard input,
such as from `aws s3 cp`.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, BinaryIO

import orjson

from lms_shared.wire.members import member
from lms_shared.wire.messages import RecordMessage
from lms_shared.wire.parsing import ALTERED, UNREADABLE, parse_line


def messages(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The Airbyte messages of the lines of a rejects file.

    Raises ValueError, naming the line, for one that is no line of a rejects file.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _message(line, number).encode()


def _message(line: bytes, number: int) -> str:
    try:
        read = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {number} is no JSON") from error
    message = read.get("record") if isinstance(read, dict) else None
    text = member(line.decode(), "record")
    if not isinstance(message, dict) or message.get("type") != "RECORD" or text is None:
        raise ValueError(f"line {number} is no line of a rejects file")
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
    names = parser.parse_args(arguments).files
    with ExitStack() as stack:
        for name in names:
            try:
                file: BinaryIO = sys.stdin.buffer if name == "-" else stack.enter_context(open(name, "rb"))
                for message in messages(file):
                    sys.stdout.buffer.write(message + b"\n")
            except OSError as error:
                print(f"{name}: {error.strerror}", file=sys.stderr)
                return 1
            except ValueError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    logging.disable()  # the CDK logs to standard output, where the messages go
    sys.exit(main())
