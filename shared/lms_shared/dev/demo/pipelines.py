"""The main job as data: which source goes into which destination, with which streams and preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lms_shared.dev.demo.chain import Stream

UNLIMITED = 1_000_000
"""Calls per minute and hour against a pretend LMS, which has no quota unless it is given one."""


@dataclass(frozen=True)
class Pipeline:
    """One connection of the main job."""

    source: str
    destination: str
    preset: str
    streams: tuple[Stream, ...]
    source_config: Mapping[str, Any] = field(default_factory=dict)
    destination_config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.source} → {self.destination}"

    @property
    def vendors(self) -> tuple[str, str]:
        return self.source.removeprefix("source-"), self.destination.removeprefix("destination-")

    @property
    def mappings(self) -> list[dict[str, str]]:
        return [{"stream": one.name, "preset": self.preset} for one in self.streams]


_PLURALSIGHT_STREAMS = (
    Stream("course_catalog"),
    Stream("content_catalog"),
    Stream("users"),
    Stream("course_progress", "incremental"),
)

PIPELINES = (
    Pipeline(
        "source-pluralsight",
        "destination-skilljar",
        "pluralsight",
        _PLURALSIGHT_STREAMS,
        # Old progress refers to courses that the plan may not use any more.
        source_config={"show_off_plan_content": True},
        destination_config={
            "domain_name": "academy.example.com",
            "requests_per_minute": UNLIMITED,
            "requests_per_hour": UNLIMITED,
        },
    ),
    Pipeline(
        "source-pluralsight",
        "destination-pluvo",
        "pluralsight",
        _PLURALSIGHT_STREAMS,
        source_config={"show_off_plan_content": True},
        destination_config={"requests_per_minute": UNLIMITED},
    ),
    Pipeline(
        "source-skilljar",
        "destination-pluvo",
        "skilljar",
        (Stream("published_courses"), Stream("domain_users"), Stream("user_course_progress", "incremental")),
        # Not the domain that the first pipeline writes to: its learners have come into Pluvo already.
        source_config={
            "domains": ["partners.example.com"],
            "requests_per_minute": UNLIMITED,
            "requests_per_hour": UNLIMITED,
        },
        destination_config={"requests_per_minute": UNLIMITED},
    ),
)
