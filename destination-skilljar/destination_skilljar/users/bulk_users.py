"""New learners by the thousand: one call that is carried out in the background, and how to see when it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import sleep

from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_exponential

from destination_skilljar.api import SkilljarApi
from lms_shared.adapter.adapter import Values

MOST_AT_ONCE = 1000
"""Skilljar API, bulk-create of domain users: 1,000 rows a call, answered 202, without a result and without a status."""
BULK_FROM = 50
"""New learners from which on the call, and looking for what came of it, is cheaper than a call for each."""
FIRST_WAIT, LONGEST_WAIT, LOOKS = 0.3, 20.0, 12
"""Seconds until the first look for the last learner of a call, doubled from look to look, and how many there are: two
minutes in all."""

_FIELDS = ("email", "first_name", "last_name", "active")


def bulk_create(api: SkilljarApi, members: str, many: Sequence[Values], is_there: Callable[[str], bool]) -> None:
    """Makes learners of a domain, and waits until the last of each call is there, or has taken too long.

    The call is get-or-create by e-mail address like that for a single learner (inferred), so repeating it is safe.

    Raises RecordRejected where Skilljar refuses all because of one.
    """
    users = [{name: one[name] for name in _FIELDS if name in one} for one in many]
    for first in range(0, len(users), MOST_AT_ONCE):
        some = users[first : first + MOST_AT_ONCE]
        # Skilljar API, what differs: not every organization has the call; without it they are made one by one.
        api.post(f"{members}/bulk-create", {"users": some}, repeatable=True, optional=True, answered=False)
        _wait_for(is_there, some[-1]["email"])


def _wait_for(is_there: Callable[[str], bool], email: str) -> None:
    looking = Retrying(
        retry=retry_if_result(lambda there: not there),
        stop=stop_after_attempt(LOOKS),
        wait=wait_exponential(multiplier=FIRST_WAIT * 2, max=LONGEST_WAIT),
    )
    # At once there is never anything to see.
    sleep(FIRST_WAIT)
    try:
        looking(is_there, email)
    except RetryError:
        return  # whoever is missing is made one by one
