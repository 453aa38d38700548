"""The command `destination-pluvo`."""

from __future__ import annotations

import sys

from destination_pluvo.destination import DestinationPluvo


def run() -> None:
    """Runs the Airbyte command of the command line."""
    DestinationPluvo().run(sys.argv[1:])
