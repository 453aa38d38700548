"""The command `destination-skilljar`."""

from __future__ import annotations

import sys

from destination_skilljar.destination import DestinationSkilljar


def run() -> None:
    """Runs the Airbyte command of the command line."""
    DestinationSkilljar().run(sys.argv[1:])
