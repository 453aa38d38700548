"""The command line of a destination: its commands, what they read, and what they print.

Airbyte's commands, and `discover`, which the CDK's own parser lacks.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence
from typing import BinaryIO, cast

import orjson
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import AirbyteMessageSerializer, ConfiguredAirbyteCatalog, ConfiguredAirbyteCatalogSerializer
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.config.problems import hidden
from lms_shared.errors import config_error, transient_error

logger = logging.getLogger("airbyte")

FAILED = 1
"""Exit code of a command that failed."""
COMMANDS = {
    "spec": ("show the form of the config", ()),
    "check": ("prove that the config reaches the LMS", ("config",)),
    "discover": ("list the objects that can be written, and how", ("config",)),
    "write": ("write the messages of standard input into the LMS", ("config", "catalog")),
}
"""What each command does, and the files that it needs."""
FILES = {
    "config": "path to the config, a JSON file",
    "catalog": "path to the configured catalog, a JSON file",
}


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """`command`, and the paths that it needs. Ends the process with code 2 for arguments that cannot be understood."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(title="commands", dest="command", required=True)
    for name, (does, files) in COMMANDS.items():
        command = commands.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        for file in files:
            command.add_argument(f"--{file}", required=True, help=FILES[file])
    return parser.parse_args(list(arguments))


def own_reader(stream: io.TextIOWrapper) -> BinaryIO:
    """A reader of the same input that nobody else closes.

    A thread waits in it for the next line; closing it, as the end of the process does with stdin, would wait as well.
    """
    try:
        return os.fdopen(os.dup(stream.fileno()), "rb")
    except io.UnsupportedOperation:  # an input in memory
        return cast(BinaryIO, stream.buffer)


def read_catalog(path: str) -> ConfiguredAirbyteCatalog:
    """The catalog of a file. Raises AirbyteTracedException (config_error)."""
    try:
        with open(path, "rb") as file:
            return ConfiguredAirbyteCatalogSerializer.load(orjson.loads(file.read()))
    except OSError as error:
        raise config_error(f"The catalog file cannot be read: {error.strerror}.") from error
    except Exception as error:
        raise config_error("The catalog file is not a configured Airbyte catalog.") from error


def print_line(line: bytes) -> None:
    """Prints a line at once."""
    print(line.decode() + "\n", end="")
    PRINT_BUFFER.flush()


def interrupted() -> AirbyteTracedException:
    """The failure of a sync that was stopped from outside."""
    message = "The sync was interrupted. Run it again: it goes on from the last state."
    return transient_error(message)


def fail(error: AirbyteTracedException) -> None:
    """Prints the trace of a failure, and ends the process."""
    logger.error("%s", error.message)
    trace = orjson.dumps(AirbyteMessageSerializer.dump(error.as_airbyte_message())).decode()
    print_line(hidden(trace).encode())
    sys.exit(FAILED)
