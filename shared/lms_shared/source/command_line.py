"""Runs one Airbyte command of a source and ends the process: files, signals, failures and the exit code.

The CDK's `launch` leaves these open: a file that is missing or not valid JSON ends in a traceback; SIGTERM does nothing
in process 1 of a container, which has no default handlers; threads that wait keep the process alive after Ctrl-C; and a
failure that was reported stream by stream is reported once more.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.models import AirbyteMessageSerializer, AirbyteStateMessage, ConfiguredAirbyteCatalog, FailureType
from airbyte_cdk.sources import Source
from airbyte_cdk.utils import AirbyteTracedException

from lms_shared.activity import progress_logged
from lms_shared.garbage import collect_seldom
from lms_shared.privacy import MaskEmails, mask_emails
from lms_shared.signals import Stopped, stopped_by_signals
from lms_shared.source.entrypoint import Entrypoint

SourceFactory = Callable[
    [ConfiguredAirbyteCatalog | None, dict[str, Any] | None, list[AirbyteStateMessage] | None, str | None], Source
]
"""Makes a source of a catalog, a config, states and the config's path, each of which may be missing."""

FAILED = 1
RECORDS = "records"
_CDK = "airbyte_cdk"
"""The folder of the CDK's modules."""
_TRACE = '{"type":"TRACE"'
_FLUSHED_AT_ONCE = ('{"type":"STATE"', _TRACE)


def run_source(make: SourceFactory, arguments: Sequence[str]) -> None:
    """Runs the command, prints its messages, and ends the process.

    Exit codes: 0; 1 after a failure, which a trace message explains; 2 for arguments that cannot be understood.
    """
    for handler in logging.getLogger().handlers:
        # Rows, and errors about rows, hold addresses, whichever library logs them.
        handler.addFilter(MaskEmails())
        handler.addFilter(NoCdkNotes())
    parsed = AirbyteEntrypoint.parse_args(list(arguments))
    if parsed.command is None:
        AirbyteEntrypoint.parse_args(["--help"])
    try:
        records = Counter[str]()
        with stopped_by_signals(FAILED), _told_while_reading(parsed.command, records):
            _run(make, parsed, records)
    except Stopped as stop:
        _explain(
            AirbyteTracedException(
                message=f"The command was stopped by {stop.signal_name} before it was done. The next sync goes on "
                "from the last state.",
                failure_type=FailureType.transient_error,
            )
        )
        _leave(FAILED)
    except BrokenPipeError:
        # Whoever reads the messages is gone; so is the place to say it.
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - to the end of the process
        os._exit(FAILED)
    except AirbyteTracedException as error:
        _explain(error)
        _leave(FAILED)
    except Exception as bug:
        _explain(AirbyteTracedException.from_exception(bug, message="The connector has a bug; please report it."))
        _leave(FAILED)
    _leave(0)


class NoCdkNotes(logging.Filter):
    """Leaves out what the CDK notes at INFO about its own doings, several lines a stream, unless debugging is on.

    The stream statuses say the same. Warnings and errors pass.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        is_note = record.levelno == logging.INFO and _CDK in Path(record.pathname).parts
        return not is_note or logging.getLogger("airbyte").isEnabledFor(logging.DEBUG)


def _told_while_reading(command: str, told: Mapping[str, int]) -> AbstractContextManager[None]:
    return progress_logged(lambda: {RECORDS: told[RECORDS]}) if command == "read" else nullcontext()


def _run(make: SourceFactory, parsed: Any, told: MutableMapping[str, int]) -> None:
    config_path = getattr(parsed, "config", None)
    config = _config(config_path) if config_path else None
    catalog = _catalog(parsed.catalog) if getattr(parsed, "catalog", None) else None
    states = _states(parsed.state) if getattr(parsed, "state", None) else None
    source = make(catalog, config, states, config_path)
    collect_seldom()

    def print_record(line: str) -> None:
        told[RECORDS] += 1
        PRINT_BUFFER.write(line)

    for line in Entrypoint(source, print_record).run(parsed):
        if not line.startswith(_FLUSHED_AT_ONCE):
            PRINT_BUFFER.write(line + "\n")
            continue
        # A trace may hold the text of an error about a row.
        PRINT_BUFFER.write((mask_emails(line) if line.startswith(_TRACE) else line) + "\n")
        PRINT_BUFFER.flush()


def _config(path: str) -> dict[str, Any]:
    config = _json(path, "config")
    if not isinstance(config, dict):
        raise _wrong("The config file must hold a JSON object.")
    return config


def _catalog(path: str) -> ConfiguredAirbyteCatalog:
    value = _json(path, "catalog")
    if not isinstance(value, dict) or not isinstance(value.get("streams"), list):
        raise _wrong("The catalog file must hold a configured catalog: a JSON object with a list of streams.")
    try:
        return Source.read_catalog(path)
    except Exception as error:
        raise _wrong(f"The catalog file is not a configured catalog: {error}") from error


def _states(path: str) -> list[AirbyteStateMessage]:
    value = _json(path, "state")
    if value and not isinstance(value, list):
        raise _wrong("The state file must hold a list of Airbyte state messages, as the connector printed them.")
    try:
        return Source.read_state(path)
    except Exception as error:
        raise _wrong(f"The state file is not a list of Airbyte state messages: {error}") from error


def _json(path: str, what: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(f"The {what} file cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise _wrong(f"The {what} file is not valid JSON.") from error


def _wrong(message: str) -> AirbyteTracedException:
    return AirbyteTracedException(message=message, internal_message=message, failure_type=FailureType.config_error)


def _explain(error: AirbyteTracedException) -> None:
    message = error.as_sanitized_airbyte_message()
    PRINT_BUFFER.write(mask_emails(orjson.dumps(AirbyteMessageSerializer.dump(message)).decode()) + "\n")


def _leave(code: int) -> None:
    """Ends the process, without the threads that still wait for an answer."""
    try:
        PRINT_BUFFER.flush()
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(FAILED)
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if any(not thread.daemon for thread in others):
        os._exit(code)
    sys.exit(code)
