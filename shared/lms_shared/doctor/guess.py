"""A guess about an API, and what a look at a real account says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

ConfigValue = str | int | float | bool | None


class Finding(Enum):
    """What an account says of a guess."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold"
    COULD_NOT_TELL = "could not tell"


@dataclass(frozen=True, eq=False)
class Guess(Generic[T]):
    """Something that a connector takes to be so, although no page of the vendor says it.

    Two guesses are equal only if they are the same object, so that a guess can be a key whatever it assumes.
    """

    name: str
    """Stable name in snake_case, unique within the connector."""
    statement: str
    """One sentence that is true if the guess holds."""
    reference: str
    """Where the question is open: the page or the section of the reference."""
    effect: str
    """The setting or code path that follows from it."""
    assumed: T
    """The value that the connector works with; `True` if the statement says it all."""
    untested: str | None = None
    """Why no read can tell, such as "only a write shows it"; None if a probe looks."""


@dataclass(frozen=True)
class Observation:
    """What was seen of one guess, and what to set if it does not hold."""

    finding: Finding
    seen: str
    """One sentence without personal data: counts, types, status codes, names of fields."""
    proposal: Mapping[str, ConfigValue] = field(default_factory=dict)
    """Config keys with the values that fit this account."""


def holds(seen: str, **proposal: ConfigValue) -> Observation:
    """The guess is right. The keywords are config keys to set nevertheless, for instance a larger page."""
    return Observation(Finding.HOLDS, seen, proposal)


def does_not_hold(seen: str, **proposal: ConfigValue) -> Observation:
    """The guess is wrong. The keywords are config keys that make the connector fit."""
    return Observation(Finding.DOES_NOT_HOLD, seen, proposal)


def could_not_tell(why: str) -> Observation:
    """The account has nothing that would show it, or the answer can be read both ways."""
    return Observation(Finding.COULD_NOT_TELL, why)
