"""Batches of version 2: what becomes of each row, also where the batch is refused as a whole or its answer is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.outcome import CallFailed, UnknownOutcome
from lms_shared.privacy import mask_emails
from lms_shared.skilljar_v2.api import MAX_BATCH, BatchRefused
from lms_shared.skilljar_v2.documents import MAX_REASON, BatchRow

T = TypeVar("T")
Ended = BatchRow | RecordRejected | UnknownOutcome | CallFailed
"""A row that was carried out, one that is refused, or one of which nobody knows."""

ALREADY_ENROLLED = "already_enrolled"
OWN_FAILURES = frozenset({"internal_error", "duplicate_in_batch"})
"""Codes of rows that say nothing against the record."""
_ROW_BY_ROW = frozenset({400, 413, 422})
"""Skilljar API version 2, errors: a body that does not fit refuses the whole batch, because of one row perhaps."""
_REMEDIES = {
    "not_in_domain": "Make the learner a member of the domain, and write the record again.",
    "not_found": "Look whether the learner and the enrollment are still there, and write the record again.",
    ALREADY_ENROLLED: "Look at the learner's enrollments in Skilljar; none of them is shown to this client.",
}
_REMEDY = "Correct what the reason names, in the source or in Skilljar, and write the record again."


def chunks(things: Sequence[T]) -> list[Sequence[T]]:
    """Things by the hundred."""
    return [things[first : first + MAX_BATCH] for first in range(0, len(things), MAX_BATCH)]


def carried_out(send: Callable[[Sequence[T]], list[BatchRow]], things: Sequence[T]) -> list[Ended]:
    """Sends a batch, and says what became of each of its rows. One that is refused as a whole is halved until the
    guilty row stands alone."""
    try:
        return [_ended(one) for one in send(things)]
    except BatchRefused as refused:
        if refused.status in _ROW_BY_ROW and len(things) > 1:
            middle = len(things) // 2
            return [*carried_out(send, things[:middle]), *carried_out(send, things[middle:])]
        return [_rejected(str(refused.status), refused.reason)] * len(things)
    except (UnknownOutcome, CallFailed) as failure:
        return [failure] * len(things)


def refused_row(row: BatchRow) -> RecordRejected:
    """The reject of a row's record."""
    return _rejected(row.code, f"{row.code}: {row.detail}" if row.detail else row.code)


def _ended(row: BatchRow) -> Ended:
    if not row.failed or row.code == ALREADY_ENROLLED:
        return row
    if row.code in OWN_FAILURES:
        return UnknownOutcome(f"a row of a batch failed with {row.code}", code=row.code, refusal=refused_row(row))
    return refused_row(row)


def _rejected(code: str, reason: str) -> RecordRejected:
    said = mask_emails(reason)[:MAX_REASON]
    return RecordRejected(f"REMOTE.{code.upper()}", f"Skilljar refuses it: {said}", _REMEDIES.get(code, _REMEDY))
