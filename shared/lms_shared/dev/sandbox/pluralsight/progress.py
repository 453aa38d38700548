"""The rows of `courseProgress`: computed when asked for, so that a million of them cost a few megabytes.

Row number `i` belongs to a pair of user and course that follows from `i`; only its change stamp is kept for every
row, and whatever was changed after the start.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import gcd
from typing import Any, Protocol

from lms_shared.dev.sandbox.pluralsight.dice import HISTORY, LAST_LOAD, from_millis, instant, mix, to_millis
from lms_shared.dev.sandbox.pluralsight.options import RowOrder

Row = dict[str, Any]

_DAY = 86_400_000
_FIRST_LOAD = to_millis(LAST_LOAD - HISTORY)
_DAYS = HISTORY.days
_CLIP_SECONDS = 240
UNDATED = -1
"""The change stamp of a row that says no date."""


class Catalogue(Protocol):
    """What a progress row is joined with; lists that may grow."""

    @property
    def users(self) -> Sequence[Row]: ...

    @property
    def courses(self) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """State of one learner in one course; times in milliseconds since 1970."""

    user: int
    course: int
    percent: float
    updated: int
    completed: int | None
    first_viewed: int | None
    last_viewed: int | None


@dataclass(frozen=True, slots=True)
class ProgressFilter:
    """What `filter` asks for. Bounds are milliseconds; `start_inclusive` is a switch of the sandbox."""

    users: frozenset[int] | None = None
    courses: frozenset[int] | None = None
    start: int | None = None
    start_inclusive: bool = True
    end: int | None = None
    end_inclusive: bool = True
    end_by_completion: bool = False
    completed: bool | None = None
    order: RowOrder = RowOrder.ASCENDING


class ProgressTable:
    """All progress rows. Raises ValueError when there are fewer pairs of user and course than rows."""

    def __init__(self, seed: int, count: int, catalogue: Catalogue) -> None:
        self._seed = seed
        self._catalogue = catalogue
        self._user_count = len(catalogue.users)
        self._course_count = len(catalogue.courses)
        if count > self._user_count * self._course_count:
            raise ValueError(
                f"{count} progress rows need more than {self._user_count} users with {self._course_count} courses"
            )
        self._stride = _coprime_stride(self._course_count)
        self._generated = count
        self._updated = array("q", (self._load_of(number) for number in range(count)))
        self._changed: dict[int, ProgressFacts] = {}
        self._order: array[int] | None = None
        self._selected: tuple[ProgressFilter, Sequence[int]] | None = None

    def __len__(self) -> int:
        return len(self._updated)

    def ascending(self) -> array[int]:
        """Row numbers in the order of `updatedOn`."""
        if self._order is None:
            self._order = array("q", sorted(range(len(self._updated)), key=self._updated.__getitem__))
        return self._order

    def select(self, wanted: ProgressFilter) -> Sequence[int]:
        """Row numbers that fit, in the order asked for. The last answer is kept for the pages that follow."""
        if self._selected is None or self._selected[0] != wanted:
            self._selected = wanted, self._select(wanted)
        return self._selected[1]

    def _select(self, wanted: ProgressFilter) -> Sequence[int]:
        order = self.ascending()
        low, high = 0, len(order)
        if wanted.start is not None:
            bisect = bisect_left if wanted.start_inclusive else bisect_right
            low = bisect(order, wanted.start, key=self._updated.__getitem__)
        if wanted.end is not None and not wanted.end_by_completion:
            bisect = bisect_right if wanted.end_inclusive else bisect_left
            high = bisect(order, wanted.end, key=self._updated.__getitem__)
        if wanted.start is None and wanted.end is not None:
            low = bisect_left(order, 0, key=self._updated.__getitem__)  # rows without a date fit no filter of dates
        numbers: Sequence[int] = order[low:high]
        if (
            any(part is not None for part in (wanted.users, wanted.courses, wanted.completed))
            or wanted.end_by_completion
        ):
            numbers = [number for number in numbers if _fits(self.facts(number), wanted)]
        match wanted.order:
            case RowOrder.DESCENDING:
                return numbers[::-1]
            case RowOrder.SHUFFLED:
                return sorted(numbers, key=lambda number: mix(self._seed, number))
            case _:
                return numbers

    def facts(self, number: int) -> ProgressFacts:
        """The state of one row."""
        changed = self._changed.get(number)
        return self._generate(number) if changed is None else changed

    def set(self, number: int, facts: ProgressFacts) -> None:
        """Change a row."""
        self._changed[number] = facts
        self._updated[number] = facts.updated
        self._order = self._selected = None

    def add(self, facts: ProgressFacts) -> int:
        """Add a row; returns its number."""
        self._changed[len(self._updated)] = facts
        self._updated.append(facts.updated)
        self._order = self._selected = None
        return len(self._updated) - 1

    def stamp_newest(self, count: int, updated: int) -> None:
        """Gives the newest rows another change stamp, UNDATED or one that no clock has reached."""
        for number in list(self.ascending()[len(self) - count :]):
            self.set(number, replace(self.facts(number), updated=updated))

    def find(self, user: int, course: int) -> int | None:
        """Number of the row of a pair, or None. Walks through the table."""
        return next((n for n in range(len(self)) if (f := self.facts(n)).user == user and f.course == course), None)

    def advance(self, number: int, percent: float, at: int) -> None:
        """Move a learner on to `percent`; a completion keeps its date."""
        facts = self.facts(number)
        completed = facts.completed
        if percent >= 100 and completed is None:
            completed = at
        first = at if facts.first_viewed is None else facts.first_viewed
        self.set(
            number,
            replace(facts, percent=percent, updated=at, completed=completed, first_viewed=first, last_viewed=at),
        )

    def row(self, number: int) -> Row:
        """One row as the API gives it."""
        facts = self.facts(number)
        user, course = self._catalogue.users[facts.user], self._catalogue.courses[facts.course]
        seconds = course["courseSeconds"]
        watched = round(seconds * facts.percent / 100, 3)
        return {
            "psUserId": user["psUserId"],
            "userId": user["id"],
            "user": user,
            "courseId": course["id"],
            "courseIdNum": course["idNum"],
            "course": course,
            "percentComplete": facts.percent,
            "isCourseCompleted": facts.completed is not None,
            "completedOn": _text(facts.completed),
            "courseSeconds": seconds,
            "totalWatchedSeconds": watched,
            "totalClipsWatched": int(watched / _CLIP_SECONDS),
            "firstViewedClipOn": _text(facts.first_viewed),
            "lastViewedClipOn": _text(facts.last_viewed),
            "planId": user["planId"],
            "updatedOn": None if facts.updated == UNDATED else _text(facts.updated),
        }

    def rows(self, numbers: Iterable[int]) -> list[Row]:
        """Rows as the API gives them."""
        return [self.row(number) for number in numbers]

    def _load_of(self, number: int) -> int:
        """The nightly load that brought a row, in three steps a night, so that many rows share a stamp."""
        day = number * _DAYS // max(self._generated, 1) + 1
        return _FIRST_LOAD + day * _DAY + mix(self._seed, number) % 3 * 60_000

    def _generate(self, number: int) -> ProgressFacts:
        user = number % self._user_count
        course = (user * 7 + number // self._user_count * self._stride) % self._course_count
        bits = mix(self._seed, number)
        updated = self._updated[number]
        last_viewed = updated - 7_200_000 - bits % 50_000_000
        fate, bits = bits % 10, bits // 10
        if fate < 4:
            return ProgressFacts(
                user, course, 100.0, updated, last_viewed, last_viewed - bits % (30 * _DAY), last_viewed
            )
        if fate == 4:
            return ProgressFacts(user, course, 0.0, updated, None, None, None)
        percent = round((bits % 990_000 + 1000) / 10_000, 4)
        return ProgressFacts(user, course, percent, updated, None, last_viewed - bits % (30 * _DAY), last_viewed)


def _fits(facts: ProgressFacts, wanted: ProgressFilter) -> bool:
    return (
        (wanted.users is None or facts.user in wanted.users)
        and (wanted.courses is None or facts.course in wanted.courses)
        and (wanted.completed is None or (facts.completed is not None) is wanted.completed)
        and (not wanted.end_by_completion or wanted.end is None or (facts.completed or 0) <= wanted.end)
    )


def _text(millis: int | None) -> str | None:
    return None if millis is None else instant(from_millis(millis))


def _coprime_stride(count: int) -> int:
    """A step that visits every course once before it comes back to the first."""
    stride = max(1, count * 5 // 13)
    while gcd(stride, count) != 1:
        stride += 1
    return stride
