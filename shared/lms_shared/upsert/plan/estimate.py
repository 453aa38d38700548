"""What a sync costs: the calls that writing takes, and how long they last at the configured share of the quota."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

from lms_shared.http.client import Limits
from lms_shared.model.declarations import WriteCalls
from lms_shared.upsert.plan.plan import Action


def calls_to_write(calls: WriteCalls, counts: Mapping[Action, int], writes_per_call: int = 1) -> int:
    """About how many calls the planned actions of an object take, where a call can carry several writes."""
    created = counts.get(Action.CREATE, 0)
    in_bulk = calls.many > 1 and created >= calls.many_from
    writes = math.ceil(created / calls.many) if in_bulk else created * calls.create
    changes = counts.get(Action.UPDATE, 0) + counts.get(Action.DEACTIVATE, 0)
    writes += math.ceil(changes / calls.many_updates) * calls.update
    writes += counts.get(Action.DELETE, 0) * calls.delete
    return math.ceil(writes / writes_per_call)


def time_at_quota(calls: int, limits: Limits) -> timedelta | None:
    """About how long calls last; None without any limit.

    Each hour has its share and no more, however soon it is used up; within it the calls go out at the minute's rate.
    """
    if not limits.per_minute and not limits.per_hour:
        return None
    hours, rest = divmod(max(0, calls - 1), limits.per_hour) if limits.per_hour else (0, calls)
    return timedelta(hours=hours, minutes=rest / limits.per_minute if limits.per_minute else 0)
