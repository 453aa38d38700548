"""What each query, mutation and computed field does, one module for each part of the API."""

from __future__ import annotations

from collections.abc import Mapping

from lms_shared.dev.sandbox.pluvo.rules import (
    categories,
    certificates,
    enrollments,
    events,
    groups,
    memberships,
    offers,
    participants,
    portfolio,
    trainings,
    user_lists,
    users,
)
from lms_shared.dev.sandbox.pluvo.rules.signatures import FieldRule, RootRule

_PARTS = (
    users,
    user_lists,
    groups,
    memberships,
    trainings,
    participants,
    offers,
    events,
    enrollments,
    portfolio,
    certificates,
    categories,
)

ROOT_RULES: Mapping[str, RootRule] = {name: rule for part in _PARTS for name, rule in part.ROOT_RULES.items()}
"""By the name of the query or mutation."""
FIELD_RULES: Mapping[str, FieldRule] = {name: rule for part in _PARTS for name, rule in part.FIELD_RULES.items()}
"""By coordinate, as in `User.participantGroups`: the fields that are no attribute of the record."""
