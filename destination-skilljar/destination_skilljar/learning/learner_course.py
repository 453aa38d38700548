"""A learner in a published course, whichever list told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LearnerCourse:
    """A learner in a published course."""

    learner: str
    publication: str
    enrolled_at: str | None
    enrollment: str | None
    """The latest enrollment."""
    active_enrollments: frozenset[str]
    progress: Mapping[str, Any] = field(default_factory=dict)
    due_at: str | None = None
    """Version 2 alone knows it."""

    @property
    def active(self) -> bool:
        return bool(self.active_enrollments)
