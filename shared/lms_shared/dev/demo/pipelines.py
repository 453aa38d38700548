"""The main job as data: which source goes into which destination, with which settings, and what may be rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNLIMITED = 1_000_000
"""Calls per minute and hour against a pretend LMS, which has no quota unless it is given one."""

Rejects = Mapping[tuple[str, str], str]
"""Why records of a stream may be rejected with a code."""


@dataclass(frozen=True)
class Pipeline:
    """One connection of the main job."""

    source: str
    destination: str
    source_config: Mapping[str, Any] = field(default_factory=dict)
    destination_config: Mapping[str, Any] = field(default_factory=dict)
    expected_rejects: Rejects = field(default_factory=dict)

    @property
    def name(self) -> str:
        return " → ".join(vendor.capitalize() for vendor in self.vendors)

    @property
    def folder(self) -> str:
        return "-to-".join(self.vendors)

    @property
    def vendors(self) -> tuple[str, str]:
        return self.source.removeprefix("source-"), self.destination.removeprefix("destination-")


WITHOUT_EMAIL: Rejects = {
    ("users", "INPUT.MISSING"): "a learner without an e-mail address, whom neither platform can create",
    ("course_progress", "REFERENCE.NOT_FOUND"): "the progress of that learner",
}

PIPELINES = (
    Pipeline(
        "source-pluralsight",
        "destination-skilljar",
        # Old progress refers to courses that the plan may not use any more.
        source_config={"show_off_plan_content": True},
        destination_config={
            "domain_name": "academy.example.com",
            "requests_per_minute": UNLIMITED,
            "requests_per_hour": UNLIMITED,
        },
        expected_rejects=WITHOUT_EMAIL,
    ),
    Pipeline(
        "source-pluralsight",
        "destination-pluvo",
        source_config={"show_off_plan_content": True},
        destination_config={"requests_per_minute": UNLIMITED},
        expected_rejects=WITHOUT_EMAIL,
    ),
    Pipeline(
        "source-skilljar",
        "destination-pluvo",
        # Not the domain that the first pipeline writes to: its learners have come into Pluvo already.
        source_config={
            "domains": ["partners.example.com"],
            "requests_per_minute": UNLIMITED,
            "requests_per_hour": UNLIMITED,
        },
        destination_config={"requests_per_minute": UNLIMITED},
    ),
)
