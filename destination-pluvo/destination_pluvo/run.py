"""The command `destination-pluvo`."""

from __future__ import annotations

import sys

from destination_pluvo.destination import DestinationPluvo


def run() -> None:
    DestinationPluvo().run(sys.argv[1:])
