"""Which of two completions of the same learner and content is kept.

The rule of the unified model: `Pass` over `Fail`, then the earliest `completed_at`, then the highest score. A
completion without a result stands between the two; where it has the time of the other one, both are the same
completion, and what one of them does not say the other one says. A time that cannot be true (1970, 9999) is worse
than any other. So that any two that differ have a better one, a percentage goes before an equal raw value, and then
the longer `time_spent` before the shorter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lms_shared.model.fields import Kind
from lms_shared.model.normal_forms import equal
from lms_shared.model.scalars import duration_seconds, is_plausible, parse_instant

_RESULT_RANK = {"Pass": 2, None: 1, "Fail": 0}
_LATEST = datetime.max.replace(tzinfo=UTC)


def score_number(score: Any) -> float | None:
    """The number of a unified `score`: its percentage, else its raw value."""
    if not isinstance(score, Mapping):
        return None
    value = score.get("percentage")
    if value is None:
        value = score.get("raw_value")
    return None if value is None else float(value)


def is_better(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the first completion takes the place of the second; equal ones do not."""
    if _is_same(one, other) and one.get("result") is not None:
        return True
    return _rank(joined(one, other)) > _rank(other)


def is_later(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the first completion takes the place of the second where results are renewed, as those of assessments:
    the later one counts, be it better or not; of one moment the better one."""
    moment, before = _moment(one), _moment(other)
    if moment is None or before is None:
        return moment is not None
    return moment > before or (moment == before and is_better(one, other))


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first completion, with what the second one says of the same fact: its result, and the better score."""
    if not _is_same(one, other):
        return one
    fuller = max((one, other), key=_measure)
    measured = {name: fuller[name] for name in ("score", "time_spent") if fuller.get(name) is not None}
    return {**one, **measured, "result": one.get("result") or other.get("result")}


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are one completion, of which one of them does not say the result."""
    if (one.get("result") is None) is (other.get("result") is None):
        return False
    return equal(Kind.INSTANT, one.get("completed_at"), other.get("completed_at"))


def _moment(completion: Mapping[str, Any]) -> datetime | None:
    """The second of a completion; None for a time that cannot be true."""
    moment = parse_instant(completion.get("completed_at"))
    return None if moment is None or not is_plausible(moment) else moment.replace(microsecond=0)


def _rank(completion: Mapping[str, Any]) -> tuple[float, ...]:
    moment = _moment(completion)
    if moment is None:
        return (-1.0,)
    whole_second = (moment - _LATEST).total_seconds()
    return (_RESULT_RANK[completion.get("result")], -whole_second, *_measure(completion))


def _measure(completion: Mapping[str, Any]) -> tuple[float, ...]:
    score = completion.get("score")
    number = score_number(score)
    of_hundred = isinstance(score, Mapping) and score.get("percentage") is not None
    time_spent = duration_seconds(completion.get("time_spent") or "")
    return (-math.inf if number is None else number, of_hundred, -1.0 if time_spent is None else time_spent)
