"""The command `source-pluralsight`."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Runs the Airbyte command of the command line."""
    # What imports make stays; to look for garbage in it is a tenth of the time that a short command takes.
    gc.disable()
    from lms_shared.source.command_line import run_source  # noqa: PLC0415
    from source_pluralsight.source import SourcePluralsight  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    run_source(SourcePluralsight, sys.argv[1:])
