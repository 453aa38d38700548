"""The destination on the LMS in memory as a program: `python -m lms_shared.dev.testing write --config …`."""

from __future__ import annotations

import sys

from lms_shared.dev.testing.memory_destination import MemoryDestination


def run() -> None:
    """Runs the command of the arguments."""
    MemoryDestination().run(sys.argv[1:])


if __name__ == "__main__":
    run()
