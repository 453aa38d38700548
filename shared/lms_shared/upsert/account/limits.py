"""Says when so much was rejected that a sync must not go on, or must not count as done."""

from __future__ import annotations

from lms_shared.upsert.account.counters import Counters
from lms_shared.upsert.routing.settings import SyncConfig

FEW = 10
"""Fewer records than these say nothing about a mapping."""
_SEE = "See the rejects file or the log for reasons and remedies."


def past_limits(counters: Counters, config: SyncConfig) -> str | None:
    """Why the rejects so far are too many, or None."""
    rejected, taken = counters.rejected_records, counters.taken_records
    if config.max_rejected is not None and rejected > config.max_rejected:
        return f"{rejected} records were rejected, more than the {config.max_rejected} that max_rejected allows. {_SEE}"
    share = config.max_rejected_share
    if share is not None and taken and rejected / taken > share:
        return (
            f"{rejected} of {taken} records were rejected, more than the share of {share} that max_rejected_share "
            f"allows. {_SEE}"
        )
    return None


def wrong_mapping(counters: Counters, config: SyncConfig) -> str | None:
    """Which stream has not one record that could be understood, or None.

    That is a wrong mapping, most likely, and would otherwise look like a sync that ended well.
    """
    if config.max_rejected_share is not None and config.max_rejected_share >= 1:
        return None
    for stream in counters.routes:
        taken, codes = counters.taken_of(stream), counters.rejects.codes(stream)
        as_input = sum(records for code, records in codes.items() if code.startswith("INPUT."))
        if taken >= FEW and as_input == taken:
            return (
                f"All {taken} records of stream '{stream}' were rejected ({', '.join(sorted(codes))}), most likely "
                f"because its mapping is wrong. Correct its entry in stream_mappings. {_SEE} If it is right so, set "
                "max_rejected_share to 1."
            )
    return None
