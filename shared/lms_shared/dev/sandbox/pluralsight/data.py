"""Everything that the pretend Pluralsight plan holds, made up on first use, and the ways in which it may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from lms_shared.dev.sandbox.pluralsight import catalog, channels, people, skills
from lms_shared.dev.sandbox.pluralsight.dice import LAST_LOAD, instant, to_millis
from lms_shared.dev.sandbox.pluralsight.progress import ProgressFacts, ProgressTable

Row = dict[str, Any]

_LABS = 12


class PluralsightData:
    """A plan of a given size. The same seed gives the same plan.

    Methods that take no moment use the next nightly load: each call is one day later than the last.
    """

    def __init__(self, seed: int, users: int, courses: int, progress: int) -> None:
        self.seed = seed
        self.teams = people.make_teams(seed)
        self.users = [people.make_user(seed, index, self.teams) for index in range(users)]
        self.courses = [catalog.make_course(seed, index) for index in range(courses)]
        self.user_numbers = {user["psUserId"]: index for index, user in enumerate(self.users)}
        self.course_numbers = {course["id"]: index for index, course in enumerate(self.courses)}
        self.progress = ProgressTable(seed, progress, self)
        self._last_load = LAST_LOAD

    @cached_property
    def paths(self) -> list[Row]:
        """Learning paths over the courses."""
        return catalog.make_paths(self.seed, self.courses)

    @cached_property
    def labs(self) -> list[Row]:
        """Hands-on labs."""
        return catalog.make_labs(self.seed, _LABS)

    @cached_property
    def contents(self) -> list[Row]:
        """The general catalogue."""
        return catalog.make_contents(self.seed, self.courses, self.paths, self.labs)

    @cached_property
    def admins(self) -> list[Row]:
        """Plan administrators."""
        return people.make_admins(self.users)

    @cached_property
    def invites(self) -> list[Row]:
        """Invitations to the plan."""
        return people.make_invites(self.seed, self.users)

    @cached_property
    def assessments(self) -> list[Row]:
        """Skill IQ assessments, off-plan ones included."""
        return skills.make_assessments(self.seed)

    @cached_property
    def results(self) -> list[Row]:
        """Takes of the assessments."""
        return skills.make_results(self.seed, self.users, self.assessments)

    @cached_property
    def channels(self) -> list[Row]:
        """Channels."""
        return channels.make_channels(self.seed, self.users)

    @cached_property
    def channel_contents(self) -> list[Row]:
        """Items of channels."""
        return channels.make_channel_contents(self.channels, self.contents)

    @cached_property
    def channel_members(self) -> list[Row]:
        """Members of channels."""
        return channels.make_channel_members(self.channels, self.users)

    @cached_property
    def channel_progress(self) -> list[Row]:
        """Progress of members of channels."""
        return channels.make_channel_progress(self.channel_members, self.channel_contents)

    def add_user(self, **fields: Any) -> Row:
        """Add a user; fields that are not given are made up. Returns the row."""
        row = people.make_user(self.seed, len(self.users), self.teams) | fields
        self.user_numbers[row["psUserId"]] = len(self.users)
        self.users.append(row)
        return row

    def add_course(self, **fields: Any) -> Row:
        """Add a course, published and on the plan; fields that are not given are made up. Returns the row."""
        published = {"name": catalog.PUBLISHED, "reason": None, "replacementCourseId": None}
        made_up = catalog.make_course(self.seed, len(self.courses))
        row = made_up | {"courseStatus": published, "isOnPlan": True} | fields
        self.course_numbers[row["id"]] = len(self.courses)
        self.courses.append(row)
        self._forget_contents()
        return row

    def retire_course(self, course_id: str, replacement_id: str | None = None) -> None:
        """Turn a course's status to retired. Raises KeyError when there is no such course."""
        row = self.courses[self.course_numbers[course_id]]
        row["courseStatus"] = {"name": catalog.RETIRED, "reason": "Outdated", "replacementCourseId": replacement_id}
        self._forget_contents()

    def remove_user(self, ps_user_id: str, at: datetime | None = None) -> None:
        """End a user's licence; the row stays. Raises KeyError when there is no such user."""
        moment = at or self._next_load()
        self.users[self.user_numbers[ps_user_id]] |= {"isOnAccount": False, "removedOn": instant(moment)}

    def touch_progress(self, count: int, at: datetime | None = None) -> Sequence[int]:
        """Move the learners of the `count` longest untouched rows on by a quarter. Returns the row numbers."""
        numbers = list(self.progress.ascending()[:count])
        self.touch_rows(numbers, at)
        return numbers

    def touch_rows(self, numbers: Sequence[int], at: datetime | None = None) -> None:
        """Move the learners of some progress rows on by a quarter."""
        moment = to_millis(at or self._next_load())
        for number in numbers:
            self.progress.advance(number, min(100.0, self.progress.facts(number).percent + 25), moment)

    def set_progress(self, ps_user_id: str, course_id: str, percent: float, at: datetime | None = None) -> int:
        """Set how far a learner has come in a course, adding the row if need be. Returns the row number.

        Raises KeyError when there is no such user or course.
        """
        moment = to_millis(at or self._next_load())
        user, course = self.user_numbers[ps_user_id], self.course_numbers[course_id]
        number = self.progress.find(user, course)
        if number is None:
            number = self.progress.add(ProgressFacts(user, course, 0.0, moment, None, None, None))
        self.progress.advance(number, percent, moment)
        return number

    def complete(self, ps_user_id: str, course_id: str, at: datetime | None = None) -> int:
        """Let a learner complete a course. Returns the row number."""
        return self.set_progress(ps_user_id, course_id, 100.0, at)

    def _next_load(self) -> datetime:
        self._last_load += timedelta(days=1)
        return self._last_load

    def _forget_contents(self) -> None:
        for name in ("paths", "contents"):
            self.__dict__.pop(name, None)
