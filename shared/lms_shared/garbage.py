"""How often Python looks for objects that refer to each other in a circle and are of no use any more."""

from __future__ import annotations

import gc

THRESHOLDS = (100_000, 50, 100)
"""How many objects must be new before the youngest are looked at, and how often so before older ones are."""


def collect_seldom() -> None:
    """To be called when a command is about to take records in.

    Records hold no circles, and looking for some among a million of them costs a tenth to a fifth of the time.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
