"""Writes many objects of a batch in few calls, where the LMS has such calls. All else stays one by one."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lms_shared.adapter.adapter import AtOnce, EntitySink, LinkSink, LinkWrite, ObjectSink
from lms_shared.adapter.remote import RecordRejected
from lms_shared.http.outcome import CallFailed
from lms_shared.model.declarations import CREATING
from lms_shared.upsert.item import Foreseen, Ready, subject
from lms_shared.upsert.plan.plan import Action, Decision

logger = logging.getLogger("airbyte")


@dataclass(frozen=True)
class Begun:
    """What a call for many has done for an item, perhaps."""

    decision: Decision
    refusal: RecordRejected | None = None
    """Why the LMS does not take it."""


AllBegun = Mapping[int, Begun]
"""What was begun in bulk, by the `id` of its item."""
Foresee = Callable[[Iterable[Ready]], Iterator[Foreseen | None]]
"""None for an item of which nothing can be said."""

_LINKING = frozenset({Action.CREATE, Action.UPDATE, Action.DEACTIVATE})


def begin_in_bulk(sink: ObjectSink, ready: Sequence[Ready], foresee: Foresee, at_once: AtOnce) -> AllBegun:
    """Creates what is new among the items, and of links changes what differs, if there is enough of it.

    Each item is written in the usual way afterwards: that verifies it, and mends what the bulk call left undone.
    """
    if sink.bulk_from is None:
        return {}
    try:
        if isinstance(sink, EntitySink):
            return _create(sink, ready, foresee)
        assert isinstance(sink, LinkSink)
        return _link(sink, ready, foresee, at_once)
    except (RecordRejected, CallFailed) as error:
        logger.info("Some %s are written one by one, because %s.", sink.declaration.name, error.code)
        return {}


def _create(sink: EntitySink, ready: Sequence[Ready], foresee: Foresee) -> AllBegun:
    creating = [one for one in ready if one.item.mode in CREATING]
    begun = _foreseen(sink, creating, foresee, frozenset({Action.CREATE}))
    if begun:
        sink.create_many([seen.decision.new_values for _, seen in begun])
    return {id(one.item): Begun(seen.decision) for one, seen in begun}


def _link(sink: LinkSink, ready: Sequence[Ready], foresee: Foresee, at_once: AtOnce) -> AllBegun:
    # Of several records of one link each depends on the one before it.
    subjects = [subject(sink.declaration, one) for one in ready]
    records = Counter(subjects)
    alone = [one for one, about in zip(ready, subjects, strict=True) if records[about] == 1]
    begun = _foreseen(sink, alone, foresee, _LINKING)
    if not begun:
        return {}
    writes = [LinkWrite(one.references, seen.decision.new_values, seen.remote) for one, seen in begun]
    ends = sink.write_many(writes, at_once)
    return {id(one.item): Begun(seen.decision, ends[n]) for n, (one, seen) in enumerate(begun) if n in ends}


def _foreseen(
    sink: ObjectSink, ready: Sequence[Ready], foresee: Foresee, actions: frozenset[Action]
) -> list[tuple[Ready, Foreseen]]:
    """The items that a call for many is for, and nothing where they are too few."""
    assert sink.bulk_from is not None
    if len(ready) < sink.bulk_from:
        return []
    seen = zip(ready, foresee(ready), strict=True)
    found = [(one, what) for one, what in seen if what is not None and what.decision.action in actions]
    return found if len(found) >= sink.bulk_from else []
