"""The command `destination-pluvo`."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Runs the Airbyte command of the command line."""
    # What imports make stays; to look for garbage in it is a tenth of the time that a short command takes.
    gc.disable()
    from destination_pluvo.destination import DestinationPluvo  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    DestinationPluvo().run(sys.argv[1:])
