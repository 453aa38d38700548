"""From input objects to attributes of records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lms_shared.dev.sandbox.pluvo.errors import ApiError
from lms_shared.dev.sandbox.pluvo.options import PluvoOptions

# Never null (`String!`, `[Role]` of a user who has to have one, enums).
_NEVER_NULL = frozenset({"name", "title", "roles", "language", "is_active", "archived", "type", "start_date"})
_NAMES = frozenset({"name", "title", "subtitle", "email"})


@lru_cache(maxsize=256)
def snake_case(name: str) -> str:
    """`startDate` as `start_date`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def attributes(
    fields: Mapping[str, Any],
    options: PluvoOptions,
    *,
    creating: bool = False,
    nullable: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Attributes and values of an input object, those that it lacks left out (sparse updates, inferred).

    A null in the creation of an object is as good as nothing; in an update it clears, where `null_clears` says so.
    `nullable` are attributes that may be null here although others of that name may not. Raises ApiError on a null
    or blank text where the object needs a value.
    """
    changes: dict[str, Any] = {}
    for field, given in fields.items():
        name, value = snake_case(field), given
        if isinstance(value, str) and name in _NAMES and options.trim_names:
            value = value.strip()
        if isinstance(value, list):
            value = tuple(value)
        if value is None and (creating or name == "ref" or not options.null_clears):
            continue
        if name in _NEVER_NULL - nullable and (value is None or value in {"", ()}):
            raise ApiError(f"{field} must not be empty")
        if name == "ref" and options.max_ref_length is not None and len(value) > options.max_ref_length:
            raise ApiError(f"ref must not have more than {options.max_ref_length} characters")
        changes[name] = value
    if changes.get("ref") is not None:
        changes["ref_was_given"] = True
    return changes
