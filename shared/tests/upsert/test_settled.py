"""What a sync remembers of what it has written: of a million learners their ids, and no more."""

from __future__ import annotations

import tracemalloc

import pytest

from lms_shared.adapter.remote import PLANNED_ID, RemoteObject
from lms_shared.dev.testing.memory_destination import MemoryDestination
from lms_shared.upsert.match.settled import SettledObjects

LEARNERS = 5_000
MOST_BYTES = 450
"""Of one learner: id, reference, and their places in a table."""


@pytest.mark.parametrize("dry_run", [False, True])
def test_of_a_learner_nothing_is_remembered_but_the_id(dry_run: bool) -> None:
    sinks = MemoryDestination(user_references=False).adapter({"api_key": "k"}).sinks
    sinks["users"].linked_by_id = True  # type: ignore[attr-defined]
    declaration = sinks["users"].declaration
    settled = SettledObjects(sinks, sinks, remember_all=dry_run)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(LEARNERS):
            values = {"external_reference": f"employee-{number}", "name": "x" * 400}
            fields = {**values, "email": None, "about": f"{number}" * 200}
            identity = PLANNED_ID if dry_run else f"user-{number}"
            settled.note(declaration, values, RemoteObject(identity, fields, parts={"row": fields}))
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    found = settled.get(("users", "external_reference", "employee-7"))
    assert found is not None
    assert (found.id, found.planned) == (PLANNED_ID if dry_run else "user-7", dry_run)
    assert held / LEARNERS < MOST_BYTES, held / LEARNERS
