"""The parts of a destination's form, in the order in which somebody who fills it in needs them."""

from __future__ import annotations

from lms_shared.config.model import Group

CONNECTION = Group("connection", "Connection")
WRITTEN = Group("written", "What is written")
SAFETY = Group("safety", "Safety")
REPORTS = Group("reports", "Reports")
ADVANCED = Group("advanced", "Advanced")

GROUPS = (CONNECTION, WRITTEN, SAFETY, REPORTS, ADVANCED)
