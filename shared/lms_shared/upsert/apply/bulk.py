"""Makes many new objects of a batch in few calls, where the LMS has such a call. All else stays one by one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

from lms_shared.adapter.adapter import EntitySink, ObjectSink
from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import CREATING
from lms_shared.upsert.item import Item
from lms_shared.upsert.plan.plan import Action, Decision

logger = logging.getLogger("airbyte")

Begun = dict[int, Decision]
"""Creations that were begun in bulk, by the `id` of their item."""


def create_in_bulk(
    sink: ObjectSink, items: Iterable[Item], foresee: Callable[[Iterable[Item]], Iterator[Decision | None]]
) -> Begun:
    """Creates what is new among the items, if there is enough of it, and gives what was begun.

    Each item is written in the usual way afterwards: that verifies it, and mends what the bulk call left undone.
    """
    if not isinstance(sink, EntitySink) or sink.bulk_from is None:
        return {}
    creating = [item for item in items if item.mode in CREATING]
    if len(creating) < sink.bulk_from:
        return {}
    decisions = zip(creating, foresee(creating), strict=True)
    begun = {id(item): one for item, one in decisions if one is not None and one.action is Action.CREATE}
    if len(begun) < sink.bulk_from:
        return {}
    try:
        sink.create_many([one.new_values for one in begun.values()])
    except (RecordRejected, CallFailed) as error:
        logger.info("%d %s are made one by one, because %s.", len(begun), sink.declaration.name, error.code)
        return {}
    return begun
