"""Runs the probes of a doctor and gives one reading for each guess."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from lms_shared.doctor.guess import Guess, Observation, could_not_tell
from lms_shared.doctor.session import BudgetSpent, NoAnswer, ReadingSession

logger = logging.getLogger("airbyte")

Observations = Mapping[Guess[Any], Observation]


class HasSession(Protocol):
    """What a connector's account offers to the framework; the probes know the rest of it."""

    @property
    def session(self) -> ReadingSession: ...


A = TypeVar("A", bound=HasSession)


@dataclass(frozen=True)
class Probe(Generic[A]):
    """A look at the account that answers one or more guesses."""

    guesses: tuple[Guess[Any], ...]
    look: Callable[[A], Observations]
    """Gives a reading for each of the guesses; those that it leaves out could not be told."""


@dataclass(frozen=True)
class Doctor(Generic[A]):
    """What a connector declares to be examined."""

    connector: str
    """Name of the connector, such as `source-skilljar`."""
    connect: Callable[[Mapping[str, Any]], A]
    """Opens the account of a config and makes sure that it answers.

    Raises AccessRefused, or the connector's own config error, with a sentence that says what to change.
    """
    probes: tuple[Probe[A], ...]
    """In the order of their worth: the last ones go without if the calls are used up."""
    guesses: tuple[Guess[Any], ...]
    """All that the connector guesses, in the order of the report."""

    def __post_init__(self) -> None:
        names = [guess.name for guess in self.guesses]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise ValueError(f"Two guesses have the same name: {', '.join(sorted(doubled))}.")
        probed = [guess for probe in self.probes for guess in probe.guesses]
        wrong = [
            guess.name for guess in self.guesses if (probed.count(guess)) != (1 if guess.untested is None else 0)
        ] + [guess.name for guess in probed if guess not in self.guesses]
        if wrong:
            raise ValueError(
                "Each guess needs exactly one probe, or a reason why no read can tell it, and must be listed in "
                f"guesses: {', '.join(sorted(set(wrong)))}."
            )


def examine(doctor: Doctor[A], account: A) -> Observations:
    """Lets each probe look; a reading for every guess of the doctor, in its order.

    What a probe cannot find out is COULD_NOT_TELL: an answer that did not come, one of a shape that the probe does not
    know, calls that are used up.
    """
    readings: dict[Guess[Any], Observation] = {}
    for probe in doctor.probes:
        readings |= _look(probe, account)
    return {
        guess: could_not_tell(guess.untested) if guess.untested is not None else readings[guess]
        for guess in doctor.guesses
    }


def _look(probe: Probe[A], account: A) -> Observations:
    missing = could_not_tell("The answers do not show it.")
    try:
        seen = probe.look(account)
    except BudgetSpent as spent:
        missing, seen = could_not_tell(str(spent)), {}
    except NoAnswer as trouble:
        missing, seen = could_not_tell(f"{trouble} Run the doctor again later."), {}
    except (LookupError, TypeError, ValueError, AttributeError) as surprise:
        # An account of which nothing is known yet may answer in any shape. The text of the error may quote the answer,
        # so only its kind is said.
        logger.debug("%s does not know the shape of the answer: %s", probe.look.__name__, type(surprise).__name__)
        missing = could_not_tell(f"The answer has a shape that the probe does not know ({type(surprise).__name__}).")
        seen = {}
    return {guess: seen.get(guess, missing) for guess in probe.guesses}
