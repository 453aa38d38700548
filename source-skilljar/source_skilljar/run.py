"""The command `source-skilljar`."""

from __future__ import annotations

import sys

from lms_shared.source.command_line import run_source
from source_skilljar.source import SourceSkilljar


def run() -> None:
    """Runs the Airbyte command of the command line."""
    run_source(SourceSkilljar, sys.argv[1:])
