"""Random syncs: some people, groups and courses, and whatever can go wrong while they are written.

A scenario is written in its disturbed way and in a quiet one: in the order of the objects, in one batch, by one worker,
without trouble. Both must end in the same LMS, and the sync after that must find nothing to write.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies

from lms_shared.dev.testing.records import a_completion, a_course, a_group, a_member, a_user, an_assignment
from lms_shared.dev.testing.syncs import Stream, record, state, status

Message = Mapping[str, Any]
MOST = 4
"""People, groups and courses, of each."""
RENAMED = "Renamed by an admin"


@dataclass(frozen=True)
class Disturbance:
    """How a sync is written that need not be written so."""

    order: int
    """Of the messages of all streams; those of one stream keep theirs."""
    batch_size: int
    workers: int
    lost: float
    """Share of the calls without an answer."""
    kill_at: int
    """The write at which the process is killed, 0 for none; the next one goes on from its last states."""
    moment: Literal["before", "after"]
    dry_run: bool
    """Whether a dry run goes before."""


@dataclass(frozen=True)
class Scenario:
    """What two syncs write, how the first is disturbed, and whether an admin renames a course between them."""

    first: tuple[Stream, ...]
    second: tuple[Stream, ...]
    disturbances: tuple[Disturbance, Disturbance]
    renamed: str | None
    """The reference of the course."""

    @property
    def policies(self) -> list[dict[str, str]]:
        """What the second sync leaves to the admin."""
        return [{"object": "content", "field": "title", "policy": "never"}] if self.renamed else []


def interleaved(streams: Sequence[Stream], order: int, since: Mapping[str, int]) -> Iterator[Message]:
    """The records after the given states in a random order, a state after each, and each stream's end."""
    dice = random.Random(order)  # noqa: S311 - a test's dice
    waiting = {one.name: list(enumerate(one.records, 1))[since.get(one.name, 0) :] for one in streams}
    while waiting:
        name = dice.choice(sorted(waiting))
        if not waiting[name]:
            del waiting[name]
            yield status(name, "COMPLETE")
            continue
        number, data = waiting[name].pop(0)
        yield record(name, data)
        yield state(name, {"sent": number})


@strategies.composite
def disturbances(draw: strategies.DrawFn) -> Disturbance:
    return Disturbance(
        order=draw(strategies.integers(0, 10_000)),
        batch_size=draw(strategies.sampled_from([1, 2, 3, 100])),
        workers=draw(strategies.sampled_from([1, 4, 12])),
        lost=draw(strategies.sampled_from([0.0, 0.0, 0.2])),
        kill_at=draw(strategies.integers(0, 25)),
        moment=draw(strategies.sampled_from(["before", "after"])),
        dry_run=draw(strategies.booleans()),
    )


@strategies.composite
def scenarios(draw: strategies.DrawFn, objects: Collection[str]) -> Scenario:
    """Scenarios of the objects that a destination writes; the second sync repeats what the first wrote, and more."""
    people = draw(strategies.integers(1, MOST))
    first = _streams(draw, people, objects)
    second = tuple(
        Stream(early.name, [*early.records, *(one for one in late.records if one not in early.records)])
        for early, late in zip(first, _streams(draw, people, objects), strict=True)
    )
    courses = [one.records for one in first if one.name == "content"]
    references = [str(one["external_reference"]) for one in courses[0]] if courses else []
    renamed = draw(strategies.sampled_from([None, *references]))
    return Scenario(first, second, (draw(disturbances()), draw(disturbances())), renamed)


def _streams(draw: strategies.DrawFn, people: int, objects: Collection[str]) -> tuple[Stream, ...]:
    emails = [f"person{number}@example.com" for number in range(people)]
    numbers = strategies.integers(0, MOST - 1)
    pairs = strategies.lists(strategies.tuples(strategies.sampled_from(emails), numbers), unique=True, max_size=6)
    days = strategies.integers(1, 28)
    records: dict[str, list[Mapping[str, Any]]] = {
        "users": [a_user(one, name=f"Person {place}") for place, one in enumerate(emails)],
        "groups": [a_group(f"Group {number}") for number in range(MOST)],
        "content": [a_course(f"c-{number}", f"Course {number}") for number in range(MOST)],
        "group_members": [a_member(one, f"Group {number}") for one, number in draw(pairs)],
        "assignments": [an_assignment(one, f"c-{number}") for one, number in draw(pairs)],
        "completions": [
            a_completion(
                f"2026-03-{draw(days):02}T08:00:00Z",
                draw(strategies.sampled_from(["Pass", "Fail"])),
                draw(strategies.sampled_from([None, 40.0, 90.0])),
                email=one,
                course=f"c-{number}",
            )
            for one, number in draw(pairs)
        ],
    }
    return tuple(Stream(name, rows) for name, rows in records.items() if name in objects)
