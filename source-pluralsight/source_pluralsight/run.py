"""The command `source-pluralsight`."""

from __future__ import annotations

import sys

from lms_shared.source.command_line import run_source
from source_pluralsight.source import SourcePluralsight


def run() -> None:
    """Runs the Airbyte command of the command line."""
    run_source(SourcePluralsight, sys.argv[1:])
