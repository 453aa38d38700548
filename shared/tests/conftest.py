"""Settings of all tests of the shared package."""

from __future__ import annotations

from hypothesis import settings

# The same examples each time, and none that fails because the machine is busy.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
