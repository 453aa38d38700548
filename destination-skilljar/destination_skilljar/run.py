"""The command `destination-skilljar`."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Runs the Airbyte command of the command line."""
    # What imports make stays; to look for garbage in it is a tenth of the time that a short command takes.
    gc.disable()
    from destination_skilljar.destination import DestinationSkilljar  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    DestinationSkilljar().run(sys.argv[1:])
